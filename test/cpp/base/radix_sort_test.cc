// Any number of keys of any range is sorted as std::stable_sort does.
#include "base/radix_sort.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "check.h"

namespace tracesmith::test {
namespace {

struct IndexedTime {
  uint64_t time;
  uint32_t index;
};

std::vector<IndexedTime> RandomKeys(std::mt19937_64* random, size_t count, uint64_t first, unsigned bits) {
  std::vector<IndexedTime> keys(count);
  for (uint32_t i = 0; i < count; ++i) keys[i] = {first + (bits == 0 ? 0 : (*random)() >> (64 - bits)), i};
  return keys;
}

void CheckSorts(RadixSorter<IndexedTime>* sorter, std::vector<IndexedTime> keys) {
  PodVector<IndexedTime> moved;
  for (const IndexedTime& key : keys) moved.Add(key);
  sorter->Sort(moved);
  std::stable_sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
  CHECK_EQ(moved.size(), keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    CHECK_EQ(moved[i].index, keys[i].index);
    CHECK_EQ(moved[i].time, keys[i].time);
  }
}

TEST(RadixSortingIsStable) {
  std::mt19937_64 random(1);
  RadixSorter<IndexedTime> sorter;
  for (const size_t count : {0u, 1u, 2u, 63u, 64u, 65u, 511u, 512u, 5000u}) {
    for (const unsigned bits : {0u, 1u, 3u, 8u, 9u, 11u, 12u, 22u, 33u, 34u, 63u, 64u}) {
      Within(std::to_string(count) + " keys of " + std::to_string(bits) + " bits", [&] {
        CheckSorts(&sorter, RandomKeys(&random, count, bits == 64 ? 0 : UINT64_MAX >> bits << bits >> 1, bits));
      });
    }
  }
}

TEST(SortedKeysStay) {
  RadixSorter<IndexedTime> sorter;
  std::vector<IndexedTime> keys;
  for (uint32_t i = 0; i < 1000; ++i) keys.push_back({i / 3 * uint64_t{1} << 40, i});
  CheckSorts(&sorter, keys);
}

}  // namespace
}  // namespace tracesmith::test
