#include "encoding_stream.h"

#include <exception>
#include <utility>

namespace tracesmith {
namespace {

// The trace of a program that is killed has what was released a second before.
constexpr std::chrono::seconds kPassInterval{1};
// As many batches as fill up while one is encoded.
constexpr size_t kSpareBatches = 8;
// One batch alone is encoded by who waits for it: waking a thread takes longer.
constexpr size_t kWorthAThread = 2;

}  // namespace

EncodingStream::EncodingStream() : is_stream_(false) {}

EncodingStream::EncodingStream(size_t window, const ClockReading& clock, std::unique_ptr<PacketOutput> output,
                               std::string path)
    : encoder_(window, clock), is_stream_(true), path_(std::move(path)), output_(std::move(output)) {
  encoder_.OnOutput([this] { PassOutput(); });
}

bool EncodingStream::Push(const BatchView& batch) {
  std::unique_ptr<OwnedBatch> copy;
  {
    Lock lock(mutex_);
    if (failure_) return false;
    if (!spare_.empty()) {
      copy = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  if (!copy) copy = std::make_unique<OwnedBatch>();
  copy->Assign(batch);
  Lock lock(mutex_);
  batch_bytes_ += copy->size();
  queue_.push_back({Task::kBatch, std::move(copy)});
  return !is_working_ && queue_.size() >= kWorthAThread;
}

bool EncodingStream::Push(Task task) {
  Lock lock(mutex_);
  ++tasks_pushed_;
  queue_.push_back({task, nullptr});
  return !is_working_;
}

void EncodingStream::Work() {
  Lock lock(mutex_);
  if (!is_working_) WorkLocked(lock);
}

void EncodingStream::WorkLocked(Lock& lock) {
  is_working_ = true;
  bool goes_on = true;
  while (goes_on && !queue_.empty()) {
    Item item = std::move(queue_.front());
    queue_.pop_front();
    const bool has_failed = failure_.has_value();
    lock.unlock();
    try {
      if (!has_failed) {
        Do(item);
      } else if (item.task == Task::kFinish) {
        output_.reset();  // closes the file with what was written
      }
    } catch (const std::exception& error) {
      Fail({StreamFailure::Kind::kInternal, error.what(), {}});
    }
    lock.lock();
    if (item.task == Task::kBatch) {
      batch_bytes_ -= item.batch->size();
      if (spare_.size() < kSpareBatches) spare_.push_back(std::move(item.batch));
    } else {
      ++tasks_done_;
      // Whoever asked for it learns of it when this thread comes back.
      goes_on = false;
    }
    progress_.notify_all();
  }
  is_working_ = false;
  progress_.notify_all();
}

void EncodingStream::Do(const Item& item) {
  switch (item.task) {
    case Task::kBatch: {
      const Status status = encoder_.Append(item.batch->view());
      if (!status.ok()) return Fail({StreamFailure::Kind::kBatch, "batch." + status.message(), {}});
      if (!is_stream_) return;
      PassOutput();
      if (Clock::now() - last_pass_ < kPassInterval) return;
      break;
    }
    case Task::kPassOn:
      break;
    case Task::kFlushWindow:
      encoder_.FlushWindow();
      PassOutput();
      break;
    case Task::kFinish:
      encoder_.Finish();
      if (!is_stream_) return;
      PassOutput();
      NoteIo(output_->Finish());
      return;
  }
  NoteIo(output_->Flush());
  last_pass_ = Clock::now();
}

void EncodingStream::PassOutput() {
  IoStatus status;
  encoder_.TakeOutput([&](const uint8_t* packets, size_t size) {
    if (status.ok()) status = output_->Append(packets, size);
  });
  NoteIo(status);
}

void EncodingStream::NoteIo(const IoStatus& status) {
  if (!status.ok()) {
    const std::string reason = status.code() + ": " + status.text() + ", " + status.call();
    Fail({StreamFailure::Kind::kIo, "Could not write " + path_ + ": " + reason, status.code()});
  }
  PacketOutput::Chunks chunks = output_->TakeChunks();
  Lock lock(mutex_);
  bytes_written_ = output_->bytes_written();
  for (auto& chunk : chunks) {
    chunk_bytes_ += chunk.size();
    chunks_.push_back(std::move(chunk));
  }
}

void EncodingStream::Fail(StreamFailure failure) {
  Lock lock(mutex_);
  if (!failure_) failure_ = std::move(failure);
}

void EncodingStream::WaitUntilBelow(size_t bytes) {
  Lock lock(mutex_);
  while (batch_bytes_ > bytes) {
    if (is_working_) {
      progress_.wait(lock);
    } else {
      WorkLocked(lock);
    }
  }
}

void EncodingStream::WaitUntilIdle() {
  Lock lock(mutex_);
  while (is_working_ || !queue_.empty()) {
    if (is_working_) {
      progress_.wait(lock);
    } else {
      WorkLocked(lock);
    }
  }
}

bool EncodingStream::NeedsWorker() {
  Lock lock(mutex_);
  return !is_working_ && !queue_.empty();
}

uint64_t EncodingStream::tasks_done() {
  Lock lock(mutex_);
  return tasks_done_;
}

bool EncodingStream::IsIdle() {
  Lock lock(mutex_);
  return !is_working_ && queue_.empty();
}

size_t EncodingStream::queued_bytes() {
  Lock lock(mutex_);
  return batch_bytes_ + chunk_bytes_;
}

std::optional<StreamFailure> EncodingStream::failure() {
  Lock lock(mutex_);
  return failure_;
}

PacketOutput::Chunks EncodingStream::TakeChunks() {
  Lock lock(mutex_);
  chunk_bytes_ = 0;
  return std::exchange(chunks_, {});
}

uint64_t EncodingStream::bytes_written() {
  Lock lock(mutex_);
  return bytes_written_;
}

void EncodingStream::Abort() {
  Lock lock(mutex_);
  if (!failure_) failure_ = StreamFailure{StreamFailure::Kind::kInternal, "the trace was given up", {}};
  queue_.clear();
  batch_bytes_ = 0;
  while (is_working_) progress_.wait(lock);
  if (output_) output_->Discard();
}

}  // namespace tracesmith
