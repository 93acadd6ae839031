#include "convert/row_batch.h"

namespace tracesmith {

void RowBatch::Arguments(const uint8_t* begin, const uint8_t* end) {
  ArgCursor cursor(begin, end);
  CompactArg arg;
  while (cursor.Next(&arg)) {
    const bool has_key = arg.key.id != 0 || arg.key.text.data() != nullptr;
    const uint32_t key = has_key ? Text(arg.key) : 0;
    switch (arg.type) {
      case AttrType::kText:
      case AttrType::kJson:
        Attribute(key, arg.type, Text(arg.text));
        break;
      case AttrType::kDict:
      case AttrType::kArray:
      case AttrType::kEnd:
        Attribute(key, arg.type, 0);
        break;
      default:
        Attribute(key, arg.type, arg.value);
    }
  }
}

uint32_t RowBatch::KnownText(std::string_view text) {
  const uint32_t known = known_->IdOf(text);
  if (known == 0) return 0;
  if (known > known_ids_.size()) known_ids_.push_back(NewText(text));
  return known_ids_[known - 1];
}

uint32_t RowBatch::NewText(std::string_view text) {
  if (!text.empty()) std::memcpy(text_bytes_.Extend(text.size()), text.data(), text.size());
  text_end_.Add(static_cast<uint32_t>(text_bytes_.size()));
  id_bytes_ += text.size();
  return ++last_id_;
}

BatchView RowBatch::View() const {
  BatchView view;
  view.rows = kind_.size();
  view.attrs = attr_head_.size();
  view.texts = text_end_.size();
  view.text_byte_count = text_bytes_.size();
  view.generation = generation_;
  view.kind = kind_.begin();
  view.channel = channel_.begin();
  view.flags = flags_.begin();
  view.track = track_.begin();
  view.name = name_.begin();
  view.category = category_.begin();
  view.attr_end = attr_end_.begin();
  view.time = time_.begin();
  view.extent = extent_.begin();
  view.attr_head = attr_head_.begin();
  view.attr_value = attr_value_.begin();
  view.text_bytes = text_bytes_.begin();
  view.text_end = text_end_.begin();
  return view;
}

void RowBatch::Clear() {
  for (PodVector<uint8_t>* column : {&kind_, &channel_, &flags_, &text_bytes_}) column->Truncate(0);
  for (PodVector<uint32_t>* column : {&track_, &name_, &category_, &attr_end_, &attr_head_, &text_end_}) column->Truncate(0);
  for (PodVector<uint64_t>* column : {&time_, &extent_, &attr_value_}) column->Truncate(0);
  if (last_id_ < kMaxIds && id_bytes_ < kMaxIdBytes) return;
  ++generation_;
  last_id_ = 0;
  id_bytes_ = 0;
  ids_.clear();
  known_ = std::make_unique<TextPool>();
  known_ids_.clear();
}

}  // namespace tracesmith
