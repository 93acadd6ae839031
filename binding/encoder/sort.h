#pragma once

#include <cstdint>
#include <vector>

#include "event_store.h"

namespace tracesmith {

// Indices of events, sorted stably by time.
std::vector<uint32_t> OrderByTime(const PodVector<Event>& events);

}  // namespace tracesmith
