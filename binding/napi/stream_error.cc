#include "napi/stream_error.h"

#include "napi/arguments.h"

namespace tracesmith {

Napi::Error ErrorOf(Napi::Env env, const StreamFailure& failure) {
  switch (failure.kind) {
    case StreamFailure::Kind::kBatch:
      return CodedError(env, "INVALID_ARGUMENT", failure.message);
    case StreamFailure::Kind::kIo: {
      Napi::Error error = CodedError(env, "IO", failure.message);
      error.Set("systemCode", Napi::String::New(env, failure.system_code));
      return error;
    }
    default:
      return CodedError(env, "INTERNAL", failure.message);
  }
}

}  // namespace tracesmith
