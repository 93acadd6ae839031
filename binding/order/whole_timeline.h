#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/inline.h"
#include "order/event_table.h"
#include "order/flows.h"
#include "order/lanes.h"
#include "order/time_order.h"
#include "order/timeline.h"

namespace tracesmith {

// The events of a whole trace come in any order, and what one becomes may depend on any other one: a close on its open,
// an arrow on its two ends, a lane on the slices before. WholeTimeline pairs, connects and sorts all of them, then visits
// them in the order in which they are written (timeline.h).
//
// A trace that comes in the order of time, without pairs and flows, need not wait until all of it is there: VisitSorted
// visits one range of its events after the other, with the same result.
//
// The table belongs to the caller. One thread at a time.
class WholeTimeline {
 public:
  // The table must outlive the timeline.
  explicit WholeTimeline(EventTable& table) : table_(table), lanes_(false) {}

  // Orders all events of the table, once, and changes them: opens and closes become slices.
  void Order();
  // The time of the first event after Order(); 0 for an empty table.
  uint64_t first_time() const { return order_.first_time(); }
  // Visits all events after Order(), and the ends of all slices.
  template <typename Visitor>
  void VisitAll(Visitor& visitor);

  // Visits the events from `begin` to `end`, which must be sorted and follow those of the call before. None of them may be
  // an open, a close or an end of a flow, and no later event may have the time of the last one.
  template <typename Visitor>
  void VisitSorted(size_t begin, size_t end, Visitor& visitor);
  // Visits the ends that are left after the last VisitSorted().
  template <typename Visitor>
  void Finish(Visitor& visitor);

  const TimelineCounts& counts() const { return counts_; }

 private:
  // The ends of so many slices are sorted at once, before the slices are visited: few enough to stay in the cache.
  static constexpr size_t kEventsAtOnce = 4096;
  // Memory is asked for so many events before it is read.
  static constexpr size_t kAhead = 8;

  void OrderTies();
  void FindLastOfTracks();
  void ExpectEnds(size_t begin, size_t end);
  template <typename Visitor>
  void VisitOrdered(Visitor& visitor);
  template <typename Visitor>
  void VisitSlice(const Event& event, size_t position, Visitor& visitor);
  template <typename Visitor>
  void EndSlicesUntil(uint64_t time, Visitor& visitor);

  EventTable& table_;
  TimeOrder order_;
  std::vector<uint32_t> last_of_track_;  // position of the last slice or instant, where slices without an end need it
  Arrows arrows_;
  Lanes lanes_;
  TimelineCounts counts_;
};

template <typename Visitor>
void WholeTimeline::VisitAll(Visitor& visitor) {
  VisitOrdered(visitor);
  Finish(visitor);
}

template <typename Visitor>
void WholeTimeline::VisitSorted(size_t begin, size_t end, Visitor& visitor) {
  order_.SetSorted(table_.events(), begin, end);
  if (order_.has_ties()) OrderTies();
  VisitOrdered(visitor);
}

template <typename Visitor>
void WholeTimeline::Finish(Visitor& visitor) {
  EndSlicesUntil(kNeverEnds, visitor);
  counts_.lanes = lanes_.extra_lanes();
}

template <typename Visitor>
void WholeTimeline::VisitOrdered(Visitor& visitor) {
  const std::vector<uint32_t>& order = order_.indices();
  lanes_.AddTracks(table_.tracks().size());
  for (size_t position = 0; position < order.size(); ++position) {
    if (position % kEventsAtOnce == 0) ExpectEnds(position, std::min(position + kEventsAtOnce, order.size()));
    const uint32_t index = order[position];
    const Event& event = table_.events()[index];
    // Events that did not come in the order of time lie anywhere in memory, and so do their attributes.
    if (position + 2 * kAhead < order.size()) {
      TRACESMITH_PREFETCH(&table_.events()[order[position + 2 * kAhead]]);
      TRACESMITH_PREFETCH(table_.attrs().begin() + table_.events()[order[position + kAhead]].attr_begin);
    }
    EndSlicesUntil(event.time, visitor);
    if (event.kind == RowKind::kSlice) {
      VisitSlice(event, position, visitor);
    } else if (event.kind == RowKind::kInstant) {
      ++counts_.instants;
      visitor.Instant(event, arrows_.At(index));
    } else if (event.kind == RowKind::kCounter) {
      ++counts_.counters;
      visitor.Counter(event);
    }
  }
}

template <typename Visitor>
void WholeTimeline::VisitSlice(const Event& event, size_t position, Visitor& visitor) {
  ++counts_.slices;
  if (table_.HasNoLane(event)) return visitor.Complete(event);
  const bool others_follow = event.length == kNoEnd && last_of_track_[event.track] > position;
  const Lanes::Place lane = lanes_.Find(event.track, event.end(), others_follow);
  visitor.Begin(event, lane.number, arrows_.At(order_.indices()[position]));
  if (event.length == 0) {
    visitor.End(event.track, lane.number, event.time);
  } else if (event.length == kNeverEnds) {
    lanes_.OpenForGood(lane);
    ++counts_.unclosed;
  } else if (event.length != kNoEnd) {
    lanes_.Open(lane, event.end());
  }
}

template <typename Visitor>
void WholeTimeline::EndSlicesUntil(uint64_t time, Visitor& visitor) {
  while (lanes_.HasEndUntil(time)) {
    const Lanes::Ended ended = lanes_.PopEnd();
    visitor.End(ended.place.track, ended.place.number, ended.time);
  }
}

}  // namespace tracesmith
