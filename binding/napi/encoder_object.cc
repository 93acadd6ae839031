#include "napi/encoder_object.h"

#include <string>

#include "napi/arguments.h"
#include "napi/batch_view.h"
#include "napi/counts.h"
#include "napi/large_pages.h"
#include "napi/stream_worker.h"

namespace tracesmith {
namespace {

// A producer that is faster than a thread takes batches over waits here.
constexpr size_t kMostQueued = size_t{3} << 20;
constexpr size_t kMostRoom = size_t{1} << 30;

}  // namespace

Napi::Function EncoderObject::Define(Napi::Env env) {
  return DefineClass(env, "Encoder",
                     {
                         InstanceMethod<&EncoderObject::Append>("append"),
                         InstanceMethod<&EncoderObject::Encode>("encode"),
                         InstanceMethod<&EncoderObject::EncodeAsync>("encodeAsync"),
                         InstanceAccessor<&EncoderObject::ByteLength>("byteLength"),
                         InstanceMethod<&EncoderObject::Read>("read"),
                         InstanceMethod<&EncoderObject::Bytes>("bytes"),
                         InstanceMethod<&EncoderObject::Release>("release"),
                     });
}

EncoderObject::EncoderObject(const Napi::CallbackInfo& info) : TaggedWrap<EncoderObject>(info) {
  if (!info[0].IsUndefined()) stream_->encoder().Expect(RequireCount(info[0], "rows", UINT32_MAX));
  const size_t room = info[1].IsUndefined() ? 0 : RequireCount(info[1], "room", kMostRoom);
  if (room != 0) {
    Napi::ArrayBuffer target = NewBuffer(info.Env(), room);
    target_ = Napi::Persistent(target);
    stream_->encoder().WriteInto(static_cast<uint8_t*>(target.Data()), room);
  }
  Tag();
}

void EncoderObject::RequireState(Napi::Env env, State state, const char* action) const {
  if (state_ == state) return;
  const char* const names[] = {"is being filled", "is encoding", "is encoded", "is released"};
  throw CodedError(env, "INVALID_ARGUMENT",
                   std::string("cannot ") + action + ": the encoder " + names[static_cast<int>(state_)]);
}

void EncoderObject::ThrowFailure(Napi::Env env) const {
  const std::optional<StreamFailure> failure = stream_->failure();
  if (failure) throw ErrorOf(env, *failure);
}

void EncoderObject::Append(const Napi::CallbackInfo& info) {
  // First, since the properties of a batch may be getters that call any method of this.
  const BatchView batch = ViewOf(RequireObject(info[0], "batch"));
  RequireState(info.Env(), State::kAppending, "append");
  ThrowFailure(info.Env());
  if (stream_->Push(batch)) StreamWorker<EncoderObject>::Start(info.Env(), this, stream_);
  if (stream_->queued_bytes() > kMostQueued) stream_->WaitUntilBelow(kMostQueued / 2);
}

Napi::Value EncoderObject::Encode(const Napi::CallbackInfo& info) {
  RequireState(info.Env(), State::kAppending, "encode");
  state_ = State::kEncoding;
  stream_->Push(EncodingStream::Task::kFinish);
  stream_->WaitUntilIdle();
  ThrowFailure(info.Env());
  state_ = State::kEncoded;
  return CountsOfWhole(info.Env(), stream_->encoder().counts());
}

Napi::Value EncoderObject::EncodeAsync(const Napi::CallbackInfo& info) {
  RequireState(info.Env(), State::kAppending, "encode");
  state_ = State::kEncoding;
  encoding_ = Napi::Promise::Deferred::New(info.Env());
  if (stream_->Push(EncodingStream::Task::kFinish)) StreamWorker<EncoderObject>::Start(info.Env(), this, stream_);
  return encoding_->Promise();
}

void EncoderObject::Worked() {
  if (!encoding_) return;
  if (!stream_->IsIdle()) {
    if (stream_->NeedsWorker()) StreamWorker<EncoderObject>::Start(Env(), this, stream_);
    return;
  }
  const Napi::Promise::Deferred encoding = *encoding_;
  encoding_.reset();
  const std::optional<StreamFailure> failure = stream_->failure();
  if (failure) return encoding.Reject(ErrorOf(Env(), *failure).Value());
  state_ = State::kEncoded;
  encoding.Resolve(CountsOfWhole(Env(), stream_->encoder().counts()));
}

Napi::Value EncoderObject::ByteLength(const Napi::CallbackInfo& info) {
  RequireState(info.Env(), State::kEncoded, "tell the length");
  return Napi::Number::New(info.Env(), static_cast<double>(stream_->encoder().size()));
}

Napi::Value EncoderObject::Read(const Napi::CallbackInfo& info) {
  RequireState(info.Env(), State::kEncoded, "read");
  const size_t offset = RequireCount(info[0], "offset", stream_->encoder().size());
  auto target = RequireTypedArray(info[1], "target", napi_uint8_array, 0).As<Napi::Uint8Array>();
  const size_t copied = stream_->encoder().Read(offset, target.Data(), target.ElementLength());
  return Napi::Number::New(info.Env(), static_cast<double>(copied));
}

// What fills most of the room stays where it is; a trace that is much smaller would hold all of it.
Napi::Value EncoderObject::Bytes(const Napi::CallbackInfo& info) {
  RequireState(info.Env(), State::kEncoded, "give the bytes");
  TraceEncoder& encoder = stream_->encoder();
  const size_t size = encoder.size();
  if (!target_.IsEmpty()) {
    Napi::ArrayBuffer target = target_.Value();
    if (encoder.bytes_in_target() == size && size >= target.ByteLength() / 4 * 3) {
      stream_.reset();
      state_ = State::kReleased;
      return Napi::Uint8Array::New(info.Env(), size, target, 0);
    }
  }
  auto bytes = NewBytes(info.Env(), size);
  PreferLargePages(bytes.Data(), size);
  encoder.Read(0, bytes.Data(), size);
  stream_.reset();
  state_ = State::kReleased;
  return bytes;
}

void EncoderObject::Release(const Napi::CallbackInfo& info) {
  RequireState(info.Env(), State::kEncoded, "release");
  stream_.reset();
  state_ = State::kReleased;
}

}  // namespace tracesmith
