// All that JavaScript can call.
#include "napi/arguments.h"
#include "napi/conversion_object.h"
#include "napi/node_api.h"
#include "napi/writer_object.h"
#include "base/clocks.h"

namespace perfetto::base {
// In perfetto.cc; the amalgamated header leaves the declaration out.
const char* GetVersionCode();
}  // namespace perfetto::base

namespace tracesmith {

class TraceSmithAddon : public Napi::Addon<TraceSmithAddon> {
 public:
  TraceSmithAddon(Napi::Env env, Napi::Object exports) {
    const char* version = perfetto::base::GetVersionCode();
    DefineAddon(exports, {
                             // The release of the Perfetto SDK, as the SDK itself names it.
                             InstanceValue("sdkVersion", Napi::String::New(env, version == nullptr ? "" : version)),
                             InstanceValue("Writer", WriterObject::Define(env)),
                             InstanceValue("Conversion", ConversionObject::Define(env)),
                             // readClock(1 boottime, 2 monotonic, 3 realtime): ns, a bigint.
                             InstanceMethod<&TraceSmithAddon::ReadClockNow>("readClock"),
                         });
  }

 private:
  Napi::Value ReadClockNow(const Napi::CallbackInfo& info) {
    return Napi::BigInt::New(info.Env(), ReadClock(RequireCount(info[0], "clock", 3, 1)));
  }
};

}  // namespace tracesmith

using tracesmith::TraceSmithAddon;
NODE_API_ADDON(TraceSmithAddon)
