#include "counts.h"

namespace tracesmith {

void SetCount(Napi::Object& object, const char* name, uint64_t count) {
  object.Set(name, Napi::Number::New(object.Env(), static_cast<double>(count)));
}

namespace {

Napi::Object Common(Napi::Env env, const TimelineCounts& counts) {
  Napi::Object object = Napi::Object::New(env);
  SetCount(object, "slices", counts.slices);
  SetCount(object, "instants", counts.instants);
  SetCount(object, "counters", counts.counters);
  SetCount(object, "lanes", counts.lanes);
  SetCount(object, "unclosed", counts.unclosed);
  return object;
}

}  // namespace

Napi::Object CountsOfWhole(Napi::Env env, const TimelineCounts& counts) {
  Napi::Object object = Common(env, counts);
  SetCount(object, "flows", counts.flows);
  SetCount(object, "flowsUndrawn", counts.undrawn_flows);
  SetCount(object, "unmatched", counts.unmatched);
  return object;
}

Napi::Object CountsOfStream(Napi::Env env, const TimelineCounts& counts, uint64_t bytes) {
  Napi::Object object = Common(env, counts);
  SetCount(object, "lateSlices", counts.late_slices);
  SetCount(object, "bytes", bytes);
  return object;
}

}  // namespace tracesmith
