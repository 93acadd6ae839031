#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "input/gzip_reader.h"
#include "input/input_file.h"
#include "io/io_status.h"

namespace tracesmith {

// The content of a file, pipe or terminal from front to back, inflated where it is gzipped. Any thread
// may use it, one at a time. Whatever is read first says whether it is gzipped; opening reads nothing.
class ByteSource {
 public:
  // What Peek() shows at most.
  static constexpr size_t kHeadSize = 4096;

  // See InputFile. The caller must call one of them, once, and only go on where it went well.
  IoStatus Open(const std::string& path) { return file_.Open(path); }
  IoStatus Borrow(int descriptor) { return file_.Borrow(descriptor); }

  // Shows the first bytes of the content, fewer than kHeadSize only where there are no more. Read()
  // gives them as well. The caller may peek once, before reading; the bytes stay until the object is gone.
  IoStatus Peek(const uint8_t** head, size_t* size);

  // Gives the content that is at hand, at least one byte; a *count of 0 is the end. `size` must not be
  // 0. After a failure there is nothing more to read. Throws std::bad_alloc.
  IoStatus Read(uint8_t* target, size_t size, size_t* count);

  // Known once something was read.
  bool is_gzip() const { return gzip_.has_value(); }
  // The size of the file and how much of it is used up, compressed where it is gzipped; a total of 0
  // is unknown. The two need not meet: a file can grow, and what follows a problem is not read.
  uint64_t total() const { return file_.total(); }
  uint64_t consumed() const { return file_.position(); }
  // What is wrong with gzipped data; known at the end of the content.
  std::optional<InputProblem> problem() const { return is_gzip() ? gzip_->problem() : std::nullopt; }

 private:
  IoStatus ReadContent(uint8_t* target, size_t size, size_t* count);

  InputFile file_;
  std::optional<GzipReader> gzip_;
  bool is_started_ = false;
  std::vector<uint8_t> head_;
  size_t head_read_ = 0;
};

}  // namespace tracesmith
