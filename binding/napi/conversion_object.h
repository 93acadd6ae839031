#pragma once

#include <memory>

#include "convert/conversion.h"
#include "napi/node_api.h"
#include "napi/tagged_wrap.h"

namespace tracesmith {

// The JavaScript class of a Conversion, which lib/addon/contract.ts declares. run(), lookAt() and writePart() work on a
// thread of the libuv pool, one at a time.
class ConversionObject : public TaggedWrap<ConversionObject> {
 public:
  static constexpr napi_type_tag kTypeTag = {0x5c905c4e8d6d4763, 0x895870ab1d771f81};

  static Napi::Function Define(Napi::Env env);
  explicit ConversionObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value Run(const Napi::CallbackInfo& info);
  Napi::Value LookAt(const Napi::CallbackInfo& info);
  Napi::Value TextsOf(const Napi::CallbackInfo& info);
  Napi::Value OwnersOf(const Napi::CallbackInfo& info);
  Napi::Value WritePart(const Napi::CallbackInfo& info);
  Napi::Value Progress(const Napi::CallbackInfo& info);
  void Cancel(const Napi::CallbackInfo& info);

  enum class State { kNew, kRun, kRead };
  // Throws an error unless lookAt() has ended well and nothing runs.
  void RequireRead(Napi::Env env);

  std::shared_ptr<Conversion> conversion_;  // may outlive this object when the environment is torn down
  std::shared_ptr<bool> is_running_ = std::make_shared<bool>(false);
  std::shared_ptr<State> state_ = std::make_shared<State>(State::kNew);
};

}  // namespace tracesmith
