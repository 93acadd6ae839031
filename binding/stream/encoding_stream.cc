#include "stream/encoding_stream.h"

#include <exception>
#include <numeric>
#include <system_error>
#include <utility>

namespace tracesmith {
namespace {

// The trace of a program that is killed has what was released a second before.
constexpr std::chrono::seconds kPassInterval{1};
// As many batches as fill up while one is encoded.
constexpr size_t kSpareBatches = 8;
// One small batch alone is encoded by who waits for it, and less output written by who encodes it: starting a thread
// takes longer.
constexpr size_t kBatchesWorthAThread = 2;
constexpr size_t kRowsWorthAThread = 4096;
constexpr size_t kOutputWorthAThread = size_t{64} << 10;
// A producer at full speed fills a batch in less: waiting for it costs less than being started again.
constexpr std::chrono::microseconds kLinger{400};
// Who encodes waits, or writes itself, when this much was not written yet.
constexpr size_t kMostOutput = size_t{4} << 20;

size_t SizeOf(const std::vector<std::vector<uint8_t>>& pieces) {
  return std::accumulate(pieces.begin(), pieces.end(), size_t{0}, [](size_t sum, const auto& piece) { return sum + piece.size(); });
}

}  // namespace

EncodingStream::EncodingStream() : is_stream_(false) {}

EncodingStream::EncodingStream(size_t window, const ClockReading& clock, std::unique_ptr<PacketOutput> output,
                               std::string path)
    : encoder_(window, clock), is_stream_(true), path_(std::move(path)), output_(std::move(output)) {
  encoder_.OnOutput([this] { QueueEncoded(); });
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
  processor_of_producer_ = CurrentProcessor();
  queue_.push_back({Task::kBatch, std::move(copy)});
  NotifyOfItem();
  return !is_encoding_ && (batch.rows >= kRowsWorthAThread || queue_.size() >= kBatchesWorthAThread);
}

bool EncodingStream::Push(Task task) {
  Lock lock(mutex_);
  ++tasks_pushed_;
  queue_.push_back({task, nullptr});
  NotifyOfItem();
  return !is_encoding_;
}

void EncodingStream::Work() {
  std::thread writer;
  {
    Lock lock(mutex_);
    if (!is_encoding_ && !queue_.empty()) EncodeLocked(lock, &writer);
    if (!is_writing_) WriteLocked(lock, false);
  }
  if (writer.joinable()) writer.join();
}

// With a place for a thread of who writes, it starts one when that is worth it, and waits a little for more batches.
void EncodingStream::EncodeLocked(Lock& lock, std::thread* writer) {
  is_encoding_ = true;
  writer_ = writer;
  bool may_share_processor = writer != nullptr;
  bool goes_on = true;
  while (goes_on) {
    if (queue_.empty() && writer != nullptr) {
      has_item_.wait_for(lock, kLinger, [this] { return !queue_.empty(); });
      may_share_processor = true;
    }
    if (queue_.empty()) break;
    Item item = std::move(queue_.front());
    queue_.pop_front();
    const bool ends_soon = !queue_.empty() && queue_.back().task == Task::kFinish;
    const int processor_of_producer = processor_of_producer_;
    lock.unlock();
    if (may_share_processor) LeaveProcessor(processor_of_producer);
    may_share_processor = false;
    Do(item, ends_soon);
    lock.lock();
    if (item.task == Task::kBatch) {
      batch_bytes_ -= item.batch->size();
      if (spare_.size() < kSpareBatches) spare_.push_back(std::move(item.batch));
    } else {
      // Whoever asked for it learns of it when this thread comes back.
      goes_on = false;
      if (!is_stream_) ++tasks_done_;
    }
    progress_.notify_all();
    while (output_bytes_ > kMostOutput) {
      if (is_writing_) {
        progress_.wait(lock);
      } else {
        WriteLocked(lock, false);
      }
    }
  }
  is_encoding_ = false;
  writer_ = nullptr;
  has_output_.notify_one();  // or there will be none
  progress_.notify_all();
}

void EncodingStream::NotifyOfItem() {
  has_item_.notify_one();
  progress_.notify_all();
}

void EncodingStream::Do(const Item& item, bool ends_soon) {
  try {
    if (!failure()) Encode(item, ends_soon);
  } catch (const std::exception& error) {
    Fail({StreamFailure::Kind::kInternal, error.what(), {}});
  }
  if (!is_stream_) return;
  if (item.task != Task::kBatch) {
    QueueOutput({{}, item.task == Task::kFinish ? Output::Then::kFinish : Output::Then::kPassOn, true});
    last_pass_ = Clock::now();
  } else if (Clock::now() - last_pass_ >= kPassInterval) {
    QueueOutput({{}, Output::Then::kPassOn, false});
    last_pass_ = Clock::now();
  }
}

void EncodingStream::Encode(const Item& item, bool ends_soon) {
  switch (item.task) {
    case Task::kBatch: {
      const Status status = encoder_.Append(item.batch->view(), ends_soon);
      if (!status.ok()) return Fail({StreamFailure::Kind::kBatch, "batch." + status.message(), {}});
      break;
    }
    case Task::kPassOn:
      break;
    case Task::kFlushWindow:
      encoder_.FlushWindow();
      break;
    case Task::kFinish:
      encoder_.Finish();
      break;
  }
  if (is_stream_) QueueEncoded();
}

void EncodingStream::QueueEncoded() {
  Output output;
  output.packets = encoder_.TakeOutput();
  if (!output.packets.empty()) QueueOutput(std::move(output));
}

void EncodingStream::QueueOutput(Output output) {
  Lock lock(mutex_);
  output_bytes_ += SizeOf(output.packets);
  // Behind a task this thread comes back and writes.
  const bool is_due = output_bytes_ >= kOutputWorthAThread || (output.then != Output::Then::kNothing && !output.is_task);
  outputs_.push_back(std::move(output));
  if (is_due && !is_writing_ && writer_ != nullptr) StartWriter();
  has_output_.notify_one();
  progress_.notify_all();
}

void EncodingStream::StartWriter() {
  if (writer_->joinable()) return;
  is_writing_ = true;
  try {
    *writer_ = std::thread([this, processor_of_encoder = CurrentProcessor()] {
      LeaveProcessor(processor_of_encoder);
      Lock lock(mutex_);
      WriteLocked(lock, true);
    });
  } catch (const std::system_error&) {
    is_writing_ = false;  // who encodes writes as well
  }
}

// Who stays writes what is still being encoded as well.
void EncodingStream::WriteLocked(Lock& lock, bool stays) {
  is_writing_ = true;
  while (true) {
    while (stays && outputs_.empty() && is_encoding_) has_output_.wait(lock);
    if (outputs_.empty()) break;
    Output output = std::move(outputs_.front());
    outputs_.pop_front();
    lock.unlock();
    Write(output);
    lock.lock();
    output_bytes_ -= SizeOf(output.packets);
    if (output.is_task) ++tasks_done_;
    if (output.then == Output::Then::kFinish) is_finished_ = true;
    progress_.notify_all();
  }
  is_writing_ = false;
  progress_.notify_all();
}

void EncodingStream::Write(Output& output) {
  try {
    if (failure()) {
      if (output.then == Output::Then::kFinish) output_.reset();  // closes the file with what was written
      return;
    }
    IoStatus status;
    for (const auto& piece : output.packets) {
      if (status.ok()) status = output_->Append(piece.data(), piece.size());
    }
    if (status.ok() && output.then == Output::Then::kPassOn) status = output_->Flush();
    if (status.ok() && output.then == Output::Then::kFinish) status = output_->Finish();
    NoteIo(status);
  } catch (const std::exception& error) {
    Fail({StreamFailure::Kind::kInternal, error.what(), {}});
  }
}

void EncodingStream::NoteIo(const IoStatus& status) {
  if (!status.ok()) {
    Fail({StreamFailure::Kind::kIo, "Could not write " + path_ + ": " + status.reason(), status.code()});
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

bool EncodingStream::TakeRole(Lock& lock) {
  if (!is_encoding_ && !queue_.empty()) {
    EncodeLocked(lock, nullptr);
    return true;
  }
  if (!is_writing_ && !outputs_.empty()) {
    WriteLocked(lock, false);
    return true;
  }
  return false;
}

void EncodingStream::WorkUntilFinished() {
  Lock lock(mutex_);
  while (!is_finished_) {
    if (!TakeRole(lock)) progress_.wait(lock);
  }
}

void EncodingStream::WaitUntilBelow(size_t bytes) {
  Lock lock(mutex_);
  while (batch_bytes_ + output_bytes_ > bytes) {
    if (!TakeRole(lock)) progress_.wait(lock);
  }
}

void EncodingStream::WaitUntilIdle() {
  Lock lock(mutex_);
  while (!IsIdleLocked()) {
    if (!TakeRole(lock)) progress_.wait(lock);
  }
}

bool EncodingStream::NeedsWorker() {
  Lock lock(mutex_);
  return (!is_encoding_ && !queue_.empty()) || (!is_writing_ && !outputs_.empty());
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
  return batch_bytes_ + output_bytes_ + chunk_bytes_;
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
  while (is_encoding_ || is_writing_) progress_.wait(lock);
  queue_.clear();
  batch_bytes_ = 0;
  outputs_.clear();
  output_bytes_ = 0;
  is_finished_ = true;
  progress_.notify_all();
  if (output_) output_->Discard();
}

}  // namespace tracesmith
