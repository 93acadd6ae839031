#pragma once

#include <cstdint>
#include <cstring>

namespace tracesmith {

// The double that has these bits, as columns carry it.
inline double AsDouble(uint64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

inline uint64_t BitsOf(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

}  // namespace tracesmith
