#include "filter/event_plan.h"

#include <algorithm>
#include <utility>

namespace tracesmith {
namespace {

// As in the lanes of a trace that is written.
constexpr size_t kMaxOpenSlices = 500;

}  // namespace

void EventPlan::Needs::Include(int64_t begin, int64_t end) {
  from = is_set ? std::min(from, begin) : begin;
  to = is_set ? std::max(to, end) : end;
  is_set = true;
}

bool EventPlan::IsInside(const PlannedEvent& event) const {
  if (windows_ == nullptr) return true;
  return event.kind == PlannedEvent::Kind::kSlice ? windows_->Touches(event.begin, event.end) : windows_->Has(event.begin);
}

void EventPlan::Look(const PlannedEvent& event) {
  if (event.arrows.empty()) return;
  if (event.begin != current_) {
    current_ = event.begin;
    for (const uint64_t arrow : current_arrows_) arrows_[arrow] &= static_cast<uint8_t>(~kIsNow);
    current_arrows_.clear();
  }
  const bool is_inside = IsInside(event);
  for (const uint64_t arrow : event.arrows) {
    uint8_t& state = arrows_[arrow];
    if (is_inside) state |= kIsInside;
    if ((state & kIsMet) != 0) {
      if (is_inside && (state & kIsNow) == 0) state |= kLeadsInside;
    } else {
      state |= kIsMet | kIsNow;
      current_arrows_.push_back(arrow);
    }
  }
}

// Whether an arrow leads from the event into the windows or, if arrows are followed, comes from there.
bool EventPlan::IsReached(const PlannedEvent& event) {
  bool is_reached = false;
  for (const uint64_t arrow : event.arrows) {
    uint8_t& state = arrows_[arrow];
    // The first reading has met both ends.
    const bool is_first = (state & kIsMet) != 0;
    state &= static_cast<uint8_t>(~kIsMet);
    is_reached |= options_.follows_arrows ? (state & kIsInside) != 0 : is_first && (state & kLeadsInside) != 0;
  }
  return is_reached;
}

void EventPlan::Add(const PlannedEvent& event) {
  const size_t index = decisions_.size();
  decisions_.push_back(kDrop);
  const bool is_reached = IsReached(event);
  if (event.kind == PlannedEvent::Kind::kSlice) {
    if (!waiting_.empty() && waiting_[0].event.begin != event.begin) OpenWaiting();
    waiting_.push_back({index, event, is_reached});
    return;
  }
  const bool stays = event.is_accepted && (is_reached || IsInside(event));
  if (stays) Keep(index, kKeep, event.arrows);
  if (event.kind == PlannedEvent::Kind::kInstant) {
    ++(stays ? counts_.instants : counts_.dropped_instants);
  } else {
    ++(stays ? counts_.counters : counts_.dropped_counters);
  }
}

void EventPlan::Finish() {
  OpenWaiting();
  for (auto& [track, lanes] : tracks_) {
    for (Lane& lane : lanes) {
      while (!lane.empty()) CloseInnermost(&lane);
    }
  }
  tracks_ = {};
  for (const uint8_t state : arrows_) {
    if ((state & kStays) == kStays) ++counts_.arrows;
    if ((state & kStays) == kOneStays) ++counts_.cut_arrows;
  }
}

void EventPlan::OpenWaiting() {
  std::stable_sort(waiting_.begin(), waiting_.end(), [](const Slice& a, const Slice& b) { return a.event.end > b.event.end; });
  for (Slice& slice : waiting_) Open(std::move(slice));
  waiting_.clear();
}

void EventPlan::Open(Slice slice) {
  std::vector<Lane>& lanes = tracks_[slice.event.track];
  for (Lane& lane : lanes) {
    while (!lane.empty() && lane.back().event.end <= slice.event.begin) CloseInnermost(&lane);
    if (!lane.empty() && (lane.back().event.end < slice.event.end || lane.size() >= kMaxOpenSlices)) continue;
    slice.depth = static_cast<uint32_t>(lane.size());
    lane.push_back(std::move(slice));
    return;
  }
  lanes.emplace_back().push_back(std::move(slice));
}

void EventPlan::CloseInnermost(Lane* lane) {
  Slice slice = std::move(lane->back());
  lane->pop_back();
  Decide(&slice, lane->empty() ? nullptr : &lane->back());
}

void EventPlan::Decide(Slice* slice, Slice* parent) {
  const PlannedEvent& event = slice->event;
  const bool has_end = event.end != PlannedEvent::kNoEnd;
  const bool is_inside = IsInside(event);
  bool is_whole = false;
  if (windows_ != nullptr) {
    // Without a part in the windows it stays whole: because of its arrows, or because it lies around what stays for them.
    is_whole = slice->is_reached || (!is_inside && slice->needs.is_set);
    if (is_whole) slice->needs.Include(event.begin, has_end ? event.end : event.begin);
    if (slice->needs.is_set && parent != nullptr) parent->needs.Include(slice->needs.from, slice->needs.to);
  }
  const bool is_long = !has_end || event.end - event.begin >= options_.min_duration;
  if (!event.is_accepted || !is_long || slice->depth >= options_.max_depth || !(is_inside || is_whole)) {
    ++counts_.dropped_slices;
    return;
  }
  const uint8_t decision = windows_ == nullptr || is_whole ? static_cast<uint8_t>(kKeep) : Cut(*slice);
  ++counts_.slices;
  if (decision != kKeep) ++counts_.cut;
  Keep(slice->index, decision, event.arrows);
}

uint8_t EventPlan::Cut(const Slice& slice) {
  const PlannedEvent& event = slice.event;
  const Needs& needs = slice.needs;
  uint8_t decision = kKeep;
  int64_t from = windows_->CutBegin(event.begin);
  if (needs.is_set && needs.from < from) begins_[slice.index] = from = needs.from;
  if (from != event.begin) decision |= kCutBegin;
  if (event.end == PlannedEvent::kNoEnd) return decision;
  int64_t to = windows_->CutEnd(event.end);
  if (needs.is_set && needs.to > to) ends_[slice.index] = to = needs.to;
  return to == event.end ? decision : static_cast<uint8_t>(decision | kCutEnd);
}

void EventPlan::Keep(size_t index, uint8_t decision, const std::vector<uint64_t>& arrows) {
  decisions_[index] = decision;
  end_ = std::max(end_, index + 1);
  for (const uint64_t arrow : arrows) {
    uint8_t& state = arrows_[arrow];
    state |= (state & kOneStays) == 0 ? kOneStays : kStays;
  }
}

int64_t EventPlan::BeginOf(size_t index, int64_t begin) const {
  if ((decisions_[index] & kCutBegin) == 0) return begin;
  const auto found = begins_.find(index);
  return found != begins_.end() ? found->second : windows_->CutBegin(begin);
}

int64_t EventPlan::EndOf(size_t index, int64_t end) const {
  if ((decisions_[index] & kCutEnd) == 0) return end;
  const auto found = ends_.find(index);
  return found != ends_.end() ? found->second : windows_->CutEnd(end);
}

}  // namespace tracesmith
