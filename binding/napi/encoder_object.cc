#include "encoder_object.h"

#include <exception>
#include <string>

#include "arguments.h"

namespace tracesmith {
namespace {

Napi::Object CountsToObject(Napi::Env env, const TimelineCounts& counts) {
  Napi::Object object = Napi::Object::New(env);
  const auto set = [&](const char* name, uint64_t count) {
    object.Set(name, Napi::Number::New(env, static_cast<double>(count)));
  };
  set("slices", counts.slices);
  set("instants", counts.instants);
  set("counters", counts.counters);
  set("flows", counts.flows);
  set("flowsUndrawn", counts.undrawn_flows);
  set("lanes", counts.lanes);
  set("unclosed", counts.unclosed);
  set("unmatched", counts.unmatched);
  return object;
}

BatchView ViewOf(const Napi::Object& batch) {
  constexpr size_t kMaxCount = UINT32_MAX;
  BatchView view;
  view.rows = RequireCount(batch.Get("rows"), "rows", kMaxCount);
  view.attrs = RequireCount(batch.Get("attrs"), "attrs", kMaxCount);
  view.words = RequireCount(batch.Get("words"), "words", kMaxCount);
  view.texts = RequireCount(batch.Get("newTexts"), "newTexts", kMaxCount);
  view.kind = RequireColumn<uint8_t>(batch, "kind", napi_uint8_array, view.rows);
  view.channel = RequireColumn<uint8_t>(batch, "channel", napi_uint8_array, view.rows);
  view.flags = RequireColumn<uint8_t>(batch, "flags", napi_uint8_array, view.rows);
  view.track = RequireColumn<uint32_t>(batch, "track", napi_uint32_array, view.rows);
  view.name = RequireColumn<uint32_t>(batch, "name", napi_uint32_array, view.rows);
  view.category = RequireColumn<uint32_t>(batch, "category", napi_uint32_array, view.rows);
  view.attr_end = RequireColumn<uint32_t>(batch, "attrEnd", napi_uint32_array, view.rows);
  view.time = RequireColumn<uint64_t>(batch, "time", napi_float64_array, view.rows);
  view.extent = RequireColumn<uint64_t>(batch, "extent", napi_float64_array, view.rows);
  view.attr_head = RequireColumn<uint32_t>(batch, "attrHead", napi_uint32_array, view.attrs);
  view.attr_value = RequireColumn<uint64_t>(batch, "attrValue", napi_float64_array, view.attrs);
  view.word = RequireColumn<uint32_t>(batch, "word", napi_uint32_array, view.words);
  view.text_end = RequireColumn<uint32_t>(batch, "textEnd", napi_uint32_array, view.texts);
  const Napi::Value text_bytes = batch.Get("textBytes");
  view.text_bytes = RequireColumn<uint8_t>(batch, "textBytes", napi_uint8_array, 0);
  view.text_byte_count = text_bytes.As<Napi::TypedArray>().ElementLength();
  return view;
}

}  // namespace

// Encodes on a thread of the libuv pool.
class EncodeWorker : public Napi::AsyncWorker {
 public:
  EncodeWorker(Napi::Env env, EncoderObject* object)
      : Napi::AsyncWorker(env, "tracesmith:encode"),
        encoder_(object->encoder_),
        object_(object),
        deferred_(Napi::Promise::Deferred::New(env)) {
    object_->Ref();  // state_ is set when the work is done
  }

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { encoder_->Encode(); }

  void OnOK() override {
    object_->state_ = EncoderObject::State::kEncoded;
    object_->Unref();
    deferred_.Resolve(CountsToObject(Env(), encoder_->counts()));
  }

  void OnError(const Napi::Error& error) override {
    object_->Unref();
    deferred_.Reject(CodedError(Env(), "INTERNAL", error.Message()).Value());
  }

 private:
  std::shared_ptr<TraceEncoder> encoder_;
  EncoderObject* object_;
  Napi::Promise::Deferred deferred_;
};

Napi::Function EncoderObject::Define(Napi::Env env) {
  return DefineClass(env, "Encoder",
                     {
                         InstanceMethod<&EncoderObject::Append>("append"),
                         InstanceMethod<&EncoderObject::Encode>("encode"),
                         InstanceMethod<&EncoderObject::EncodeAsync>("encodeAsync"),
                         InstanceAccessor<&EncoderObject::ByteLength>("byteLength"),
                         InstanceMethod<&EncoderObject::Read>("read"),
                         InstanceMethod<&EncoderObject::Release>("release"),
                     });
}

EncoderObject::EncoderObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EncoderObject>(info) {
  if (!info[0].IsUndefined()) encoder_->Expect(RequireCount(info[0], "rows", UINT32_MAX));
}

void EncoderObject::RequireState(Napi::Env env, State state, const char* action) const {
  if (state_ == state) return;
  const char* const names[] = {"is being filled", "is encoding", "is encoded", "is released"};
  throw CodedError(env, "INVALID_ARGUMENT",
                   std::string("cannot ") + action + ": the encoder " + names[static_cast<int>(state_)]);
}

void EncoderObject::Append(const Napi::CallbackInfo& info) {
  RequireState(info.Env(), State::kAppending, "append");
  const BatchView view = ViewOf(RequireObject(info[0], "batch"));
  Status status;
  try {
    status = encoder_->Append(view);
  } catch (const std::exception& error) {
    throw CodedError(info.Env(), "INTERNAL", std::string("append: ") + error.what());
  }
  if (!status.ok()) throw CodedError(info.Env(), "INVALID_ARGUMENT", "batch." + status.message());
}

Napi::Value EncoderObject::Encode(const Napi::CallbackInfo& info) {
  RequireState(info.Env(), State::kAppending, "encode");
  state_ = State::kEncoding;
  try {
    encoder_->Encode();
  } catch (const std::exception& error) {
    throw CodedError(info.Env(), "INTERNAL", std::string("encode: ") + error.what());
  }
  state_ = State::kEncoded;
  return CountsToObject(info.Env(), encoder_->counts());
}

Napi::Value EncoderObject::EncodeAsync(const Napi::CallbackInfo& info) {
  RequireState(info.Env(), State::kAppending, "encode");
  state_ = State::kEncoding;
  auto* worker = new EncodeWorker(info.Env(), this);  // deletes itself when done
  worker->Queue();
  return worker->promise();
}

Napi::Value EncoderObject::ByteLength(const Napi::CallbackInfo& info) {
  RequireState(info.Env(), State::kEncoded, "tell the length");
  return Napi::Number::New(info.Env(), static_cast<double>(encoder_->size()));
}

Napi::Value EncoderObject::Read(const Napi::CallbackInfo& info) {
  RequireState(info.Env(), State::kEncoded, "read");
  const size_t offset = RequireCount(info[0], "offset", encoder_->size());
  auto target = RequireTypedArray(info[1], "target", napi_uint8_array, 0).As<Napi::Uint8Array>();
  const size_t copied = encoder_->Read(offset, target.Data(), target.ElementLength());
  return Napi::Number::New(info.Env(), static_cast<double>(copied));
}

void EncoderObject::Release(const Napi::CallbackInfo& info) {
  RequireState(info.Env(), State::kEncoded, "release");
  encoder_.reset();
  state_ = State::kReleased;
}

}  // namespace tracesmith
