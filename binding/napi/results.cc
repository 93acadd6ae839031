#include "napi/results.h"

#include "napi/arguments.h"

namespace tracesmith {

void Set(Napi::Object& object, const char* name, uint64_t count) {
  object.Set(name, Napi::Number::New(object.Env(), static_cast<double>(count)));
}

Napi::Object CountsOf(Napi::Env env, const TimelineCounts& counts, uint64_t bytes) {
  Napi::Object object = Napi::Object::New(env);
  Set(object, "slices", counts.slices);
  Set(object, "instants", counts.instants);
  Set(object, "counters", counts.counters);
  Set(object, "flows", counts.flows);
  Set(object, "flowsUndrawn", counts.undrawn_flows);
  Set(object, "lanes", counts.lanes);
  Set(object, "unclosed", counts.unclosed);
  Set(object, "unmatched", counts.unmatched);
  Set(object, "lateSlices", counts.late_slices);
  Set(object, "bytes", bytes);
  return object;
}

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
