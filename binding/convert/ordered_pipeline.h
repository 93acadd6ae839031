#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <vector>

namespace tracesmith {

// Reads pieces of something one after the other, works on several of them at a time, and collects what came
// out in the order in which they were read. Every thread does what comes next, so none waits while there is
// something to do, whichever of the three takes the longest.
class OrderedPipeline {
 public:
  // A piece lies in a slot from when it is read until it is collected. What these throw ends the pipeline.
  struct Stages {
    // Reads the next piece; false at the end. One thread at a time.
    std::function<bool(size_t slot)> read;
    // Works on it, in the order of reading on each thread; of the same `thread` never twice at a time.
    std::function<void(size_t slot, size_t thread)> work;
    // Takes it away, in the order of reading; false: no more is wanted. One thread at a time.
    std::function<bool(size_t slot)> collect;
  };

  OrderedPipeline(Stages stages, size_t slots);

  // Returns at the end, once, with all threads gone; rethrows the first exception. Runs on this thread and as many
  // more as make `threads`, fewer where the system gives no more.
  void Run(size_t threads);

 private:
  using Lock = std::unique_lock<std::mutex>;

  void Work(size_t thread);
  bool CanCollect() const { return !is_collecting_ && collected_ != read_ && is_done_[collected_ % is_done_.size()]; }
  bool CanRead() const { return !is_reading_ && !is_at_end_ && read_ - collected_ < is_done_.size(); }
  void Collect(Lock* lock);
  void ReadAndWork(size_t thread, Lock* lock);
  // Calls it without the lock; what it throws ends the pipeline.
  template <typename Step>
  void DoUnlocked(Lock* lock, Step step);

  Stages stages_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Piece n lies in slot n modulo their number.
  std::vector<char> is_done_;  // by slot: work on it is done, and it waits for its turn
  uint64_t read_ = 0;
  uint64_t collected_ = 0;
  bool is_reading_ = false;
  bool is_collecting_ = false;
  bool is_at_end_ = false;
  bool is_stopped_ = false;
  std::exception_ptr exception_;
};

}  // namespace tracesmith
