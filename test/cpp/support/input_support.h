#pragma once

#include <functional>
#include <string>
#include <thread>

#include "input/byte_source.h"
#include "output_support.h"

// What the tests of binding/input share: sources to read from, and what came of them.
namespace tracesmith::test {

void WriteFile(const std::string& path, const Bytes& bytes);

Bytes BytesOf(const std::string& text);

// Reads to the end, or fails the test; no more than `step` bytes at once.
Bytes ReadAll(ByteSource* source, size_t step = 100'000);

#ifndef _WIN32

// A pipe that another thread writes to, by `write` and its descriptor; then the thread closes it.
class FedPipe {
 public:
  explicit FedPipe(std::function<void(int descriptor)> write);
  // A pipe that `bytes` come through in pieces of `step`.
  FedPipe(const Bytes& bytes, size_t step);
  ~FedPipe();
  FedPipe(const FedPipe&) = delete;
  FedPipe& operator=(const FedPipe&) = delete;
  int reader() const { return reader_; }

 private:
  int reader_;
  std::thread writer_;
};

void WriteTo(int descriptor, const uint8_t* data, size_t size);

#endif

}  // namespace tracesmith::test
