#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tracesmith {

// Which arguments of events stay: all, those that do not make each set unique, or none.
enum class ArgsKept : uint8_t { kAll, kLean, kNone };

// What patterns say about the names and categories of events; JavaScript has answered for each text, by its number.
struct TextCriteria {
  // Whether it is accepted as a name. Empty: all are.
  std::vector<uint8_t> names;
  // Bits of these. Empty: nothing is asked.
  static constexpr uint8_t kIncluded = 1;
  static constexpr uint8_t kExcluded = 2;
  std::vector<uint8_t> categories;
  bool needs_category = false;

  bool AcceptsName(size_t name) const { return names.empty() || names[name] != 0; }
  // `found`: the bits of all categories of the event; 0 if it has none.
  bool AcceptsCategories(uint8_t found) const {
    return (found & kExcluded) == 0 && (!needs_category || (found & kIncluded) != 0);
  }
};

}  // namespace tracesmith
