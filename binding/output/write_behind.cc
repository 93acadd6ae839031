#include "output/write_behind.h"

#include <system_error>
#include <utility>

namespace tracesmith {
namespace {

// Worth the switch to another thread, and few enough bytes to stay in the cache of the processor.
constexpr size_t kBufferSize = 128 * 1024;
// So many buffers wait for a system that lets the thread run late.
constexpr size_t kMostFull = 16;

}  // namespace

WriteBehind::~WriteBehind() { Drain(); }

void WriteBehind::Append(const uint8_t* packets, size_t size) {
  filling_.insert(filling_.end(), packets, packets + size);
  if (filling_.size() >= kBufferSize) HandOver();
}

// Gives the full buffer to the thread, and takes an empty one.
void WriteBehind::HandOver() {
  if (!thread_.joinable()) {
    try {
      thread_ = std::thread([this] { Run(); });
    } catch (const std::system_error&) {
      return Write(filling_);  // the system has no more threads
    }
  }
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return full_.size() < kMostFull; });
  full_.push_back(std::move(filling_));
  filling_.clear();
  if (!spare_.empty()) {
    filling_ = std::move(spare_.back());
    spare_.pop_back();
  }
  changed_.notify_all();
}

void WriteBehind::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !full_.empty() || is_ending_; });
    if (full_.empty()) return;
    lock.unlock();
    Write(full_.front());
    lock.lock();
    spare_.push_back(std::move(full_.front()));
    full_.pop_front();
    changed_.notify_all();
  }
}

void WriteBehind::Write(std::vector<uint8_t>& packets) {
  output_.Append(packets.data(), packets.size());
  packets.clear();
  written_();
}

void WriteBehind::Pause() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
  is_ending_ = false;
}

void WriteBehind::Drain() {
  Pause();
  if (!filling_.empty()) Write(filling_);
}

}  // namespace tracesmith
