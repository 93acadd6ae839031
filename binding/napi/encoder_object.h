#pragma once

#include <memory>

#include "../encoder/trace_encoder.h"
#include "node_api.h"

namespace tracesmith {

// `Encoder` in JavaScript:
//   new Encoder(rows = 0)  with the number of rows to come, where that is known
//   append(batch)          copies the columns of an EventBatch
//   encode()               encodes on this thread; gives the counts
//   encodeAsync()          encodes on a worker thread; a promise of the counts
//   byteLength             of the encoded trace
//   read(offset, target)   copies into a Uint8Array; gives the number of bytes
//   release()              frees the trace now instead of at some garbage collection
// Appending comes first, then one encode, then reading, then releasing; another order is an error.
class EncoderObject : public Napi::ObjectWrap<EncoderObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit EncoderObject(const Napi::CallbackInfo& info);

 private:
  enum class State { kAppending, kEncoding, kEncoded, kReleased };
  friend class EncodeWorker;

  void Append(const Napi::CallbackInfo& info);
  Napi::Value Encode(const Napi::CallbackInfo& info);
  Napi::Value EncodeAsync(const Napi::CallbackInfo& info);
  Napi::Value ByteLength(const Napi::CallbackInfo& info);
  Napi::Value Read(const Napi::CallbackInfo& info);
  void Release(const Napi::CallbackInfo& info);
  void RequireState(Napi::Env env, State state, const char* action) const;

  // Shared with the worker, which may outlive this object when the environment is torn down.
  std::shared_ptr<TraceEncoder> encoder_ = std::make_shared<TraceEncoder>();
  State state_ = State::kAppending;
};

}  // namespace tracesmith
