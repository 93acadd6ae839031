#include "convert/trace_builder.h"

#include <cstring>

namespace tracesmith {

bool TraceBuilder::Flush() {
  if (batch_.rows() == 0) return true;
  const bool goes_on = take_(batch_.View());
  batch_.Clear();
  return goes_on;
}

void TraceBuilder::AddMetadata(const uint8_t* begin, const uint8_t* end) {
  batch_.BeginRow(RowKind::kMetadata, 0, 0, 0, 0, 0);
  batch_.Arguments(begin, end);
}

uint32_t TraceBuilder::NameOf(const Record& record, const EventRecord& event) {
  if (!event.has_name()) return 0;
  const auto* text = reinterpret_cast<const char*>(record.data + sizeof(EventRecord));
  return batch_.Text({event.name, std::string_view(text, event.name_size)});
}

uint32_t TraceBuilder::CategoryOf(const Record& record, const EventRecord& event) {
  if (!event.has_category()) return 0;
  const auto* text = reinterpret_cast<const char*>(record.data + sizeof(EventRecord) + event.name_size);
  return batch_.Text({event.category, std::string_view(text, event.category_size)});
}

uint32_t TraceBuilder::TrackOf(const EventRecord& event, uint32_t name) {
  switch (event.kind) {
    case RecordKind::kAsyncBegin:
    case RecordKind::kAsyncInstant:
    case RecordKind::kAsyncEnd:
      return tracks_.Async(event.key, event.is_of_process() ? event.thread : TrackMaker::kNone, name);
    case RecordKind::kProcessInstant:
      return tracks_.OfProcess(event.thread);
    case RecordKind::kGlobalInstant:
      return tracks_.Global();
    case RecordKind::kCounter:
      return tracks_.Counter(event.key, event.thread, name);
    default:
      return tracks_.OfThread(event.thread);
  }
}

bool TraceBuilder::Add(const Record& record) {
  const EventRecord event = HeadOf(record);
  switch (event.kind) {
    case RecordKind::kComplete:
    case RecordKind::kBegin:
    case RecordKind::kAsyncBegin:
      AddSlice(record, event);
      break;
    case RecordKind::kAsyncInstant:
      AddInstant(record, event);
      AddLinks();
      break;
    case RecordKind::kInstant:
    case RecordKind::kProcessInstant:
    case RecordKind::kGlobalInstant:
      AddInstant(record, event);
      break;
    case RecordKind::kCounter: {
      double value;
      std::memcpy(&value, &event.duration, sizeof(value));
      batch_.BeginRow(RowKind::kCounter, 0, TrackOf(event, NameOf(record, event)), 0, 0, record.key.time);
      batch_.SetValue(value);
      break;
    }
    default:
      return true;  // what it means is in the links
  }
  return !batch_.IsFull() || Flush();
}

void TraceBuilder::AddInstant(const Record& record, const EventRecord& event) {
  const uint32_t name = NameOf(record, event);
  const uint32_t track = TrackOf(event, name);
  batch_.BeginRow(RowKind::kInstant, 0, track, name, CategoryOf(record, event), record.key.time);
  batch_.Arguments(ArgsOf(record, event), record.data + record.size);
}

void TraceBuilder::AddSlice(const Record& record, const EventRecord& event) {
  const uint32_t name = NameOf(record, event);
  const uint32_t track = TrackOf(event, name);
  batch_.BeginRow(RowKind::kSlice, 0, track, name, CategoryOf(record, event), record.key.time);
  if (event.kind == RecordKind::kComplete) batch_.SetLength(event.duration);
  batch_.Arguments(ArgsOf(record, event), record.data + record.size);
  AddLinks();
}

// Of the row that was begun last.
void TraceBuilder::AddLinks() {
  const uint64_t number = next_slice_++;
  while (has_links_) {
    if (!has_link_) has_link_ = has_links_ = links_.Next(&link_);
    if (!has_link_ || link_.key.time != number) return;
    has_link_ = false;
    LinkRecord link;
    std::memcpy(&link, link_.data, sizeof(link));
    if (link.kind == LinkRecord::Kind::kFlow) {
      batch_.Attribute(0, link.flow_type, link.value);
    } else {
      batch_.SetLength(link.value);
      batch_.Arguments(link_.data + sizeof(link), link_.data + link_.size);
    }
  }
}

}  // namespace tracesmith
