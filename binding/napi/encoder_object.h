#pragma once

#include <memory>

#include "../encoder/trace_encoder.h"
#include "node_api.h"

namespace tracesmith {

// `Encoder` in JavaScript:
//   append(batch)          copies the columns of an EventBatch
//   encode()               encodes on this thread; gives the counts
//   encodeAsync()          encodes on a worker thread; a promise of the counts
//   byteLength             of the encoded trace
//   read(offset, target)   copies into a Uint8Array; gives the number of bytes
// Appending comes first, then one encode, then reading; another order is an error.
class EncoderObject : public Napi::ObjectWrap<EncoderObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit EncoderObject(const Napi::CallbackInfo& info);

 private:
  enum class State { kAppending, kEncoding, kEncoded };
  friend class EncodeWorker;

  void Append(const Napi::CallbackInfo& info);
  Napi::Value Encode(const Napi::CallbackInfo& info);
  Napi::Value EncodeAsync(const Napi::CallbackInfo& info);
  Napi::Value ByteLength(const Napi::CallbackInfo& info);
  Napi::Value Read(const Napi::CallbackInfo& info);
  void RequireState(Napi::Env env, State state, const char* action) const;

  // Shared with the worker, which may outlive this object when the environment is torn down.
  std::shared_ptr<TraceEncoder> encoder_ = std::make_shared<TraceEncoder>();
  State state_ = State::kAppending;
};

}  // namespace tracesmith
