#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "io/io_status.h"

namespace tracesmith {

// A file that is written from front to back. Nothing is buffered here: the caller passes blocks of
// many kilobytes.
class OutputFile {
 public:
  OutputFile() = default;
  // Closes a file that is open; call Close() to learn whether that went well.
  ~OutputFile();
  OutputFile(OutputFile&& other) noexcept { *this = static_cast<OutputFile&&>(other); }
  OutputFile& operator=(OutputFile&& other) noexcept;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Opens `path` (UTF-8): a new file, an existing one, which loses its content, or a pipe or device,
  // which is written to as it is. Never waits for the reader of a named pipe: without one, ENXIO.
  // The caller must not call it on a file that is open.
  IoStatus Open(const std::string& path);
  // Opens what a descriptor stands for, such as standard output, which stays the caller's. It is written to
  // from where it stands, and nothing of it is removed.
  IoStatus OpenCopy(int descriptor);
  bool is_open() const { return descriptor_ >= 0; }

  // Writes all of it, or fails having written a part.
  IoStatus Write(const uint8_t* data, size_t size);

  // Some systems tell only here that the disk is full. Nothing happens to a file that is not open.
  IoStatus Close();

  // Closes, and removes a regular file, since a part of a trace is of no use. A pipe or device stays,
  // and so does a file that meanwhile took this one's place. Nothing happens to a file that is not open.
  void Discard();

 private:
  int descriptor_ = -1;
  std::string resolved_path_;  // of a regular file: absolute, through links; empty for a pipe or device
};

}  // namespace tracesmith
