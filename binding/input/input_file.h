#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "io/io_status.h"

namespace tracesmith {

// A file, pipe or terminal that is read from front to back, with a buffer to look ahead in. It is read
// and never mapped: a mapped file that somebody shortens meanwhile would end the process.
class InputFile {
 public:
  InputFile() = default;
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Opens `path` (UTF-8). Waits for the writer of a named pipe. A folder is EISDIR on every system.
  // The caller must open or borrow once.
  IoStatus Open(const std::string& path);
  // Reads what `descriptor`, such as 0 for stdin, has from its position on. It stays the caller's, who
  // must not close it earlier.
  IoStatus Borrow(int descriptor);

  // Reads what is there, at least one byte; a *count of 0 is the end, for good. `size` must not be 0.
  IoStatus Read(uint8_t* target, size_t size, size_t* count);

  // Buffers until available() is `size`, or all there is before the end. `size` is at most 256 KiB.
  IoStatus Fill(size_t size);
  // What is buffered. Reading and filling end the pointer's life.
  const uint8_t* data() const { return buffer_.get() + begin_; }
  size_t available() const { return end_ - begin_; }
  void Skip(size_t size) { begin_ += size; }

  // Bytes read or skipped, without those that are buffered.
  uint64_t position() const { return bytes_read_ - available(); }
  // Bytes there were when it was opened; 0 where nobody knows, as for a pipe.
  uint64_t total() const { return total_; }

 private:
  IoStatus ReadSome(uint8_t* target, size_t size, size_t* count);

  int descriptor_ = -1;
  bool is_borrowed_ = false;
  bool is_at_end_ = false;
  std::unique_ptr<uint8_t[]> buffer_;  // nothing is in it before the first Fill()
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t bytes_read_ = 0;
  uint64_t total_ = 0;
};

}  // namespace tracesmith
