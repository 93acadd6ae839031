#pragma once

#include "../encoder/timeline.h"
#include "node_api.h"

namespace tracesmith {

// The counts of a whole trace, or those of a stream.
Napi::Object CountsOfWhole(Napi::Env env, const TimelineCounts& counts);
Napi::Object CountsOfStream(Napi::Env env, const TimelineCounts& counts, uint64_t bytes);

}  // namespace tracesmith
