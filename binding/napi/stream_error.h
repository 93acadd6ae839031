#pragma once

#include "napi/node_api.h"
#include "stream/encoding_stream.h"

namespace tracesmith {

// The error of a stream that failed, as JavaScript gets it: code IO with the system's code as systemCode,
// INVALID_ARGUMENT for a bad batch, or INTERNAL.
Napi::Error ErrorOf(Napi::Env env, const StreamFailure& failure);

}  // namespace tracesmith
