#pragma once

#include <cstdint>

#include "output_support.h"

#ifndef _WIN32
#include <sys/resource.h>
#endif

// What the tests of temporary files share.
namespace tracesmith::test {

bool IsEmpty(const TemporaryFolder& folder);

#ifndef _WIN32

// Files of this process cannot grow beyond `bytes` while it lives: writing fails with EFBIG.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(uint64_t bytes);
  ~FileSizeLimit();
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_;
  void (*handler_before_)(int);
};

#endif

}  // namespace tracesmith::test
