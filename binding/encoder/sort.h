#pragma once

#include <cstdint>
#include <vector>

#include "event_store.h"

namespace tracesmith {

struct TimeOrder {
  std::vector<uint32_t> indices;  // of events, sorted stably by time
  uint64_t first_time = 0;
  bool has_ties = false;  // events of equal time, or perhaps so
};

// Orders the first `count` events.
TimeOrder OrderByTime(const PodVector<Event>& events, size_t count);

}  // namespace tracesmith
