#include "napi/writer_object.h"

#include <cstring>
#include <string>
#include <utility>

#include "base/clocks.h"
#include "napi/arguments.h"
#include "napi/results.h"

namespace tracesmith {
namespace {

// A producer that is faster than the encoder waits beyond so many bytes. Of a whole trace fewer wait: its batches come in
// one go, and what waits takes memory from the processor's cache.
constexpr size_t kMostWaitingOfStream = size_t{16} << 20;
constexpr size_t kMostWaitingOfWhole = size_t{3} << 20;
constexpr size_t kMostWindow = size_t{1} << 24;
constexpr size_t kMostRoom = size_t{1} << 30;

std::string PathOf(const Napi::Object& options, const char* name) {
  const Napi::Value value = options.Get(name);
  const std::string what = std::string("options.") + name;
  if (!value.IsString()) throw CodedError(options.Env(), "INVALID_ARGUMENT", what + ": expected a string");
  std::string path = value.As<Napi::String>().Utf8Value();
  if (path.find('\0') != std::string::npos) {
    throw CodedError(options.Env(), "INVALID_ARGUMENT", what + ": expected a path without null characters");
  }
  return path;
}

std::unique_ptr<PacketOutput> OpenFile(Napi::Env env, const std::string& path, const std::string& name,
                                       Compression compression, int level) {
  OutputFile file;
  const IoStatus status = file.Open(path);
  if (!status.ok()) {
    throw ErrorOf(env, {StreamFailure::Kind::kIo, "Could not open " + name + ": " + status.reason(), status.code()});
  }
  return std::make_unique<PacketOutput>(std::move(file), compression, level);
}

}  // namespace

// Lends a thread of the libuv pool to the stream. The writer is kept until it comes back.
class WriterObject::Worker : public Napi::AsyncWorker {
 public:
  Worker(Napi::Env env, WriterObject* writer)
      : Napi::AsyncWorker(env, "tracesmith:encode"), writer_(writer), stream_(writer->stream_) {
    writer_->Ref();
  }

 protected:
  void Execute() override { stream_->Work(); }
  void OnOK() override {
    writer_->Worked();
    writer_->Unref();
  }
  void OnError(const Napi::Error&) override { OnOK(); }  // Work() keeps its failures itself

 private:
  WriterObject* writer_;
  std::shared_ptr<EncodingStream> stream_;  // may outlive the writer when the environment is torn down
};

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
                         InstanceMethod<&WriterObject::FinishSync>("finishSync"),
                         InstanceMethod<&WriterObject::FinishNow>("finishNow"),
                         InstanceMethod<&WriterObject::Bytes>("bytes"),
                         InstanceMethod<&WriterObject::Abort>("abort"),
                     });
}

WriterObject::WriterObject(const Napi::CallbackInfo& info) : TaggedWrap<WriterObject>(info) {
  const Napi::Object options = RequireObject(info[0], "options");
  // First, since each property may be a getter that does anything.
  const Napi::Value path = options.Get("path");
  if (!path.IsString() && !path.IsNull()) {
    throw CodedError(info.Env(), "INVALID_ARGUMENT", "options.path: expected a string or null");
  }
  EncodingStream::Options stream;
  stream.window = RequireCount(options.Get("window"), "options.window", kMostWindow);
  const size_t rows = RequireCount(options.Get("rows"), "options.rows", UINT32_MAX);
  const size_t room = RequireCount(options.Get("room"), "options.room", kMostRoom);
  const auto compression = static_cast<Compression>(RequireCount(options.Get("compression"), "options.compression", 2));
  const auto level = static_cast<int>(RequireCount(options.Get("level"), "options.level", 9, 1));
  stream.encoder.derives_ids = true;
  stream.encoder.seed = static_cast<uint32_t>(RequireCount(options.Get("seed"), "options.seed", UINT32_MAX));
  stream.encoder.clock = ReadingOf(RequireCount(options.Get("clock"), "options.clock", 3));
  stream.path = PathOf(options, "name");
  const bool has_file = path.IsString();
  is_whole_in_memory_ = !has_file && stream.window == 0;
  std::unique_ptr<PacketOutput> output;
  if (has_file) {
    output = OpenFile(info.Env(), PathOf(options, "path"), stream.path, compression, level);
  } else if (!is_whole_in_memory_) {
    output = std::make_unique<PacketOutput>(compression, level);
  }
  // Chunks are taken by JavaScript, so a stream of them cannot wait here.
  if (stream.window == 0) most_waiting_ = kMostWaitingOfWhole;
  if (stream.window != 0 && has_file) most_waiting_ = kMostWaitingOfStream;
  stream_ = std::make_shared<EncodingStream>(stream, std::move(output));
  stream_->Expect(rows);
  if (room != 0 && is_whole_in_memory_) {
    Napi::ArrayBuffer block = NewBuffer(info.Env(), room);
    room_ = Napi::Persistent(block);
    stream_->memory().UseBlock(static_cast<uint8_t*>(block.Data()), room);
  }
  Tag();
}

