#pragma once

#include <string>

namespace tracesmith {

// Success, or the error of a system call. A plain value: it makes text only on request.
class IoStatus {
 public:
  IoStatus() = default;
  // `call` must be a literal: the name of the system call, as in `syscall` of Node's errors.
  IoStatus(int errno_value, const char* call) : errno_value_(errno_value), call_(call) {}

  bool ok() const { return errno_value_ == 0; }
  // 0 for success.
  int errno_value() const { return errno_value_; }
  // "open", "write", ...; empty for success.
  const char* call() const { return call_; }
  // The name of the error, such as "ENOSPC"; "E" and the number for a rare one. Empty for success.
  std::string code() const;
  // The system's sentence, such as "No space left on device". Empty for success.
  std::string text() const;
  // All three, in the form of Node's errors: "ENOSPC: No space left on device, write".
  std::string reason() const { return code() + ": " + text() + ", " + call_; }

 private:
  int errno_value_ = 0;
  const char* call_ = "";
};

}  // namespace tracesmith
