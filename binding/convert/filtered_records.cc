#include "convert/filtered_records.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tracesmith {

ArgFilter::ArgFilter(const FilterPart& part, TextPool& texts)
    : part_(part), texts_(texts), arrow_id_(texts.IdOf(part.arrow_arg)) {
  for (const std::string& name : part.unique_args) {
    const uint32_t id = texts.IdOf(name);
    if (id >= is_unique_.size()) is_unique_.resize(id + 1);
    is_unique_[id] = id != 0;
  }
}

// A key that the pool has not is compared as a text.
bool ArgFilter::Keeps(const CompactText& key, bool has_arrow) const {
  if (part_.args == ArgsKept::kNone) return false;
  if (key.id != 0) return !(key.id < is_unique_.size() && is_unique_[key.id]) && !(has_arrow && key.id == arrow_id_);
  if (has_arrow && key.text == part_.arrow_arg) return false;
  return std::find(part_.unique_args.begin(), part_.unique_args.end(), key.text) == part_.unique_args.end();
}

void ArgFilter::Copy(const uint8_t* begin, const uint8_t* end, bool has_arrow, std::vector<uint8_t>* to) {
  if (part_.args == ArgsKept::kAll) {
    to->insert(to->end(), begin, end);
    return;
  }
  ArgCursor cursor(begin, end);
  CompactArg arg;
  size_t depth = 0;
  bool stays = false;
  for (const uint8_t* at = begin; cursor.Next(&arg); at = cursor.at()) {
    if (arg.type == AttrType::kEnd) {
      --depth;
    } else if (depth == 0) {
      stays = Keeps(arg.key, has_arrow);
    }
    if (arg.type == AttrType::kDict || arg.type == AttrType::kArray) ++depth;
    if (stays) to->insert(to->end(), at, cursor.at());
  }
}

void ArgFilter::AddTrimmed(uint8_t decision, std::vector<uint8_t>* to) {
  constexpr uint8_t kBoth = EventPlan::kCutBegin | EventPlan::kCutEnd;
  const bool is_both = (decision & kBoth) == kBoth;
  ArgRecorder args(texts_);
  args.Text("trimmed", is_both ? "begin and end" : (decision & EventPlan::kCutBegin) != 0 ? "begin" : "end");
  to->insert(to->end(), args.data(), args.data() + args.size());
}

bool SkippedArgs::Fetch(const EventPlace& place) {
  if (!status_.ok()) return false;
  const auto size = static_cast<size_t>(place.size);
  block_.text.Truncate(0);
  uint8_t* text = block_.text.Extend(size + kTextPadding);
  status_ = source_.ReadAt(place.offset, text, size);
  std::memset(text + size, ' ', kTextPadding);
  block_.text.Truncate(size);
  block_.events.Truncate(0);
  block_.events.Add({0, static_cast<uint32_t>(size), true});
  return status_.ok();
}

const FilteredRecords::Changed* FilteredRecords::Next() {
  while (!has_next_ && !is_at_end_) {
    if (next_index_ == plan_.end() || !records_.Next(&event_)) {
      is_at_end_ = true;
      break;
    }
    const size_t index = next_index_++;
    const uint8_t decision = plan_.decision(index);
    if (decision == EventPlan::kDrop) continue;
    Change(index, decision);
    if ((decision & EventPlan::kCutBegin) != 0) {
      waiting_.emplace(next_.key.time, next_);
    } else {
      has_next_ = true;
    }
  }
  if (!waiting_.empty() && (!has_next_ || waiting_.begin()->first <= next_.key.time)) {
    waited_ = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    return &waited_;
  }
  if (!has_next_) return nullptr;
  has_next_ = false;
  return &next_;
}

void FilteredRecords::Change(size_t index, uint8_t decision) {
  const EventView view(event_.record, 0);
  Changed& to = next_;
  to.arrows.clear();
  for (const LinkRecord& arrow : event_.arrows) {
    if (plan_.HasArrow(arrow.flow_id - kFirstArrow - 1)) to.arrows.push_back(arrow);
  }
  const bool has_arrow = !to.arrows.empty();
  const auto time = static_cast<int64_t>(event_.time);
  const int64_t begin = plan_.BeginOf(index, time);
  EventRecord head = view.head;
  head.flags &= static_cast<uint8_t>(~kHasPlace);
  to.key = {event_.record.key.time + static_cast<uint64_t>(begin - time), event_.record.key.rank};
  to.is_numbered = event_.is_numbered;
  to.has_end_link = event_.has_end_link;
  to.end_args.clear();
  if (event_.is_slice && event_.has_end) {
    const int64_t end = plan_.EndOf(index, static_cast<int64_t>(event_.end));
    to.length = static_cast<uint64_t>(end - begin);
    if (head.kind == RecordKind::kComplete) head.duration = to.length;
    args_.Copy(event_.end_args.data(), event_.end_args.data() + event_.end_args.size(), has_arrow, &to.end_args);
  }
  std::vector<uint8_t>& bytes = to.bytes;
  bytes.resize(sizeof(head));
  std::memcpy(bytes.data(), &head, sizeof(head));
  bytes.insert(bytes.end(), event_.record.data + sizeof(head), view.args);
  const auto copy = [&](const uint8_t* args, const uint8_t* args_end) { args_.Copy(args, args_end, has_arrow, &bytes); };
  // The only argument of a counter is its value.
  if ((view.head.flags & kHasPlace) != 0) {
    EventPlace place;
    std::memcpy(&place, view.args, sizeof(place));
    if (skipped_ != nullptr) skipped_->Read(place, copy);
  } else if (head.kind == RecordKind::kCounter) {
    bytes.insert(bytes.end(), view.args, view.args_end);
  } else {
    copy(view.args, view.args_end);
  }
  if (decision != EventPlan::kKeep) args_.AddTrimmed(decision, &bytes);
}

}  // namespace tracesmith
