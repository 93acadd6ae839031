#pragma once

#include <cstdint>
#include <vector>

#include "order/event_table.h"

namespace tracesmith {

// One end of an arrow at an event. Arrows are numbered from 1.
struct ArrowEnd {
  uint32_t event;
  bool arrives;
  uint64_t arrow;
};

// The arrows of a trace.
struct Arrows {
  std::vector<ArrowEnd> ends;  // by event, departures first, then by arrow
  uint64_t drawn = 0;
  uint64_t undrawn = 0;  // backwards, or with one end missing

  struct Span {
    const ArrowEnd* first;
    const ArrowEnd* last;
  };
  // The ends at one event: [first, last). Most traces have none, so that is answered first.
  Span At(uint32_t event) const {
    return ends.empty() ? Span{nullptr, nullptr} : Span{ends.data() + first_[event], ends.data() + first_[event + 1]};
  }

  // Brings the ends, which are in the order of their arrows at each event, into their order.
  void SortByEvent(size_t events);

 private:
  std::vector<uint32_t> first_;  // by event: the index of its first end; one more at the end
};

// Connects the flow attributes of events, and takes FlowPoint rows out of `order`: those bind to the
// slice that encloses them or to the next one on their track. `order` must be the order in which
// events are to be written; where an arrow leaves and arrives at one time, its departure is moved
// before its arrival. lib/order/flows.ts is the TypeScript twin.
Arrows ConnectFlows(const EventTable& table, std::vector<uint32_t>& order);

}  // namespace tracesmith
