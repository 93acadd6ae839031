#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace tracesmith::test {

// The bytes of a fuzzer, from which a target takes first its options and then what it feeds. Where they
// end, zeros follow.
class FuzzInput {
 public:
  FuzzInput(const uint8_t* data, size_t size) : at_(data), end_(data + size) {}

  bool empty() const { return at_ == end_; }
  uint8_t Byte() { return at_ == end_ ? uint8_t{0} : *at_++; }
  uint16_t Word() {
    const uint8_t low = Byte();
    return static_cast<uint16_t>(low | Byte() << 8);
  }
  // Memory of exactly that size, so that a sanitizer sees what is read beyond it.
  template <typename T>
  std::vector<T> Column(size_t count) {
    std::vector<T> column(count);
    const size_t size = std::min(count * sizeof(T), static_cast<size_t>(end_ - at_));
    if (size != 0) std::memcpy(column.data(), at_, size);
    at_ += size;
    return column;
  }
  std::vector<uint8_t> Rest() { return Column<uint8_t>(static_cast<size_t>(end_ - at_)); }

 private:
  const uint8_t* at_;
  const uint8_t* end_;
};

inline std::string_view TextOf(const std::vector<uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace tracesmith::test
