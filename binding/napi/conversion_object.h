#pragma once

#include <memory>

#include "convert/conversion.h"
#include "napi/node_api.h"
#include "napi/tagged_wrap.h"

namespace tracesmith {

// The JavaScript class of a Conversion, which lib/addon/load.ts declares. run() works on a thread of the libuv pool.
class ConversionObject : public TaggedWrap<ConversionObject> {
 public:
  static constexpr napi_type_tag kTypeTag = {0x5c905c4e8d6d4763, 0x895870ab1d771f81};

  static Napi::Function Define(Napi::Env env);
  explicit ConversionObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value Run(const Napi::CallbackInfo& info);
  Napi::Value Progress(const Napi::CallbackInfo& info);
  void Cancel(const Napi::CallbackInfo& info);

  std::shared_ptr<Conversion> conversion_;  // may outlive this object when the environment is torn down
  bool is_running_ = false;
};

}  // namespace tracesmith
