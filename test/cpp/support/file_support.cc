#include "file_support.h"

#include <csignal>
#include <filesystem>

#include "check.h"

namespace tracesmith::test {

bool IsEmpty(const TemporaryFolder& folder) {
  return std::filesystem::is_empty(std::filesystem::u8path(folder.Path("")));
}

#ifndef _WIN32

FileSizeLimit::FileSizeLimit(uint64_t bytes) {
  CHECK_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
  rlimit limit = before_;
  limit.rlim_cur = static_cast<rlim_t>(bytes);
  // The signal would end the process before the call fails.
  handler_before_ = std::signal(SIGXFSZ, SIG_IGN);
  CHECK_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

FileSizeLimit::~FileSizeLimit() {
  setrlimit(RLIMIT_FSIZE, &before_);
  std::signal(SIGXFSZ, handler_before_);
}

#endif

}  // namespace tracesmith::test
