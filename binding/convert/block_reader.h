#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "../chrome_json/text_scanner.h"
#include "../input/byte_source.h"

namespace tracesmith {

// Reads and cuts a text on a thread of its own, a few blocks ahead of who reads the events.
class BlockReader {
 public:
  // The source must outlive the reader; while that runs, nobody else may use it. `note_read` is called on
  // the thread after each read.
  BlockReader(ByteSource& source, const TextScanner::Options& options, std::function<void()> note_read);
  // Stops reading and waits for the thread.
  ~BlockReader();

  // The next block, or null at the end. It stays until Return().
  TextBlock* Next();
  void Return(TextBlock* block);

  // After Next() gave null: the failure of the source, and what the scanner found.
  const IoStatus& status() const { return status_; }
  const TextScanner& scanner() const { return scanner_; }
  uint64_t text_bytes() const { return text_bytes_; }

 private:
  static constexpr size_t kBlocks = 3;

  size_t ReadSource(uint8_t* to, size_t capacity);
  void Run();

  ByteSource& source_;
  std::function<void()> note_read_;
  IoStatus status_;
  uint64_t text_bytes_ = 0;
  TextScanner scanner_;
  std::atomic<bool> is_stopped_{false};
  TextBlock blocks_[kBlocks];
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<TextBlock*> free_;
  std::vector<TextBlock*> full_;  // the oldest first
  bool is_at_end_ = false;
  std::exception_ptr exception_;
  std::thread thread_;
};

}  // namespace tracesmith
