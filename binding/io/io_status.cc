#include "io/io_status.h"

#include <cerrno>
#include <system_error>

namespace tracesmith {
namespace {

struct ErrorCode {
  int value;
  const char* name;
};

// The errors of opening, reading, writing and closing a file. The standard library has their sentences but not their
// names.
constexpr ErrorCode kErrorCodes[] = {
    {EACCES, "EACCES"},
    {EAGAIN, "EAGAIN"},
    {EBADF, "EBADF"},
    {EBUSY, "EBUSY"},
    {ECONNRESET, "ECONNRESET"},
    {EEXIST, "EEXIST"},
    {EFBIG, "EFBIG"},
    {EINVAL, "EINVAL"},
    {EIO, "EIO"},
    {EISDIR, "EISDIR"},
    {ELOOP, "ELOOP"},
    {EMFILE, "EMFILE"},
    {ENAMETOOLONG, "ENAMETOOLONG"},
    {ENFILE, "ENFILE"},
    {ENODEV, "ENODEV"},
    {ENOENT, "ENOENT"},
    {ENOMEM, "ENOMEM"},
    {ENOSPC, "ENOSPC"},
    {ENOTDIR, "ENOTDIR"},
    {ENOTSUP, "ENOTSUP"},
    {ENXIO, "ENXIO"},
    {EOVERFLOW, "EOVERFLOW"},
    {EPERM, "EPERM"},
    {EPIPE, "EPIPE"},
    {EROFS, "EROFS"},
    {ESPIPE, "ESPIPE"},
    {ETIMEDOUT, "ETIMEDOUT"},
    {ETXTBSY, "ETXTBSY"},
// Windows has these for sockets only, or not at all.
#ifdef EDQUOT
    {EDQUOT, "EDQUOT"},
#endif
#ifdef ESTALE
    {ESTALE, "ESTALE"},
#endif
};

}  // namespace

std::string IoStatus::code() const {
  if (ok()) return "";
  for (const ErrorCode& code : kErrorCodes) {
    if (code.value == errno_value_) return code.name;
  }
  return "E" + std::to_string(errno_value_);
}

std::string IoStatus::text() const { return ok() ? "" : std::generic_category().message(errno_value_); }

}  // namespace tracesmith
