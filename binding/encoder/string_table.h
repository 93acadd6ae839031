#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tracesmith {

// Strings by id, in one block of memory. Ids start at 1, in the order of arrival; 0 means none.
class StringTable {
 public:
  uint32_t size() const { return static_cast<uint32_t>(ends_.size()) - 1; }

  void Add(const char* data, size_t length) {
    bytes_.append(data, length);
    ends_.push_back(bytes_.size());
  }

  // The caller must pass an id from 1 to size().
  std::string_view operator[](uint32_t id) const {
    return std::string_view(bytes_).substr(ends_[id - 1], ends_[id] - ends_[id - 1]);
  }

  void Truncate(uint32_t size) {
    ends_.resize(size + 1);
    bytes_.resize(ends_.back());
  }

 private:
  std::string bytes_;
  std::vector<size_t> ends_ = {0};
};

}  // namespace tracesmith
