#pragma once

#include <cstdint>

#include "order/timeline.h"
#include "napi/node_api.h"

namespace tracesmith {

// A property that is a number. Counts stay far below 2^53.
void Set(Napi::Object& object, const char* name, uint64_t count);

// The counts of a whole trace, or those of a stream.
Napi::Object CountsOfWhole(Napi::Env env, const TimelineCounts& counts);
Napi::Object CountsOfStream(Napi::Env env, const TimelineCounts& counts, uint64_t bytes);

}  // namespace tracesmith
