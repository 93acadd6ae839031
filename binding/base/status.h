#pragma once

#include <memory>
#include <string>
#include <utility>

namespace tracesmith {

// Success, or what was expected, where, and what came. Success is a null pointer: it is given back
// for every row.
class Status {
 public:
  Status() = default;
  explicit Status(std::string message) : message_(std::make_unique<std::string>(std::move(message))) {}

  bool ok() const { return message_ == nullptr; }
  // Empty for success.
  std::string message() const { return ok() ? std::string() : *message_; }

 private:
  std::unique_ptr<std::string> message_;
};

}  // namespace tracesmith
