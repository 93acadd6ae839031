#pragma once

#include <cstdint>

// The limits of numbers.
namespace tracesmith {

// The largest int64.
constexpr uint64_t kMaxInt64 = INT64_MAX;

// 2^63 ns: times, and the ends of slices, are below.
constexpr uint64_t kTimeLimit = kMaxInt64 + 1;

// 2^53: larger doubles cannot hold every integer.
constexpr double kMaxSafeInteger = 9007199254740992.0;

}  // namespace tracesmith
