#pragma once

#include <memory>

#include "stream/encoding_stream.h"
#include "napi/node_api.h"

namespace tracesmith {

// The error of a stream that failed, as JavaScript gets it.
Napi::Error ErrorOf(Napi::Env env, const StreamFailure& failure);

// Lends a thread of the libuv pool to a stream. Calls `owner->Worked()` on the thread of JavaScript
// afterwards; the owner, a Napi::ObjectWrap, is kept until then.
template <typename Owner>
class StreamWorker : public Napi::AsyncWorker {
 public:
  static void Start(Napi::Env env, Owner* owner, const std::shared_ptr<EncodingStream>& stream) {
    (new StreamWorker(env, owner, stream))->Queue();  // deletes itself when done
  }

 protected:
  void Execute() override { stream_->Work(); }
  void OnOK() override {
    owner_->Worked();
    owner_->Unref();
  }
  void OnError(const Napi::Error&) override { OnOK(); }  // Work() keeps its failures itself

 private:
  StreamWorker(Napi::Env env, Owner* owner, const std::shared_ptr<EncodingStream>& stream)
      : Napi::AsyncWorker(env, "tracesmith:encode"), owner_(owner), stream_(stream) {
    owner_->Ref();
  }

  Owner* owner_;
  std::shared_ptr<EncodingStream> stream_;  // may outlive the owner when the environment is torn down
};

}  // namespace tracesmith
