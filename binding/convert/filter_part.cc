#include "convert/filter_part.h"

namespace tracesmith {
namespace {

using Kind = PlannedEvent::Kind;

Kind KindOf(const LinkedEvent& event) {
  if (event.is_slice) return Kind::kSlice;
  return event.head.kind == RecordKind::kCounter ? Kind::kCounter : Kind::kInstant;
}

}  // namespace

const PlannedEvent& EventPlanner::Of(const LinkedEvent& event) {
  planned_.kind = KindOf(event);
  planned_.is_accepted = Accepts(event);
  // A thread's number is below any hash of an async track.
  planned_.track = event.head.kind == RecordKind::kAsyncBegin ? event.head.key : event.head.owner;
  planned_.begin = static_cast<int64_t>(event.time);
  planned_.end = event.has_end ? static_cast<int64_t>(event.end) : PlannedEvent::kNoEnd;
  planned_.arrows.clear();
  for (const LinkRecord& arrow : event.arrows) planned_.arrows.push_back(arrow.flow_id - kFirstArrow - 1);
  return planned_;
}

bool EventPlanner::AcceptsOwner(const LinkedEvent& event) const {
  if (!event.has_owner()) return part_.accepts_ownerless;
  const std::vector<uint8_t>& accepted = event.head.has_process_owner() ? part_.processes : part_.threads;
  return accepted.empty() || accepted[event.head.owner] != 0;
}

bool EventPlanner::Accepts(const LinkedEvent& event) const {
  if (!AcceptsOwner(event)) return false;
  const TextCriteria& texts = part_.texts;
  if (event.head.kind == RecordKind::kCounter || (texts.names.empty() && texts.categories.empty())) return true;
  const EventView view(event.record, 0);
  if (!texts.names.empty() && !texts.AcceptsName(view.head.has_name() ? texts_.NumberOf(view.name) : 0)) return false;
  if (texts.categories.empty()) return true;
  return texts.AcceptsCategories(view.head.has_category() ? texts.categories[texts_.NumberOf(view.category)] : 0);
}

}  // namespace tracesmith
