#include "convert/linked_records.h"

#include <algorithm>
#include <cstring>

#include "base/limits.h"

namespace tracesmith {

LinkedRecords::LinkedRecords(RecordSorter& records, RecordSorter& links, uint64_t origin, bool leaves_out_zero)
    : records_(records), links_(links), origin_(origin), leaves_out_zero_(leaves_out_zero) {
  records_.Rewind();
  links_.Rewind();
  has_link_ = links_.Next(&link_);
}

bool LinkedRecords::Next(LinkedEvent* event) {
  Record& record = event->record;
  while (records_.Next(&record)) {
    if (leaves_out_zero_ && record.key.time == SortTimeOf(0)) continue;
    EventRecord& head = event->head;
    std::memcpy(&head, record.data, sizeof(head));
    event->is_slice = false;
    event->has_end = false;
    event->has_end_link = false;
    event->arrows.clear();
    switch (head.kind) {
      case RecordKind::kComplete:
      case RecordKind::kBegin:
      case RecordKind::kAsyncBegin:
        event->is_slice = event->is_numbered = true;
        break;
      case RecordKind::kAsyncInstant:
        event->is_numbered = true;
        break;
      case RecordKind::kInstant:
      case RecordKind::kProcessInstant:
      case RecordKind::kGlobalInstant:
      case RecordKind::kCounter:
        event->is_numbered = false;
        break;
      default:
        continue;  // the links have its meaning
    }
    event->time = std::min(record.key.time - origin_, kMaxInt64);
    if (head.kind == RecordKind::kComplete && head.duration != kNoDuration) {
      event->has_end = true;
      event->end = event->time + std::min(head.duration, kMaxInt64 - event->time);
    }
    if (event->is_numbered) ReadLinks(event);
    return true;
  }
  return false;
}

void LinkedRecords::ReadLinks(LinkedEvent* event) {
  const uint64_t number = next_number_++;
  for (; has_link_ && link_.key.time == number; has_link_ = links_.Next(&link_)) {
    LinkRecord link;
    std::memcpy(&link, link_.data, sizeof(link));
    if (link.kind == LinkRecord::Kind::kFlow) {
      event->arrows.push_back(link);
    } else {
      event->has_end = event->has_end_link = true;
      event->end = event->time + link.length;
      event->end_args.assign(link_.data + sizeof(link), link_.data + link_.size);
    }
  }
}

}  // namespace tracesmith
