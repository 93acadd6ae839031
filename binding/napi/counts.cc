#include "napi/counts.h"

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

}  // namespace tracesmith
