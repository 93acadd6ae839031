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
  TemporaryFile(TemporaryFile&& other) noexcept { *this = static_cast<TemporaryFile&&>(other); }
  TemporaryFile& operator=(TemporaryFile&& other) noexcept;
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  // Creates it in the folder of `path` (UTF-8), which must exist: "out/trace" and "out/" both mean the folder "out".
  // The caller must not call it on an open file.
  IoStatus Create(const std::string& path);
  bool is_open() const { return descriptor_ >= 0; }

  // Writes all bytes, or fails after some of them.
  IoStatus WriteAt(uint64_t offset, const uint8_t* data, size_t size);
  // Reads all bytes; fails with EIO if the file ends before.
  IoStatus ReadAt(uint64_t offset, uint8_t* data, size_t size) const;

  // Does nothing if the file is not open.
  void Close();

 private:
  int descriptor_ = -1;
};

}  // namespace tracesmith
