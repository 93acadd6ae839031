#include "order/whole_timeline.h"

#include "order/pairing.h"

namespace tracesmith {

void WholeTimeline::Order() {
  order_.Sort(table_.events());
  const PairingCounts paired = PairOpensWithCloses(table_, order_.indices());
  counts_.unclosed = paired.unclosed;
  counts_.unmatched = paired.unmatched;
  if (order_.has_ties()) OrderTies();
  arrows_ = ConnectFlows(table_, order_.indices());
  counts_.flows = arrows_.drawn;
  counts_.undrawn_flows = arrows_.undrawn;
  if (counts_.unclosed != 0) FindLastOfTracks();
}

// Of two events of one time a slice begins before anything else happens, the longer one first: a parent must be open
// when its child begins.
void WholeTimeline::OrderTies() {
  const PodVector<Event>& events = table_.events();
  const auto comes_first = [&events](uint32_t a, uint32_t b) {
    const bool a_is_slice = events[a].is_slice();
    if (a_is_slice != events[b].is_slice()) return a_is_slice;
    return a_is_slice && events[a].length > events[b].length;
  };
  std::vector<uint32_t>& order = order_.indices();
  for (size_t begin = 0; begin < order.size();) {
    begin = OrderTie(events, order.data(), order.size(), begin, comes_first);
  }
}

void WholeTimeline::FindLastOfTracks() {
  last_of_track_.assign(table_.tracks().size(), 0);
  const std::vector<uint32_t>& order = order_.indices();
  for (uint32_t position = 0; position < order.size(); ++position) {
    const Event& event = table_.events()[order[position]];
    if (event.kind == RowKind::kSlice || event.kind == RowKind::kInstant) last_of_track_[event.track] = position;
  }
}

// Tells the lanes when the slices at these positions will end.
void WholeTimeline::ExpectEnds(size_t begin, size_t end) {
  for (size_t position = begin; position < end; ++position) {
    const Event& event = table_.events()[order_.indices()[position]];
    if (table_.EndsOnLane(event)) lanes_.ExpectEnd(event.end());
  }
  lanes_.SortEnds();
}

}  // namespace tracesmith
