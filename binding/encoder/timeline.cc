#include "timeline.h"

#include <utility>

#include "sort.h"

namespace tracesmith {

Timeline::Timeline(EventStore& store) : store_(store) {
  TimeOrder by_time = OrderByTime(store.events());
  order_ = std::move(by_time.indices);
  first_time_ = by_time.first_time;
  const PairingCounts paired = PairOpensWithCloses(store, order_);
  counts_.unclosed = paired.unclosed;
  counts_.unmatched = paired.unmatched;
  if (by_time.has_ties) OrderTies();
  arrows_ = ConnectFlows(store, order_);
  counts_.flows = arrows_.drawn;
  counts_.undrawn_flows = arrows_.undrawn;
  if (counts_.unclosed != 0) FindLastOfTracks();
}

// At one time slices begin before anything else happens, the longest first: a parent must be open
// when its child begins.
void Timeline::OrderTies() {
  const PodVector<Event>& events = store_.events();
  const auto comes_first = [&](uint32_t a, uint32_t b) {
    const bool a_is_slice = events[a].kind == RowKind::kSlice;
    const bool b_is_slice = events[b].kind == RowKind::kSlice;
    if (a_is_slice != b_is_slice) return a_is_slice;
    return a_is_slice && events[a].extent > events[b].extent;
  };
  for (size_t begin = 0; begin < order_.size();) {
    size_t end = begin + 1;
    while (end < order_.size() && events[order_[end]].time == events[order_[begin]].time) ++end;
    if (end - begin > 1) {
      std::stable_sort(order_.begin() + static_cast<std::ptrdiff_t>(begin),
                       order_.begin() + static_cast<std::ptrdiff_t>(end), comes_first);
    }
    begin = end;
  }
}

void Timeline::FindLastOfTracks() {
  last_of_track_.assign(store_.tracks().size(), 0);
  for (uint32_t position = 0; position < order_.size(); ++position) {
    const Event& event = store_.events()[order_[position]];
    if (event.kind == RowKind::kSlice || event.kind == RowKind::kInstant) last_of_track_[event.track] = position;
  }
}

}  // namespace tracesmith