void WriterObject::ThrowFailure(Napi::Env env) const {
  const std::optional<StreamFailure> failure = stream_->failure();
  if (failure) throw ErrorOf(env, *failure);
}

void WriterObject::RequireOpen(Napi::Env env, const char* action) const {
  if (is_finished_) throw CodedError(env, "INVALID_ARGUMENT", std::string("cannot ") + action + ": the writer is finished");
  ThrowFailure(env);
}

Napi::Value WriterObject::Append(const Napi::CallbackInfo& info) {
  // First, since the properties of a batch may be getters that call any method of this.
  const BatchView batch = ViewOf(RequireObject(info[0], "batch"));
  RequireOpen(info.Env(), "append");
  if (stream_->Push(batch)) StartWorker();
  if (most_waiting_ != 0 && stream_->queued_bytes() > most_waiting_) stream_->WaitUntilBelow(most_waiting_ / 2);
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

void WriterObject::StartWorker() { (new Worker(Env(), this))->Queue(); }  // deletes itself when done

Napi::Value WriterObject::Flush(const Napi::CallbackInfo& info) {
  RequireOpen(info.Env(), "flush");
  const bool all = info[0].ToBoolean();
  Push(all ? EncodingStream::Task::kFlushWindow : EncodingStream::Task::kFlush);
  return Wait(info.Env(), false, false);
}

void WriterObject::FlushSoon(const Napi::CallbackInfo& info) {
  RequireOpen(info.Env(), "flush");
  Push(EncodingStream::Task::kFlush);
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

void WriterObject::MarkFinished(Napi::Env env) {
  if (is_finished_) throw CodedError(env, "INVALID_ARGUMENT", "cannot finish: the writer is finished");
  is_finished_ = true;
}

Napi::Value WriterObject::Finish(const Napi::CallbackInfo& info) {
  MarkFinished(info.Env());
  Push(EncodingStream::Task::kFinish);
  return Wait(info.Env(), false, true);
}

Napi::Value WriterObject::FinishSync(const Napi::CallbackInfo& info) {
  MarkFinished(info.Env());
  stream_->Push(EncodingStream::Task::kFinish);
  stream_->WaitUntilIdle();
  ThrowFailure(info.Env());
  return Counts(info.Env());
}

void WriterObject::FinishNow(const Napi::CallbackInfo& info) {
  if (is_aborted_) return;
  if (!is_finished_) stream_->Push(EncodingStream::Task::kFinish);
  is_finished_ = true;
  stream_->WaitUntilIdle();
  ThrowFailure(info.Env());
}

// If the trace fills most of the room, it stays there; a much smaller one would hold all of the room.
Napi::Value WriterObject::Bytes(const Napi::CallbackInfo& info) {
  if (!is_whole_in_memory_ || !is_finished_ || is_aborted_ || !stream_->IsIdle()) {
    throw CodedError(info.Env(), "INVALID_ARGUMENT", "cannot return the bytes: the trace is not a whole one in memory, or not finished");
  }
  ThrowFailure(info.Env());
  PacketMemory& memory = stream_->memory();
  const size_t size = memory.size();
  is_whole_in_memory_ = false;  // once
  if (!room_.IsEmpty() && memory.is_in_block() && size >= room_.Value().ByteLength() / 4 * 3) {
    return Napi::Uint8Array::New(info.Env(), size, room_.Value(), 0);
  }
  auto bytes = NewBytes(info.Env(), size);
  uint8_t* at = bytes.Data();
  memory.ForEach([&at](const uint8_t* packets, size_t count) {
    std::memcpy(at, packets, count);
    at += count;
  });
  memory.Clear();
  return bytes;
}

void WriterObject::Abort(const Napi::CallbackInfo&) {
  is_finished_ = true;
  is_aborted_ = true;
  stream_->Abort();
  chunks_.clear();
}

Napi::Value WriterObject::Wait(Napi::Env env, bool until_idle, bool returns_counts) {
  const Waiting waiting{Napi::Promise::Deferred::New(env), stream_->tasks_pushed(), until_idle, returns_counts};
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
  waiting.deferred.Resolve(waiting.returns_counts ? Counts(Env()) : Env().Undefined());
}

Napi::Object WriterObject::Counts(Napi::Env env) const {
  return CountsOf(env, stream_->counts(), stream_->bytes_written());
}

}  // namespace tracesmith
