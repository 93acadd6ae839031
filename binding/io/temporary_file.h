#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "io/io_status.h"

namespace tracesmith {

// A file for what memory does not hold. Nobody else finds it, and it is gone with the object, or with
// the process, however that ends. One thread at a time may use it.
class TemporaryFile {
 public:
  TemporaryFile() = default;
  ~TemporaryFile();
  TemporaryFile(TemporaryFile&& other) noexcept { *this = static_cast<TemporaryFile&&>(other); }
  TemporaryFile& operator=(TemporaryFile&& other) noexcept;
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  // Creates it in the folder that `path` (UTF-8) lies in; only the folder must exist. "out/trace" and
  // "out/" both mean the folder "out". The caller must not call it on a file that is open.
  IoStatus Create(const std::string& path);
  bool is_open() const { return descriptor_ >= 0; }

  // Writes all of it, or fails having written a part.
  IoStatus WriteAt(uint64_t offset, const uint8_t* data, size_t size);
  // Reads all of it; EIO where the file ends before.
  IoStatus ReadAt(uint64_t offset, uint8_t* data, size_t size) const;

  // Nothing happens to a file that is not open.
  void Close();

 private:
  int descriptor_ = -1;
};

}  // namespace tracesmith
