#pragma once

#include <cstdint>

#include "napi/node_api.h"
#include "order/timeline.h"
#include "stream/encoding_stream.h"

namespace tracesmith {

// Sets a property that is a number. Counts stay far below 2^53.
void Set(Napi::Object& object, const char* name, uint64_t count);

// The counts of a trace and the bytes of its output, as JavaScript gets them.
Napi::Object CountsOf(Napi::Env env, const TimelineCounts& counts, uint64_t bytes);

// The error of a stream that failed, as JavaScript gets it: code IO with the system's code as systemCode,
// INVALID_ARGUMENT for a bad batch, or INTERNAL.
Napi::Error ErrorOf(Napi::Env env, const StreamFailure& failure);

}  // namespace tracesmith
