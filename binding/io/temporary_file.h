#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "io/io_status.h"

namespace tracesmith {

// Problem: data that does not fit into memory needs a file that nobody finds and that never stays behind. A
// TemporaryFile disappears with the object, or with the process, however that ends. One thread at a time may use it.
class TemporaryFile {
 public:
  TemporaryFile() = default;
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  // Creates it in the folder of `path` (UTF-8), which must exist: "out/trace" and "out/" both mean the folder "out".
  // The caller must not call it on an open file.
  IoStatus Create(const std::string& path);

  // Writes all bytes, or fails after some of them.
  IoStatus WriteAt(uint64_t offset, const uint8_t* data, size_t size);
  // Reads all bytes; fails with EIO if the file ends before.
  IoStatus ReadAt(uint64_t offset, uint8_t* data, size_t size) const;

 private:
  int descriptor_ = -1;
};

}  // namespace tracesmith
