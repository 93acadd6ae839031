#include "convert/ordered_pipeline.h"

#include <system_error>
#include <thread>
#include <utility>

namespace tracesmith {

OrderedPipeline::OrderedPipeline(Stages stages, size_t slots) : stages_(std::move(stages)), is_done_(slots, 0) {}

void OrderedPipeline::Run(size_t threads) {
  std::vector<std::thread> others;
  others.reserve(threads);
  try {
    while (others.size() + 1 < threads) others.emplace_back([this, thread = others.size() + 1] { Work(thread); });
  } catch (const std::system_error&) {
    // The system refuses more threads.
  }
  Work(0);
  for (std::thread& other : others) other.join();
  if (exception_) std::rethrow_exception(exception_);
}

void OrderedPipeline::Work(size_t thread) {
  Lock lock(mutex_);
  while (!is_stopped_) {
    if (CanCollect()) {
      Collect(&lock);
    } else if (CanRead()) {
      ReadAndWork(thread, &lock);
    } else if (is_at_end_ && collected_ == read_) {
      break;
    } else {
      changed_.wait(lock);
    }
  }
}

void OrderedPipeline::Collect(Lock* lock) {
  const size_t slot = collected_ % is_done_.size();
  bool is_more_wanted = false;
  is_collecting_ = true;
  DoUnlocked(lock, [&] { is_more_wanted = stages_.collect(slot); });
  is_collecting_ = false;
  is_done_[slot] = 0;
  ++collected_;
  if (!is_more_wanted) is_stopped_ = true;
  changed_.notify_all();
}

// The thread that has read an item works on it, because it has it in its cache.
void OrderedPipeline::ReadAndWork(size_t thread, Lock* lock) {
  const size_t slot = read_ % is_done_.size();
  bool has_item = false;
  is_reading_ = true;
  DoUnlocked(lock, [&] { has_item = stages_.read(slot); });
  is_reading_ = false;
  if (has_item) {
    ++read_;
  } else {
    is_at_end_ = true;
  }
  changed_.notify_all();
  if (!has_item) return;
  DoUnlocked(lock, [&] { stages_.work(slot, thread); });
  is_done_[slot] = 1;
  changed_.notify_all();
}

template <typename Step>
void OrderedPipeline::DoUnlocked(Lock* lock, Step step) {
  lock->unlock();
  std::exception_ptr exception;
  try {
    step();
  } catch (...) {
    exception = std::current_exception();
  }
  lock->lock();
  if (exception == nullptr) return;
  if (exception_ == nullptr) exception_ = exception;
  is_stopped_ = true;
}

}  // namespace tracesmith
