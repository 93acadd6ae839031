#include "stream/encoding_stream.h"

#include <exception>
#include <utility>

namespace tracesmith {
namespace {

// The trace of a program that is killed has what was released a second before.
constexpr std::chrono::seconds kFlushInterval{1};
// As many batches as fill up while one is encoded.
constexpr size_t kSpareBatches = 8;
// A single small batch is encoded by a thread that waits for it: to start another thread takes longer.
constexpr size_t kBatchesWorthAThread = 2;
constexpr size_t kRowsWorthAThread = 4096;
// A producer at full speed fills a batch in less: to wait for it costs less than to be started again.
constexpr std::chrono::microseconds kLinger{400};

}  // namespace

EncodingStream::EncodingStream(const Options& options, std::unique_ptr<PacketOutput> output)
    : path_(options.path), flushes_by_time_(options.window != 0 && options.flushes_by_time), output_(std::move(output)) {
  if (options.window == 0) {
    auto whole = std::make_unique<WholeTraceEncoder>(memory_, options.encoder);
    whole_ = whole.get();
    encoder_ = std::move(whole);
  } else {
    sink_.emplace(*output_, [this] { NoteOutput(); });
    auto stream = std::make_unique<StreamTraceEncoder>(*sink_, options.window, options.encoder);
    stream_ = stream.get();
    encoder_ = std::move(stream);
  }
}

void EncodingStream::Expect(size_t rows) {
  if (whole_ != nullptr) whole_->Expect(rows);
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
  has_item_.notify_one();
  return !is_working_ && (batch.rows >= kRowsWorthAThread || queue_.size() >= kBatchesWorthAThread);
}

bool EncodingStream::Push(Task task) {
  Lock lock(mutex_);
  ++tasks_pushed_;
  queue_.push_back({task, nullptr});
  has_item_.notify_one();
  return !is_working_;
}

void EncodingStream::Work() {
  Lock lock(mutex_);
  if (!is_working_) WorkLocked(lock, true);
}

void EncodingStream::WorkUntilFinished() {
  Lock lock(mutex_);
  while (!is_finished_) {
    if (is_working_) {
      progress_.wait(lock);
    } else if (queue_.empty()) {
      has_item_.wait(lock);
    } else {
      WorkLocked(lock, false);
    }
  }
}

void EncodingStream::WaitUntilBelow(size_t bytes) {
  Lock lock(mutex_);
  while (bytes == 0 ? !IsIdleLocked() : batch_bytes_ > bytes) {
    if (is_working_) {
      progress_.wait(lock);
    } else {
      WorkLocked(lock, false);
    }
  }
}

// Works until the queue is empty or a task is done. `lingers`: first waits a little for more batches.
void EncodingStream::WorkLocked(Lock& lock, bool lingers) {
  is_working_ = true;
  while (true) {
    if (queue_.empty() && lingers) has_item_.wait_for(lock, kLinger, [this] { return !queue_.empty(); });
    if (queue_.empty()) break;
    Item item = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    Do(item);
    lock.lock();
    if (item.task == Task::kBatch) {
      batch_bytes_ -= item.batch->size();
      if (spare_.size() < kSpareBatches) spare_.push_back(std::move(item.batch));
      progress_.notify_all();
      continue;
    }
    ++tasks_done_;
    is_finished_ = is_finished_ || item.task == Task::kFinish;
    break;  // whoever pushed the task learns of it when this thread comes back
  }
  lock.unlock();
  if (sink_) sink_->Pause();
  lock.lock();
  is_working_ = false;
  progress_.notify_all();
  if (is_finished_) has_item_.notify_all();  // no item will come
}

void EncodingStream::Do(const Item& item) {
  try {
    if (failure()) {
      if (item.task != Task::kFinish) return;
      if (sink_) sink_->Drain();
      output_.reset();  // closes the file with what was written
      return;
    }
    switch (item.task) {
      case Task::kBatch:
        DoBatch(item.batch->view());
        break;
      case Task::kFlush:
      case Task::kFlushWindow:
        if (stream_ == nullptr) break;
        if (item.task == Task::kFlush) stream_->Flush();
        if (item.task == Task::kFlushWindow) stream_->FlushWindow();
        FlushOutput();
        break;
      case Task::kFinish:
        FinishTrace();
        break;
    }
  } catch (const std::exception& error) {
    Fail({StreamFailure::Kind::kInternal, error.what(), {}});
  }
}

void EncodingStream::DoBatch(const BatchView& batch) {
  const Status status = encoder_->Append(batch);
  if (!status.ok()) return Fail({StreamFailure::Kind::kBatch, "batch." + status.message(), {}});
  // The encoder is not flushed: when, would show in its bytes.
  if (flushes_by_time_ && Clock::now() - last_flush_ >= kFlushInterval) FlushOutput();
}

void EncodingStream::FlushOutput() {
  sink_->Drain();
  output_->Flush();
  NoteOutput();
  last_flush_ = Clock::now();
}

void EncodingStream::FinishTrace() {
  encoder_->Finish();
  if (output_ == nullptr) return;
  if (sink_) sink_->Drain();
  memory_.ForEach([this](const uint8_t* packets, size_t size) { output_->Append(packets, size); });
  memory_.Clear();
  output_->Finish();
  NoteOutput();
}

// Takes over what the output made of the packets, and its failure. Called by the thread that wrote them.
void EncodingStream::NoteOutput() {
  const IoStatus& status = output_->status();
  if (!status.ok()) Fail({StreamFailure::Kind::kIo, "Could not write " + path_ + ": " + status.reason(), status.code()});
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
  return IsIdleLocked();
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
  while (is_working_) progress_.wait(lock);
  queue_.clear();
  batch_bytes_ = 0;
  is_finished_ = true;
  has_item_.notify_all();
  progress_.notify_all();
  if (output_) output_->Discard();
}

}  // namespace tracesmith
