// All that JavaScript can call.
#include <perfetto.h>

#include "napi/encoder_object.h"
#include "napi/node_api.h"

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
                             InstanceValue("Encoder", EncoderObject::Define(env)),
                         });
  }
};

}  // namespace tracesmith

using tracesmith::TraceSmithAddon;
NODE_API_ADDON(TraceSmithAddon)
