#pragma once

#include <memory>
#include <optional>

#include "stream/encoding_stream.h"
#include "napi/node_api.h"
#include "napi/tagged_wrap.h"

namespace tracesmith {

// `Encoder` in JavaScript, for a whole trace:
//   new Encoder(rows = 0, room = 0)  with the number of rows to come, where that is known, and the bytes that
//                          the trace will about have, where bytes() will be called
//   append(batch)          copies the columns of an EventBatch; other threads take them over meanwhile
//   encode()               encodes, waiting for it; gives the counts
//   encodeAsync()          encodes without blocking this thread; a promise of the counts
//   byteLength             of the encoded trace
//   read(offset, target)   copies into a Uint8Array; gives the number of bytes
//   bytes()                all of it as one Uint8Array, once, whose buffer may be larger
//   release()              frees the trace now instead of at some garbage collection
// Appending comes first, then one encode, then reading, then releasing; another order is an error. A
// batch whose content is bad makes encode() or a later append() throw.
class EncoderObject : public TaggedWrap<EncoderObject> {
 public:
  static constexpr napi_type_tag kTypeTag = {0xe0f08b31df214522, 0x8247ea9d5f2d963f};

  static Napi::Function Define(Napi::Env env);
  explicit EncoderObject(const Napi::CallbackInfo& info);

  // A worker came back.
  void Worked();

 private:
  enum class State { kAppending, kEncoding, kEncoded, kReleased };

  void Append(const Napi::CallbackInfo& info);
  Napi::Value Encode(const Napi::CallbackInfo& info);
  Napi::Value EncodeAsync(const Napi::CallbackInfo& info);
  Napi::Value ByteLength(const Napi::CallbackInfo& info);
  Napi::Value Read(const Napi::CallbackInfo& info);
  Napi::Value Bytes(const Napi::CallbackInfo& info);
  void Release(const Napi::CallbackInfo& info);
  void RequireState(Napi::Env env, State state, const char* action) const;
  void ThrowFailure(Napi::Env env) const;

  std::shared_ptr<EncodingStream> stream_ = std::make_shared<EncodingStream>();
  Napi::Reference<Napi::ArrayBuffer> target_;  // nobody else has it while it is written to
  State state_ = State::kAppending;
  std::optional<Napi::Promise::Deferred> encoding_;
};

}  // namespace tracesmith
