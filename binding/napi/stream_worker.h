#pragma once

#include <memory>

#include "../stream/encoding_stream.h"
#include "node_api.h"

namespace tracesmith {

// The error of a stream that failed, as JavaScript gets it.
Napi::Error ErrorOf(Napi::Env env, const StreamFailure& failure);

// Works on a thread of its own, which the caller, a thread of the libuv pool, waits for. Systems put a new thread
// where a processor has nothing to do, and a thread of the pool often where JavaScript runs, which then waits for it.
void WorkOnNewThread(EncodingStream& stream);

// Lends a thread to a stream. Calls `owner->Worked()` on the thread of JavaScript afterwards; the owner, a
// Napi::ObjectWrap, is kept until then.
template <typename Owner>
class StreamWorker : public Napi::AsyncWorker {
 public:
  static void Start(Napi::Env env, Owner* owner, const std::shared_ptr<EncodingStream>& stream) {
    (new StreamWorker(env, owner, stream))->Queue();  // deletes itself when done
  }

 protected:
  void Execute() override { WorkOnNewThread(*stream_); }
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
