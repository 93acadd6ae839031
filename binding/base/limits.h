#pragma once

#include <cstdint>

// The limits of 64 bits, as unsigned numbers.
namespace tracesmith {

// The largest int64.
constexpr uint64_t kMaxInt64 = INT64_MAX;

// 2^63 ns: times, and the ends of slices, are below.
constexpr uint64_t kTimeLimit = kMaxInt64 + 1;

}  // namespace tracesmith
