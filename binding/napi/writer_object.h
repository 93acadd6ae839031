#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "napi/node_api.h"
#include "napi/tagged_wrap.h"
#include "stream/encoding_stream.h"

namespace tracesmith {

// `Writer` in JavaScript: batches go in, a native trace comes out, in a file, in chunks or as one array.
//   new Writer({ window, path, name, rows, room, compression, level, clock })
//                    window: slices that wait for earlier ones, up to 2^24: a stream, which is written while it comes.
//                    0: a whole trace, whose events come in any order, which is written when it is finished.
//                    path: a file, which is opened here, or null: then chunks are taken, or the bytes of a whole trace.
//                    name: of the output, for messages. rows: how many will come, where that is known; room: the bytes
//                    that the trace will about have, where bytes() will be called; both of a whole trace, else 0.
//                    compression: 0 none, 1 gzip, 2 packets; level 1 to 9. clock: 1 boottime, 2 monotonic, 3 realtime,
//                    with what all three show now; 0: boottime, nothing known.
//                    seed: makes the numbers of tracks and sequences other than those of the same rows by another seed
//   append(batch)    copies the columns of an EventBatch, to be encoded on another thread; returns the bytes that wait.
//                    Encodes on this thread before it returns if too much waits, unless chunks are taken
//   queuedBytes      batches that wait, and chunks that nobody took
//   flush(all)       a promise: what the window has released, or all that it holds, is written
//   flushSoon()      the same for what is released, without waiting
//   drained()        a promise: nothing waits
//   take()           the next chunk, or null
//   finish()         a promise of the counts: everything is written, and the file closed
//   finishSync()     the same on this thread
//   finishNow()      the same, or waits for a finish() that is not done: for the exit of the process
//   bytes()          a whole trace without a path, once, when it is finished: a Uint8Array, whose buffer may be larger
//   abort()          gives up, and removes the file; promises that are not kept reject with CANCELLED
// A failure stays: everything afterwards throws or rejects with it.
class WriterObject : public TaggedWrap<WriterObject> {
 public:
  static constexpr napi_type_tag kTypeTag = {0xe1d4fb4bd1a5411a, 0x9b0be70b7b2e8102};

  static Napi::Function Define(Napi::Env env);
  explicit WriterObject(const Napi::CallbackInfo& info);

 private:
  class Worker;

  // A promise that is kept when so many tasks are done, and nothing waits if it says so.
  struct Waiting {
    Napi::Promise::Deferred deferred;
    uint64_t tasks;
    bool until_idle;
    bool returns_counts;
  };

  Napi::Value Append(const Napi::CallbackInfo& info);
  Napi::Value QueuedBytes(const Napi::CallbackInfo& info);
  Napi::Value Flush(const Napi::CallbackInfo& info);
  void FlushSoon(const Napi::CallbackInfo& info);
  Napi::Value Drained(const Napi::CallbackInfo& info);
  Napi::Value Take(const Napi::CallbackInfo& info);
  Napi::Value Finish(const Napi::CallbackInfo& info);
  Napi::Value FinishSync(const Napi::CallbackInfo& info);
  void FinishNow(const Napi::CallbackInfo& info);
  Napi::Value Bytes(const Napi::CallbackInfo& info);
  void Abort(const Napi::CallbackInfo& info);

  void RequireOpen(Napi::Env env, const char* action) const;
  void ThrowFailure(Napi::Env env) const;
  void MarkFinished(Napi::Env env);
  void Push(EncodingStream::Task task);
  void StartWorker();
  // A worker came back.
  void Worked();
  Napi::Value Wait(Napi::Env env, bool until_idle, bool returns_counts);
  void Settle(const Waiting& waiting);
  Napi::Object Counts(Napi::Env env) const;

  std::shared_ptr<EncodingStream> stream_;
  Napi::Reference<Napi::ArrayBuffer> room_;  // nobody else has it while the trace is written into it
  size_t most_waiting_ = 0;                  // bytes of batches; 0: no limit
  bool is_whole_in_memory_ = false;
  bool is_finished_ = false;
  bool is_aborted_ = false;
  PacketOutput::Chunks chunks_;
  std::vector<Waiting> waiting_;
};

}  // namespace tracesmith
