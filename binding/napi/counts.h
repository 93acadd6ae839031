#pragma once

#include <cstdint>

#include "napi/node_api.h"
#include "order/timeline.h"

namespace tracesmith {

// Sets a property that is a number. Counts stay far below 2^53.
void Set(Napi::Object& object, const char* name, uint64_t count);

// The counts of a trace and the bytes of its output, as JavaScript gets them.
Napi::Object CountsOf(Napi::Env env, const TimelineCounts& counts, uint64_t bytes);

}  // namespace tracesmith
