#pragma once

#include <string>
#include <utility>

namespace tracesmith {

// Success, or what was expected, where, and what came. An empty message is success.
class Status {
 public:
  Status() = default;
  explicit Status(std::string message) : message_(std::move(message)) {}

  bool ok() const { return message_.empty(); }
  const std::string& message() const { return message_; }

 private:
  std::string message_;
};

}  // namespace tracesmith
