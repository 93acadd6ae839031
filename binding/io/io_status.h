#pragma once

#include <string>

namespace tracesmith {

// Success, or what the system refused. A plain value: text is made only where somebody asks for it.
class IoStatus {
 public:
  IoStatus() = default;
  // `call` must be a literal: the name of the system call, as Node's errors have it in `syscall`.
  IoStatus(int errno_value, const char* call) : errno_value_(errno_value), call_(call) {}

  bool ok() const { return errno_value_ == 0; }
  // 0 for success.
  int errno_value() const { return errno_value_; }
  // "open", "write", ...; empty for success.
  const char* call() const { return call_; }
  // The system's name for it, such as "ENOSPC"; "E" and the number for a rare one. Empty for success.
  std::string code() const;
  // The system's sentence, such as "No space left on device". Empty for success.
  std::string text() const;
  // All three, as Node's errors say it: "ENOSPC: No space left on device, write".
  std::string reason() const { return code() + ": " + text() + ", " + call_; }

 private:
  int errno_value_ = 0;
  const char* call_ = "";
};

}  // namespace tracesmith
