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
#include <thread>
#include <vector>

#include "encoder/trace_encoder.h"
#include "output/packet_output.h"
#include "batch/owned_batch.h"
#include "stream/processors.h"

namespace tracesmith {

// Why a stream stopped.
struct StreamFailure {
  enum class Kind { kBatch, kIo, kInternal };
  Kind kind;
  std::string message;
  std::string system_code;  // of kIo, such as "ENOSPC"
};

// An encoder that works on whatever threads lend themselves: the producer's thread copies batches into a
// queue, and another one, or the producer's own where it must wait, takes them out. What comes out waits in a
// second queue for who compresses it and writes it, to a file or into memory: where there is much of it a
// thread that is started for that, since writing takes as long as encoding, else who encodes. After the first
// failure everything is taken and nothing done.
//
// The producer's thread calls everything; other threads call Work() alone.
class EncodingStream {
 public:
  enum class Task {
    kBatch,
    kPassOn,       // what was released goes out, however little
    kFlushWindow,  // the same with all that the window holds
    kFinish,
  };

  // Encodes into memory, where the output stays in the encoder: a whole trace.
  EncodingStream();
  // Encodes a stream; without a file the output is taken in chunks. The path is for messages.
  EncodingStream(size_t window, const ClockReading& clock, std::unique_ptr<PacketOutput> output, std::string path);

  // The caller must not push anything behind kFinish. Each gives whether a thread should be asked to
  // Work(): nobody does, and it is worth one.
  bool Push(const BatchView& batch);
  bool Push(Task task);

  // Works until there is nothing to do or a task is done; returns at once where others do that.
  void Work();

  // Works until the task kFinish is done, or all was given up: for a thread that is there for this stream
  // alone.
  void WorkUntilFinished();

  // Returns when no more than `bytes` wait, of batches and of output that is not written, working itself
  // where nobody does.
  void WaitUntilBelow(size_t bytes);
  // Returns when the queue is empty and nobody works, the same way.
  void WaitUntilIdle();

  // Whether something waits that nobody works on.
  bool NeedsWorker();
  // Tasks other than batches that are done, of all that were pushed.
  uint64_t tasks_done();
  uint64_t tasks_pushed() const { return tasks_pushed_; }
  bool IsIdle();

  // Bytes of batches that wait, of output that is not written and of chunks that nobody took.
  size_t queued_bytes();
  std::optional<StreamFailure> failure();

  // The chunks of output so far, where there is no file.
  PacketOutput::Chunks TakeChunks();
  uint64_t bytes_written();

  // Gives up: forgets what waits and removes the file. Waits for who works.
  void Abort();

  // Only while nobody works.
  TraceEncoder& encoder() { return encoder_; }

 private:
  struct Item {
    Task task;
    std::unique_ptr<OwnedBatch> batch;
  };
  // What was encoded, and what is to be done behind it.
  struct Output {
    std::vector<std::vector<uint8_t>> packets;
    enum class Then : uint8_t { kNothing, kPassOn, kFinish } then = Then::kNothing;
    bool is_task = false;
  };
  using Lock = std::unique_lock<std::mutex>;
  using Clock = std::chrono::steady_clock;

  // `ends_soon`: all that comes behind is there, and ends the trace.
  void Do(const Item& item, bool ends_soon);
  void Encode(const Item& item, bool ends_soon);
  void QueueOutput(Output output);
  void QueueEncoded();
  void Write(Output& output);
  void NoteIo(const IoStatus& status);
  void Fail(StreamFailure failure);
  void NotifyOfItem();
  void EncodeLocked(Lock& lock, std::thread* writer);
  void StartWriter();
  void WriteLocked(Lock& lock, bool stays);
  // Takes whatever role is free and has something to do; false where there is none.
  bool TakeRole(Lock& lock);
  bool IsIdleLocked() const { return !is_encoding_ && !is_writing_ && queue_.empty() && outputs_.empty(); }

  // Of who encodes.
  TraceEncoder encoder_;
  bool is_stream_;
  std::string path_;
  Clock::time_point last_pass_ = Clock::now();
  std::thread* writer_ = nullptr;

  std::mutex mutex_;
  // Each wakes who waits for just that: with one for all, two thirds of the switches between threads were for nothing.
  std::condition_variable has_item_;    // who encodes
  std::condition_variable has_output_;  // who writes
  std::condition_variable progress_;    // everybody else
  std::deque<Item> queue_;
  std::vector<std::unique_ptr<OwnedBatch>> spare_;
  size_t batch_bytes_ = 0;
  int processor_of_producer_ = kNoProcessor;
  size_t chunk_bytes_ = 0;
  bool is_encoding_ = false;
  std::deque<Output> outputs_;
  size_t output_bytes_ = 0;
  bool is_writing_ = false;
  bool is_finished_ = false;
  uint64_t tasks_pushed_ = 0;
  uint64_t tasks_done_ = 0;
  uint64_t bytes_written_ = 0;
  std::unique_ptr<PacketOutput> output_;  // of who writes
  PacketOutput::Chunks chunks_;
  std::optional<StreamFailure> failure_;
};

}  // namespace tracesmith
