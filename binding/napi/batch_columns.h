#pragma once

#include "batch/batch_view.h"
#include "napi/node_api.h"

namespace tracesmith {

// The columns of an EventBatch where they lie, checked for type and length but not for what they hold.
// Good until JavaScript runs again, which could detach them.
BatchView ViewOf(const Napi::Object& batch);

}  // namespace tracesmith
