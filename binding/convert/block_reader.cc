#include "block_reader.h"

#include <utility>

namespace tracesmith {

BlockReader::BlockReader(ByteSource& source, const TextScanner::Options& options, std::function<void()> note_read)
    : source_(source),
      note_read_(std::move(note_read)),
      scanner_([this](uint8_t* to, size_t capacity) { return ReadSource(to, capacity); }, options) {
  for (TextBlock& block : blocks_) free_.push_back(&block);
  thread_ = std::thread([this] { Run(); });
}

BlockReader::~BlockReader() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

size_t BlockReader::ReadSource(uint8_t* to, size_t capacity) {
  size_t count = 0;
  if (!is_stopped_ && status_.ok()) status_ = source_.Read(to, capacity, &count);
  note_read_();
  text_bytes_ += count;
  return status_.ok() ? count : 0;
}

void BlockReader::Run() {
  try {
    while (true) {
      TextBlock* block;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [this] { return is_stopped_ || !free_.empty(); });
        if (is_stopped_) break;
        block = free_.back();
        free_.pop_back();
      }
      if (!scanner_.Next(block)) break;
      const std::lock_guard<std::mutex> lock(mutex_);
      full_.push_back(block);
      changed_.notify_all();
    }
  } catch (...) {
    exception_ = std::current_exception();
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  is_at_end_ = true;
  changed_.notify_all();
}

TextBlock* BlockReader::Next() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return is_at_end_ || !full_.empty(); });
  if (!full_.empty()) {
    TextBlock* block = full_.front();
    full_.erase(full_.begin());
    return block;
  }
  if (exception_) std::rethrow_exception(exception_);
  return nullptr;
}

void BlockReader::Return(TextBlock* block) {
  const std::lock_guard<std::mutex> lock(mutex_);
  free_.push_back(block);
  changed_.notify_all();
}

}  // namespace tracesmith
