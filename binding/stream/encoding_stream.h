#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "batch/owned_batch.h"
#include "encoder/trace_encoder.h"
#include "output/packet_output.h"
#include "output/write_behind.h"
#include "proto/packet_memory.h"

namespace tracesmith {

// Why a stream stopped.
struct StreamFailure {
  enum class Kind { kBatch, kIo, kInternal };
  Kind kind;
  std::string message;
  std::string system_code;  // of kIo, such as "ENOSPC"
};

// A producer must not wait while its batches are encoded, compressed and written, and has no thread to spare for that.
// EncodingStream queues copies of batches, and any thread that calls Work() takes them out, encodes them and writes the
// packets: one thread at a time, in the order of the queue, so that the threads have no say in the bytes. If no thread
// comes, the producer works itself where it has to wait. After the first failure the queue is emptied and nothing is done.
//
// The packets are written behind (WriteBehind), on another thread if there are many of them.
//
// The stream owns the queue, the encoder and the output. The producer's thread calls everything; other threads call Work()
// or WorkUntilFinished() alone.
class EncodingStream {
 public:
  enum class Task {
    kBatch,
    kFlush,        // what the window has released goes out, however little
    kFlushWindow,  // the same with all that the window holds
    kFinish,
  };

  struct Options {
    size_t window = 0;  // slices, see StreamTraceEncoder; 0: a whole trace
    EncoderOptions encoder;
    // Of a stream: what is encoded goes out after a second, so that it is there if the process is killed. Where compressed
    // blocks end then depends on the time.
    bool flushes_by_time = true;
    std::string path;  // of the output, for messages
  };

  // Writes to `output`, which keeps chunks or writes a file. A whole trace without an output stays in memory().
  EncodingStream(const Options& options, std::unique_ptr<PacketOutput> output);

  // Push returns whether a thread should be asked to Work(): none does, and it is worth one. The caller must not push
  // anything behind kFinish.
  bool Push(const BatchView& batch);
  bool Push(Task task);

  // Works until there is nothing to do or a task is done; returns at once if another thread works.
  void Work();
  // Works until kFinish is done, or everything was given up: for a thread that is there for this stream alone.
  void WorkUntilFinished();
  // Returns when batches of no more than `bytes` wait, working itself if no other thread does.
  void WaitUntilBelow(size_t bytes);
  // Returns when nothing waits and no thread works, working itself if no other thread does.
  void WaitUntilIdle() { WaitUntilBelow(0); }

  // Whether something waits that no thread works on.
  bool NeedsWorker();
  // The tasks other than batches that are done, of all that were pushed.
  uint64_t tasks_done();
  uint64_t tasks_pushed() const { return tasks_pushed_; }
  bool IsIdle();

  // Bytes of batches that wait and of chunks that nobody took.
  size_t queued_bytes();
  std::optional<StreamFailure> failure();
  // The chunks of output since the last call, if there is no file.
  PacketOutput::Chunks TakeChunks();
  uint64_t bytes_written();

  // Gives up: forgets what waits and removes the file. Waits for the thread that works.
  void Abort();

  // These only while no thread works.
  const TimelineCounts& counts() const { return encoder_->counts(); }
  PacketMemory& memory() { return memory_; }
  // Announces how many rows of a whole trace will come.
  void Expect(size_t rows);

 private:
  struct Item {
    Task task;
    std::unique_ptr<OwnedBatch> batch;
  };
  using Lock = std::unique_lock<std::mutex>;
  using Clock = std::chrono::steady_clock;

  void WorkLocked(Lock& lock, bool lingers);
  void Do(const Item& item);
  void DoBatch(const BatchView& batch);
  void FlushOutput();
  void FinishTrace();
  void NoteOutput();
  void Fail(StreamFailure failure);
  bool IsIdleLocked() const { return !is_working_ && queue_.empty(); }

  const std::string path_;
  const bool flushes_by_time_;

  // Of the thread that works.
  std::unique_ptr<PacketOutput> output_;
  std::optional<WriteBehind> sink_;  // of a stream
  PacketMemory memory_;
  WholeTraceEncoder* whole_ = nullptr;  // one of these two is encoder_
  StreamTraceEncoder* stream_ = nullptr;
  std::unique_ptr<TraceEncoder> encoder_;
  Clock::time_point last_flush_ = Clock::now();

  // Of the producer.
  uint64_t tasks_pushed_ = 0;

  std::mutex mutex_;
  // Each wakes the threads that wait for just that: with one for both, two thirds of the switches were for nothing.
  std::condition_variable has_item_;  // the thread that works
  std::condition_variable progress_;  // all others
  std::deque<Item> queue_;
  std::vector<std::unique_ptr<OwnedBatch>> spare_;  // used up; kept for their memory
  bool is_working_ = false;
  bool is_finished_ = false;
  size_t batch_bytes_ = 0;
  size_t chunk_bytes_ = 0;
  uint64_t tasks_done_ = 0;
  uint64_t bytes_written_ = 0;
  PacketOutput::Chunks chunks_;
  std::optional<StreamFailure> failure_;
};

}  // namespace tracesmith
