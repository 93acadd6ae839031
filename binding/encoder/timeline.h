#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "event_store.h"
#include "flows.h"
#include "lanes.h"
#include "pairing.h"

namespace tracesmith {

struct TimelineCounts {
  uint64_t slices = 0;
  uint64_t instants = 0;
  uint64_t counters = 0;
  uint64_t flows = 0;
  uint64_t undrawn_flows = 0;
  uint64_t lanes = 0;
  uint64_t unclosed = 0;
  uint64_t unmatched = 0;
};

// The order in which a trace must be written. A timeline has no complete slices, only begins and
// ends, so their order carries the nesting: an end before a begin of the same time, the longer begin
// first, and no two slices of one lane that overlap without nesting. Timeline owns these rules;
// lib/order/ is its TypeScript twin.
class Timeline {
 public:
  // Pairs and sorts the events of the store, which must outlive the timeline.
  explicit Timeline(EventStore& store);

  // Calls, in the order of time, for each event one of
  //   visitor.Begin(const Event&, uint32_t lane, Arrows::Span)
  //   visitor.Instant(const Event&, Arrows::Span)
  //   visitor.Counter(const Event&)
  // and visitor.End(uint32_t track, uint32_t lane, uint64_t time) where a slice ends.
  template <typename Visitor>
  void Visit(Visitor& visitor);

  const TimelineCounts& counts() const { return counts_; }

  // The time of the first event, 0 where there is none.
  uint64_t first_time() const { return first_time_; }

 private:
  void OrderTies();
  void FindLastOfTracks();

  EventStore& store_;
  uint64_t first_time_ = 0;
  std::vector<uint32_t> order_;
  std::vector<uint32_t> last_of_track_;  // position in order_ of the last slice or instant; for unclosed ones
  Arrows arrows_;
  TimelineCounts counts_;
};

template <typename Visitor>
void Timeline::Visit(Visitor& visitor) {
  Lanes lanes(store_.tracks().size());
  const auto end_slices_until = [&](uint64_t time) {
    while (lanes.HasEndUntil(time)) {
      const Lanes::Ended ended = lanes.PopEnd();
      visitor.End(ended.place.track, ended.place.number, ended.time);
    }
  };
  for (size_t position = 0; position < order_.size(); ++position) {
    const uint32_t index = order_[position];
    const Event& event = store_.events()[index];
    end_slices_until(event.time);
    switch (event.kind) {
      case RowKind::kSlice: {
        ++counts_.slices;
        const bool others_follow = event.extent == kNoEnd && last_of_track_[event.track] > position;
        const Lanes::Place lane = lanes.Find(event.track, event.end(), others_follow);
        visitor.Begin(event, lane.number, arrows_.At(index));
        if (event.extent == 0) {
          visitor.End(event.track, lane.number, event.time);
        } else if (event.extent != kNoEnd) {
          lanes.Open(lane, event.end());
        }
        break;
      }
      case RowKind::kInstant:
        ++counts_.instants;
        visitor.Instant(event, arrows_.At(index));
        break;
      case RowKind::kCounter:
        ++counts_.counters;
        visitor.Counter(event);
        break;
      default:
        break;
    }
  }
  end_slices_until(UINT64_MAX);
  counts_.lanes = lanes.extra_lanes();
}

}  // namespace tracesmith
