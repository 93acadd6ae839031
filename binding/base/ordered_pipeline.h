#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace tracesmith {

// Problem: blocks of a trace must be read and collected in order, but the work between may run on several threads. In
// an OrderedPipeline each thread takes one item after the other through all stages, and waits only for its turn.
//
// It owns the threads, not the items: each thread has a slot of the caller's, in which its item lies from when it is
// read until it is collected.
class OrderedPipeline {
 public:
  // An exception of a stage ends the pipeline.
  struct Stages {
    // Reads the next item; false at the end. One thread at a time.
    std::function<bool(size_t slot)> read;
    // Works on an item. Several threads at a time, but never twice with the same slot.
    std::function<void(size_t slot)> work;
    // Empties the slot; false stops the pipeline. In the order of reading, one thread at a time.
    std::function<bool(size_t slot)> collect;
  };

  explicit OrderedPipeline(Stages stages) : stages_(std::move(stages)) {}

  // Runs the stages on this thread and `threads` - 1 more, or fewer if the system refuses. Returns when all threads
  // have ended; rethrows the first exception. The caller must call it once.
  void Run(size_t threads) {
    std::vector<std::thread> others;
    others.reserve(threads);
    try {
      while (others.size() + 1 < threads) others.emplace_back([this, slot = others.size() + 1] { RunSlot(slot); });
    } catch (const std::system_error&) {
      // The system refuses more threads.
    }
    RunSlot(0);
    for (std::thread& other : others) other.join();
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  void RunSlot(size_t slot) {
    try {
      while (PassItem(slot)) {
      }
    } catch (...) {
      const std::lock_guard<std::mutex> lock(collecting_);
      if (exception_ == nullptr) exception_ = std::current_exception();
      is_stopped_ = true;
      changed_.notify_all();
    }
  }

  // Returns whether there may be more items.
  bool PassItem(size_t slot) {
    uint64_t number;
    {
      const std::lock_guard<std::mutex> lock(reading_);
      // Nothing may be read after an exception or the end.
      if (is_stopped_ || !std::exchange(may_read_, false) || !stages_.read(slot)) return false;
      may_read_ = true;
      number = read_++;
    }
    stages_.work(slot);
    std::unique_lock<std::mutex> lock(collecting_);
    changed_.wait(lock, [&] { return is_stopped_ || collected_ == number; });
    if (is_stopped_) return false;
    if (!stages_.collect(slot)) is_stopped_ = true;
    ++collected_;
    changed_.notify_all();
    return !is_stopped_;
  }

  Stages stages_;
  std::mutex reading_;
  bool may_read_ = true;
  uint64_t read_ = 0;
  std::mutex collecting_;  // also of exception_
  std::condition_variable changed_;
  uint64_t collected_ = 0;
  std::exception_ptr exception_;
  std::atomic<bool> is_stopped_{false};
};

}  // namespace tracesmith
