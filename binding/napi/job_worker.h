#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "napi/arguments.h"
#include "napi/node_api.h"
#include "napi/results.h"

namespace tracesmith {

// Does a part of the work of a Conversion or Trim on a thread of the libuv pool, and settles a promise. `is_running` is
// true meanwhile; only the thread of JavaScript reads and writes it.
template <typename Job>
class JobWorker : public Napi::AsyncWorker {
 public:
  using Failure = typename Job::Failure;
  using Error = typename Job::Error;
  using Work = std::function<Failure()>;
  using Result = std::function<Napi::Value(Napi::Env)>;

  JobWorker(Napi::Env env, const char* name, std::shared_ptr<bool> is_running, Work work, Result result)
      : Napi::AsyncWorker(env, name),
        deferred_(Napi::Promise::Deferred::New(env)),
        is_running_(std::move(is_running)),
        work_(std::move(work)),
        result_(std::move(result)) {
    *is_running_ = true;
  }

  // Deletes itself when done.
  Napi::Promise Start() {
    const Napi::Promise promise = deferred_.Promise();
    Queue();
    return promise;
  }

 protected:
  void Execute() override { failure_ = work_(); }
  void OnOK() override {
    *is_running_ = false;
    const auto& [error, message, system_code] = failure_;
    if (error == Error::kNone) return deferred_.Resolve(result_(Env()));
    if (error == Error::kIo) {
      return deferred_.Reject(ErrorOf(Env(), {StreamFailure::Kind::kIo, message, system_code}).Value());
    }
    const char* code = error == Error::kInput ? "INVALID_INPUT" : "CANCELLED";
    deferred_.Reject(CodedError(Env(), code, message).Value());
  }
  void OnError(const Napi::Error& error) override {
    *is_running_ = false;
    deferred_.Reject(CodedError(Env(), "INTERNAL", error.Message()).Value());
  }

 private:
  Napi::Promise::Deferred deferred_;
  std::shared_ptr<bool> is_running_;
  Work work_;
  Result result_;
  Failure failure_;
};

}  // namespace tracesmith
