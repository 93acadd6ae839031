#pragma once

#include <cstddef>
#include <cstdint>

namespace tracesmith {

// What records are ordered by: time, then rank; records that have both in common stay in the order in
// which they were added.
struct SortKey {
  uint64_t time;
  uint64_t rank;
};

inline bool operator<(const SortKey& a, const SortKey& b) {
  return a.time != b.time ? a.time < b.time : a.rank < b.rank;
}

struct Record {
  SortKey key;
  const uint8_t* data;  // not aligned
  size_t size;
};

}  // namespace tracesmith
