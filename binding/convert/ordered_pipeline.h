#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <vector>

namespace tracesmith {

// Problem: blocks of a trace must be read and collected in order, but the work between may run on several threads, and
// any of the three may take the longest. In an OrderedPipeline every thread does the next step that is possible, so
// none waits while there is something to do.
//
// It owns the threads, not the items: an item lies in one of the caller's slots from when it is read until it is
// collected.
class OrderedPipeline {
 public:
  // An exception of a stage ends the pipeline.
  struct Stages {
    // Reads the next item; false at the end. One thread at a time.
    std::function<bool(size_t slot)> read;
    // Works on an item. Several threads at a time, but never twice with the same `thread`, which sees its items in the
    // order of reading.
    std::function<void(size_t slot, size_t thread)> work;
    // Empties the slot; false stops the pipeline. In the order of reading, one thread at a time.
    std::function<bool(size_t slot)> collect;
  };

  OrderedPipeline(Stages stages, size_t slots);

  // Runs the stages on this thread and `threads` - 1 more, or fewer if the system refuses. Returns when all threads
  // have ended; rethrows the first exception. The caller must call it once.
  void Run(size_t threads);

 private:
  using Lock = std::unique_lock<std::mutex>;

  void Work(size_t thread);
  bool CanCollect() const { return !is_collecting_ && collected_ != read_ && is_done_[collected_ % is_done_.size()]; }
  bool CanRead() const { return !is_reading_ && !is_at_end_ && read_ - collected_ < is_done_.size(); }
  void Collect(Lock* lock);
  void ReadAndWork(size_t thread, Lock* lock);
  // Calls `step` without the lock; an exception ends the pipeline.
  template <typename Step>
  void DoUnlocked(Lock* lock, Step step);

  Stages stages_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Item n lies in slot n modulo the number of slots.
  std::vector<char> is_done_;  // by slot: its item waits to be collected
  uint64_t read_ = 0;
  uint64_t collected_ = 0;
  bool is_reading_ = false;
  bool is_collecting_ = false;
  bool is_at_end_ = false;
  bool is_stopped_ = false;
  std::exception_ptr exception_;
};

}  // namespace tracesmith
