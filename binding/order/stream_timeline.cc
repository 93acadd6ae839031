#include "order/stream_timeline.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "order/time_order.h"

namespace tracesmith {

bool StreamTimeline::FillWindow() {
  const PodVector<Event>& events = table_.events();
  for (; entered_ < events.size() && !IsFull(); ++entered_) {
    const Event& event = events[entered_];
    const auto index = static_cast<uint32_t>(entered_);
    if (event.kind == RowKind::kBegin) pairs_.AddBegin(index);
    if (event.kind == RowKind::kEnd) pairs_.AddEnd(index, lanes_);
    if (event.is_slice()) ++waiting_slices_;
    if (IsRow(event)) ++waiting_rows_;
  }
  return IsFull();
}

uint64_t StreamTimeline::first_time() const {
  uint64_t first = UINT64_MAX;
  for (size_t i = 0; i < entered_; ++i) first = std::min(first, table_.events()[i].time);
  return first;
}

// Brings slices that keep their places into their order, in a tie that is ordered otherwise: as if each were as long as the
// longest of those of its track that follow it.
void StreamTimeline::KeepPlaces(uint32_t* indices, size_t count) {
  const PodVector<Event>& events = table_.events();
  const auto needs_place = [&](uint32_t index) { return events[index].keeps_place && events[index].length == 0; };
  if (std::none_of(indices, indices + count, needs_place)) return;
  struct Place {
    uint32_t index;
    uint64_t length;
  };
  std::vector<Place> slices;
  uint32_t* const first = std::find_if(indices, indices + count, [&](uint32_t index) {
    return events[index].is_slice() && !events[index].is_inside;
  });
  uint32_t* const last = std::find_if(first, indices + count, [&](uint32_t index) { return !events[index].is_slice(); });
  for (const uint32_t* index = first; index != last; ++index) slices.push_back({*index, events[*index].length});
  std::sort(slices.begin(), slices.end(), [](const Place& a, const Place& b) { return a.index < b.index; });
  std::unordered_map<uint32_t, uint64_t> longest;  // by track
  for (auto slice = slices.rbegin(); slice != slices.rend(); ++slice) {
    if (!events[slice->index].keeps_place) continue;
    uint64_t& length = longest[events[slice->index].track];
    slice->length = length = std::max(length, slice->length);
  }
  std::stable_sort(slices.begin(), slices.end(), [](const Place& a, const Place& b) { return a.length > b.length; });
  std::transform(slices.begin(), slices.end(), first, [](const Place& slice) { return slice.index; });
}

// Orders the ties of the oldest events, and tells the lanes when the slices among them will end. Returns how many events
// are to be visited now, 0 when enough of them were.
size_t StreamTimeline::PrepareOldest(Until until) {
  const PodVector<Event>& events = table_.events();
  uint32_t* const indices = waiting_.indices();
  const auto is_enough = [&] {
    return until == Until::kWindowFits && waiting_slices_ <= window_ && waiting_rows_ <= kRowsPerSlice * window_;
  };
  // Of one time, open slices end first, then slices begin before anything else happens, the longer one first: a parent must
  // be open when its child begins.
  const auto rank = [](const Event& event) {
    return event.kind == RowKind::kEnd || event.is_inside ? 0 : event.is_slice() ? 1 : 2;
  };
  const auto comes_first = [&](uint32_t a, uint32_t b) {
    const int rank_of_a = rank(events[a]);
    const int rank_of_b = rank(events[b]);
    if (rank_of_a != rank_of_b) return rank_of_a < rank_of_b;
    return rank_of_a == 1 && events[a].length > events[b].length;
  };
  const size_t most = std::min(kEventsAtOnce, waiting_.size());
  size_t position = 0;
  size_t tie_end = 0;
  for (; position < most && !is_enough(); ++position) {
    if (position == tie_end) {
      tie_end = OrderTie(events, indices, waiting_.size(), position, comes_first);
      if (tie_end - position > 1) KeepPlaces(indices + position, tie_end - position);
    }
    const Event& event = events[indices[position]];
    if (event.is_slice()) --waiting_slices_;
    if (IsRow(event)) --waiting_rows_;
    if (table_.EndsOnLane(event)) lanes_.ExpectEnd(event.end());
  }
  lanes_.SortEnds();
  // The rest of a tie waits in the order of arrival: it is ordered again, with what comes meanwhile.
  if (position < tie_end) std::sort(indices + position, indices + tie_end);
  return position;
}

// Waits until two thirds of the events are written: each time moves all others.
bool StreamTimeline::DropWritten() {
  const size_t kept = entered_ - written_;
  if (written_ <= 2 * kept) return false;
  const uint32_t* const indices = waiting_.indices();
  auto first = static_cast<uint32_t>(entered_);
  for (size_t i = 0; i < waiting_.size(); ++i) first = std::min(first, indices[i]);
  const bool are_values_renumbered = table_.DropWritten(first, new_indices_);
  waiting_.Renumber(new_indices_);
  pairs_.Renumber(new_indices_);
  entered_ = sorted_ = kept;
  written_ = 0;
  return are_values_renumbered;
}

}  // namespace tracesmith
