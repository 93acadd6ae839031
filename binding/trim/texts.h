#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tracesmith::trim {

// Each text once, with a number; 0 is the empty one.
class Texts {
 public:
  Texts() { NumberOf({}); }

  uint32_t NumberOf(std::string_view text) {
    const auto found = numbers_.find(text);
    if (found != numbers_.end()) return found->second;
    const auto number = static_cast<uint32_t>(texts_.size());
    numbers_.emplace(texts_.emplace_back(text), number);
    return number;
  }
  const std::string& operator[](uint32_t number) const { return texts_[number]; }
  size_t size() const { return texts_.size(); }

 private:
  std::deque<std::string> texts_;  // whose places do not move
  std::unordered_map<std::string_view, uint32_t> numbers_;
};

}  // namespace tracesmith::trim
