#include "napi/writer_object.h"

#include <cstring>
#include <string>
#include <utility>

#include "base/clocks.h"
#include "napi/arguments.h"
#include "napi/batch_view.h"
#include "napi/counts.h"
#include "napi/stream_worker.h"

namespace tracesmith {
namespace {

// A producer on a path that is faster waits here.
constexpr size_t kMostWaiting = size_t{16} << 20;
constexpr size_t kMostWindow = size_t{1} << 24;

std::unique_ptr<PacketOutput> OpenOutput(Napi::Env env, const std::string& path, bool has_file, Compression compression,
                                         int level) {
  if (!has_file) return std::make_unique<PacketOutput>(compression, level);
  OutputFile file;
  const IoStatus status = file.Open(path);
  if (!status.ok()) {
    throw ErrorOf(env, {StreamFailure::Kind::kIo, "Could not open " + path + ": " + status.reason(), status.code()});
  }
  return std::make_unique<PacketOutput>(std::move(file), compression, level);
}

}  // namespace

Napi::Function WriterObject::Define(Napi::Env env) {
  return DefineClass(env, "Writer",
                     {
                         InstanceMethod<&WriterObject::Append>("append"),
                         InstanceAccessor<&WriterObject::QueuedBytes>("queuedBytes"),
                         InstanceMethod<&WriterObject::Flush>("flush"),
                         InstanceMethod<&WriterObject::FlushSoon>("flushSoon"),
                         InstanceMethod<&WriterObject::Drained>("drained"),
                         InstanceMethod<&WriterObject::Take>("take"),
                         InstanceMethod<&WriterObject::Finish>("finish"),
                         InstanceMethod<&WriterObject::Abort>("abort"),
                     });
}

WriterObject::WriterObject(const Napi::CallbackInfo& info) : TaggedWrap<WriterObject>(info) {
  const Napi::Object options = RequireObject(info[0], "options");
  const Napi::Value path = options.Get("path");
  if (!path.IsString() && !path.IsNull()) {
    throw CodedError(info.Env(), "INVALID_ARGUMENT", "options.path: expected a string or null");
  }
  const size_t window = RequireCount(options.Get("window"), "options.window", kMostWindow, 1);
  const auto compression = static_cast<Compression>(RequireCount(options.Get("compression"), "options.compression", 2));
  const size_t level = RequireCount(options.Get("level"), "options.level", 9, 1);
  const size_t clock = RequireCount(options.Get("clock"), "options.clock", 3);
  has_file_ = path.IsString();
  std::string name = has_file_ ? path.As<Napi::String>().Utf8Value() : std::string("the stream");
  if (name.find('\0') != std::string::npos) {
    throw CodedError(info.Env(), "INVALID_ARGUMENT", "options.path: expected a path without null characters");
  }
  std::unique_ptr<PacketOutput> output = OpenOutput(info.Env(), name, has_file_, compression, static_cast<int>(level));
  stream_ = std::make_shared<EncodingStream>(window, ReadingOf(clock), std::move(output), std::move(name));
  Tag();
}

void WriterObject::RequireOpen(Napi::Env env, const char* action) const {
  if (is_finished_) throw CodedError(env, "INVALID_ARGUMENT", std::string("cannot ") + action + ": the writer is finished");
  const std::optional<StreamFailure> failure = stream_->failure();
  if (failure) throw ErrorOf(env, *failure);
}

Napi::Value WriterObject::Append(const Napi::CallbackInfo& info) {
  // First, since the properties of a batch may be getters that call any method of this.
  const BatchView batch = ViewOf(RequireObject(info[0], "batch"));
  RequireOpen(info.Env(), "append");
  if (stream_->Push(batch)) StartWorker();
  if (has_file_ && stream_->queued_bytes() > kMostWaiting) stream_->WaitUntilBelow(kMostWaiting / 2);
  return QueuedBytes(info);
}

Napi::Value WriterObject::QueuedBytes(const Napi::CallbackInfo& info) {
  size_t bytes = stream_->queued_bytes();
  for (const auto& chunk : chunks_) bytes += chunk.size();
  return Napi::Number::New(info.Env(), static_cast<double>(bytes));
}

void WriterObject::Push(EncodingStream::Task task) {
  if (stream_->Push(task)) StartWorker();
}

void WriterObject::StartWorker() { StreamWorker<WriterObject>::Start(Env(), this, stream_); }

Napi::Value WriterObject::Flush(const Napi::CallbackInfo& info) {
  RequireOpen(info.Env(), "flush");
  const bool all = info[0].ToBoolean();
  Push(all ? EncodingStream::Task::kFlushWindow : EncodingStream::Task::kPassOn);
  return Wait(info.Env(), false, false);
}

void WriterObject::FlushSoon(const Napi::CallbackInfo& info) {
  RequireOpen(info.Env(), "flush");
  Push(EncodingStream::Task::kPassOn);
}

Napi::Value WriterObject::Drained(const Napi::CallbackInfo& info) { return Wait(info.Env(), true, false); }

Napi::Value WriterObject::Take(const Napi::CallbackInfo& info) {
  if (chunks_.empty()) chunks_ = stream_->TakeChunks();
  if (chunks_.empty()) return info.Env().Null();
  const std::vector<uint8_t>& chunk = chunks_.front();
  auto copy = NewBytes(info.Env(), chunk.size());
  std::memcpy(copy.Data(), chunk.data(), chunk.size());
  chunks_.pop_front();
  return copy;
}

Napi::Value WriterObject::Finish(const Napi::CallbackInfo& info) {
  if (is_finished_) throw CodedError(info.Env(), "INVALID_ARGUMENT", "cannot finish: the writer is finished");
  is_finished_ = true;
  Push(EncodingStream::Task::kFinish);
  return Wait(info.Env(), false, true);
}

void WriterObject::Abort(const Napi::CallbackInfo&) {
  is_finished_ = true;
  is_aborted_ = true;
  stream_->Abort();
  chunks_.clear();
}

Napi::Value WriterObject::Wait(Napi::Env env, bool until_idle, bool gives_counts) {
  const Waiting waiting{Napi::Promise::Deferred::New(env), stream_->tasks_pushed(), until_idle, gives_counts};
  if (until_idle && stream_->NeedsWorker()) StartWorker();
  if (until_idle && stream_->IsIdle()) {
    Settle(waiting);
  } else {
    waiting_.push_back(waiting);
  }
  return waiting.deferred.Promise();
}

void WriterObject::Worked() {
  const uint64_t done = stream_->tasks_done();
  const bool is_idle = stream_->IsIdle();
  std::vector<Waiting> waiting = std::exchange(waiting_, {});
  for (const Waiting& one : waiting) {
    if (is_idle || (!one.until_idle && one.tasks <= done)) {
      Settle(one);
    } else {
      waiting_.push_back(one);
    }
  }
  if (stream_->NeedsWorker()) StartWorker();
}

void WriterObject::Settle(const Waiting& waiting) {
  if (is_aborted_) return waiting.deferred.Reject(CodedError(Env(), "CANCELLED", "the writer was aborted").Value());
  const std::optional<StreamFailure> failure = stream_->failure();
  if (failure) return waiting.deferred.Reject(ErrorOf(Env(), *failure).Value());
  if (!waiting.gives_counts) return waiting.deferred.Resolve(Env().Undefined());
  waiting.deferred.Resolve(CountsOfStream(Env(), stream_->encoder().counts(), stream_->bytes_written()));
}

}  // namespace tracesmith
