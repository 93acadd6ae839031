#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "stream/encoding_stream.h"
#include "napi/node_api.h"
#include "napi/tagged_wrap.h"

namespace tracesmith {

// `Writer` in JavaScript, for a stream:
//   new Writer({ path, window, compression, level, clock })
//                    path: a file, which is opened here, or null: then chunks are taken. window: slices,
//                    1 to 2^24. compression: 0 none, 1 gzip, 2 packets; level 1 to 9. clock: 1 boottime,
//                    2 monotonic, 3 realtime, with what all three show now; 0: boottime, nothing known
//   append(batch)    copies the columns of an EventBatch, to be encoded on another thread; gives the
//                    bytes that wait. Where a file is written and more than 16 MiB wait, encodes and
//                    writes before it returns
//   queuedBytes      batches that wait, and chunks that nobody took
//   flush(all)       a promise: what the window has released, or all that it holds, is written
//   flushSoon()      the same for what is released, without waiting
//   drained()        a promise: nothing waits
//   take()           the next chunk, or null
//   finish()         a promise of the counts: everything is written, and the file closed
//   abort()          gives up, and removes the file; promises that are not kept reject with CANCELLED
// A failure stays: everything afterwards throws or rejects with it.
class WriterObject : public TaggedWrap<WriterObject> {
 public:
  static constexpr napi_type_tag kTypeTag = {0xe1d4fb4bd1a5411a, 0x9b0be70b7b2e8102};

  static Napi::Function Define(Napi::Env env);
  explicit WriterObject(const Napi::CallbackInfo& info);

  // A worker came back.
  void Worked();

 private:
  // A promise that is kept when so many tasks are done, and nothing waits where it says so.
  struct Waiting {
    Napi::Promise::Deferred deferred;
    uint64_t tasks;
    bool until_idle;
    bool gives_counts;
  };

  Napi::Value Append(const Napi::CallbackInfo& info);
  Napi::Value QueuedBytes(const Napi::CallbackInfo& info);
  Napi::Value Flush(const Napi::CallbackInfo& info);
  void FlushSoon(const Napi::CallbackInfo& info);
  Napi::Value Drained(const Napi::CallbackInfo& info);
  Napi::Value Take(const Napi::CallbackInfo& info);
  Napi::Value Finish(const Napi::CallbackInfo& info);
  void Abort(const Napi::CallbackInfo& info);

  void RequireOpen(Napi::Env env, const char* action) const;
  void Push(EncodingStream::Task task);
  void StartWorker();
  Napi::Value Wait(Napi::Env env, bool until_idle, bool gives_counts);
  void Settle(const Waiting& waiting);

  std::shared_ptr<EncodingStream> stream_;
  bool has_file_ = false;
  bool is_finished_ = false;
  bool is_aborted_ = false;
  PacketOutput::Chunks chunks_;
  std::vector<Waiting> waiting_;
};

}  // namespace tracesmith
