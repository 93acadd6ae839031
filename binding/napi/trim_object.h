#pragma once

#include <memory>

#include "napi/node_api.h"
#include "napi/tagged_wrap.h"
#include "trim/trim.h"

namespace tracesmith {

// The JavaScript class of a Trim, which lib/addon/contract.ts declares. lookAt() and write() work on a thread of the
// libuv pool, one at a time.
class TrimObject : public TaggedWrap<TrimObject> {
 public:
  static constexpr napi_type_tag kTypeTag = {0x2c6d7b1f40a94e52, 0x9be1c03d7f5a8846};

  static Napi::Function Define(Napi::Env env);
  explicit TrimObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value LookAt(const Napi::CallbackInfo& info);
  Napi::Value TextsOf(const Napi::CallbackInfo& info);
  Napi::Value TracksOf(const Napi::CallbackInfo& info);
  Napi::Value Write(const Napi::CallbackInfo& info);
  Napi::Value Progress(const Napi::CallbackInfo& info);
  void Cancel(const Napi::CallbackInfo& info);
  // Refuses calls while another one runs.
  void RequireIdle(Napi::Env env);

  std::shared_ptr<trim::Trim> trim_;  // may outlive this object when the environment is torn down
  std::shared_ptr<bool> is_running_ = std::make_shared<bool>(false);
  bool has_looked_ = false;
};

}  // namespace tracesmith
