#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "io/io_status.h"

namespace tracesmith {

// Problem: reading differs between files, pipes and terminals, and between systems; and a mapped file that somebody
// shortens meanwhile would end the process. An InputFile reads them all alike, from front to back, through a buffer
// that allows looking ahead.
//
// It owns a descriptor that it opened, not one that it borrowed. One thread at a time may use it.
class InputFile {
 public:
  InputFile() = default;
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Opens `path` (UTF-8). Waits for the writer of a named pipe. Fails with EISDIR for a folder, on every system.
  // The caller must call Open() or Borrow() once.
  IoStatus Open(const std::string& path);
  // Reads from `descriptor`, such as 0 for stdin, from its position on. The caller keeps it and must not close it
  // earlier.
  IoStatus Borrow(int descriptor);

  // Reads the bytes that are available, at least one; a *count of 0 is the end, for good. `size` must not be 0.
  IoStatus Read(uint8_t* target, size_t size, size_t* count);

  // Fills the buffer until available() is `size` or the file ends. `size` is at most 256 KiB.
  IoStatus Fill(size_t size);
  // The buffer's content, valid until the next call of Read() or Fill().
  const uint8_t* data() const { return buffer_.get() + begin_; }
  size_t available() const { return end_ - begin_; }
  void Skip(size_t size) { begin_ += size; }

  // Bytes that were read or skipped, without those in the buffer.
  uint64_t position() const { return bytes_read_ - available(); }
  // The file's size, in bytes from the start position, when it was opened; 0 if unknown, as for a pipe.
  uint64_t total() const { return total_; }

 private:
  IoStatus ReadSome(uint8_t* target, size_t size, size_t* count);

  int descriptor_ = -1;
  bool is_borrowed_ = false;
  bool is_at_end_ = false;
  std::unique_ptr<uint8_t[]> buffer_;  // null before the first Fill()
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t bytes_read_ = 0;
  uint64_t total_ = 0;
};

}  // namespace tracesmith
