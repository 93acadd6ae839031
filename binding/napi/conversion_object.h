#pragma once

#include <memory>

#include "../convert/conversion.h"
#include "node_api.h"

namespace tracesmith {

// Conversion as JavaScript sees it, lib/native.ts says how: run() works on a thread of the libuv pool.
class ConversionObject : public Napi::ObjectWrap<ConversionObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit ConversionObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value Run(const Napi::CallbackInfo& info);
  Napi::Value Progress(const Napi::CallbackInfo& info);
  void Cancel(const Napi::CallbackInfo& info);

  std::shared_ptr<Conversion> conversion_;  // may outlive this when the environment is torn down
  bool is_running_ = false;
};

}  // namespace tracesmith
