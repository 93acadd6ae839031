// All that JavaScript can call.
#include "napi/arguments.h"
#include "napi/conversion_object.h"
#include "napi/node_api.h"
#include "napi/trim_object.h"
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
                             InstanceValue("Trim", TrimObject::Define(env)),
                         });
    DefineClocks(env, exports);
  }

 private:
  // readBoottime() and readRealtime() write a clock's time into clockCell, a BigUint64Array. A span reads the clock twice,
  // and arguments and results take longer than the clock itself. None of this is there where JavaScript has no
  // SharedArrayBuffer.
  void DefineClocks(Napi::Env env, Napi::Object exports) {
    const Napi::Value shared = env.Global().Get("SharedArrayBuffer");
    const Napi::Value integers = env.Global().Get("BigUint64Array");
    if (!shared.IsFunction() || !integers.IsFunction()) return;
    const Napi::Object memory = shared.As<Napi::Function>().New({Napi::Number::New(env, sizeof(uint64_t))});
    // JavaScript can take the memory of an ArrayBuffer away, and cell_ would point to none.
    if (memory.IsArrayBuffer()) return;
    const Napi::Object cell = integers.As<Napi::Function>().New({memory});
    cell_ = const_cast<uint64_t*>(RequireColumn<uint64_t>(cell, "clockCell", napi_biguint64_array, 1));
    cell_owner_ = Napi::Persistent(cell);
    exports.Set("clockCell", cell);
    DefineClock<1>(exports, "readBoottime");
    DefineClock<3>(exports, "readRealtime");
  }

  template <size_t number>
  void DefineClock(Napi::Object exports, const char* name) {
    napi_value function = nullptr;
    // Not an InstanceMethod, which would look up its instance in each call.
    napi_create_function(exports.Env(), name, NAPI_AUTO_LENGTH, ReadClockNow<number>, cell_, &function);
    if (function != nullptr) exports.Set(name, function);
  }

  template <size_t number>
  static napi_value ReadClockNow(napi_env env, napi_callback_info info) {
    void* data = nullptr;
    if (napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data) != napi_ok) return nullptr;
    *static_cast<uint64_t*>(data) = ReadClock(number);
    return nullptr;
  }

  // Is neither moved nor taken away as long as its owner is held.
  uint64_t* cell_ = nullptr;
  Napi::ObjectReference cell_owner_;
};

}  // namespace tracesmith

using tracesmith::TraceSmithAddon;
NODE_API_ADDON(TraceSmithAddon)
