#include "encoder_object.h"

#include <exception>
#include <string>
#include <vector>

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
  // A getter can detach what another one gave, so all are asked before any memory is looked at.
  enum Column { kKind, kChannel, kFlags, kTrack, kName, kCategory, kAttrEnd, kTime, kExtent, kAttrHead, kAttrValue, kWord,
                kTextEnd, kTextBytes, kColumns };
  static const char* const kNames[kColumns] = {"kind",    "channel",  "flags",     "track", "name",    "category", "attrEnd",
                                               "time",    "extent",   "attrHead",  "attrValue", "word", "textEnd",  "textBytes"};
  std::vector<Napi::Value> values;
  for (const char* name : kNames) values.push_back(batch.Get(name));
  const auto bytes = [&](Column column, size_t count) {
    return RequireColumn<uint8_t>(values[column], kNames[column], napi_uint8_array, count);
  };
  const auto words = [&](Column column, size_t count) {
    return RequireColumn<uint32_t>(values[column], kNames[column], napi_uint32_array, count);
  };
  const auto wide = [&](Column column, size_t count) {
    return RequireColumn<uint64_t>(values[column], kNames[column], napi_float64_array, count);
  };
  view.kind = bytes(kKind, view.rows);
  view.channel = bytes(kChannel, view.rows);
  view.flags = bytes(kFlags, view.rows);
  view.track = words(kTrack, view.rows);
  view.name = words(kName, view.rows);
  view.category = words(kCategory, view.rows);
  view.attr_end = words(kAttrEnd, view.rows);
  view.time = wide(kTime, view.rows);
  view.extent = wide(kExtent, view.rows);
  view.attr_head = words(kAttrHead, view.attrs);
  view.attr_value = wide(kAttrValue, view.attrs);
  view.word = words(kWord, view.words);
  view.text_end = words(kTextEnd, view.texts);
  view.text_bytes = bytes(kTextBytes, 0);
  view.text_byte_count = values[kTextBytes].As<Napi::TypedArray>().ElementLength();
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
  void Execute() override { encoder_->Finish(); }

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
    encoder_->Finish();
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
