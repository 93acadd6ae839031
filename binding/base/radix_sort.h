#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/pod_vector.h"

namespace tracesmith {

// Problem: events come nearly in the order of time, or in no order at all, and std::stable_sort takes as long for the
// first as for the second. A RadixSorter sorts small keys that stand for the events, of a type that the caller defines:
//
//   struct Key {
//     uint64_t time;
//     ...  // finds the event again
//   };
//
// It promises a stable sort that does nothing if the keys are sorted, and else takes one pass for each 11 bits of the
// range of times, or 8 bits for few keys. It keeps its memory for the next call: as much as the keys take. One thread
// at a time may use it.
template <typename Key>
class RadixSorter {
 public:
  // Sorts by Key::time. The keys may change places with the sorter's memory.
  void Sort(PodVector<Key>& keys) {
    if (SortKeys(keys.begin(), keys.size()) != keys.begin()) std::swap(keys, scratch_);
  }

 private:
  // Up to so many keys are inserted one by one, which takes less time than counting digits.
  static constexpr size_t kFewKeys = 64;
  // Wide digits are few passes over the keys, narrow ones are few counts to clear and to add up.
  static unsigned MaxDigitBits(size_t count) { return count < 512 ? 8 : 11; }

  // Returns the sorted keys: the given ones or those of scratch_.
  Key* SortKeys(Key* keys, size_t count) {
    if (count <= kFewKeys) {
      InsertEach(keys, count);
      return keys;
    }
    const auto is_earlier = [](const Key& a, const Key& b) { return a.time < b.time; };
    if (std::is_sorted(keys, keys + count, is_earlier)) return keys;
    // Positions have 32 bits.
    if (count > UINT32_MAX) {
      std::stable_sort(keys, keys + count, is_earlier);
      return keys;
    }
    return SortByDigits(keys, count);
  }

  static void InsertEach(Key* keys, size_t count) {
    for (size_t next = 1; next < count; ++next) {
      const Key moved = keys[next];
      size_t hole = next;
      for (; hole > 0 && keys[hole - 1].time > moved.time; --hole) keys[hole] = keys[hole - 1];
      keys[hole] = moved;
    }
  }

  // Least significant digit first. All digits have the same width, which is as small as the range of times allows.
  Key* SortByDigits(Key* keys, size_t count) {
    uint64_t first = UINT64_MAX;
    uint64_t last = 0;
    for (size_t i = 0; i < count; ++i) {
      first = std::min(first, keys[i].time);
      last = std::max(last, keys[i].time);
    }
    unsigned bits = 0;
    for (uint64_t range = last - first; range != 0; range >>= 1) ++bits;
    const unsigned max_width = MaxDigitBits(count);
    const unsigned digits = (bits + max_width - 1) / max_width;
    const unsigned width = (bits + digits - 1) / digits;
    const size_t values = size_t{1} << width;
    starts_.assign(digits * values, 0);
    unsigned counted = 0;
    for (; counted + 3 <= digits; counted += 3) CountDigits<3>(keys, count, first, counted, width);
    for (; counted < digits; ++counted) CountDigits<1>(keys, count, first, counted, width);
    scratch_.Truncate(0);
    Key* target = scratch_.Extend(count);
    for (unsigned digit = 0; digit < digits; ++digit) {
      uint32_t* const starts = starts_.data() + digit * values;
      const auto digit_of = [&](const Key& key) { return (key.time - first) >> (digit * width) & (values - 1); };
      if (starts[digit_of(keys[0])] == count) continue;  // all keys have the same digit
      uint32_t start = 0;
      for (size_t value = 0; value < values; ++value) start += std::exchange(starts[value], start);
      for (size_t i = 0; i < count; ++i) target[starts[digit_of(keys[i])]++] = keys[i];
      std::swap(keys, target);
    }
    return keys;
  }

  // Counts how many keys have each value of the digits from `digit` on. The number of digits is a constant so that the
  // compiler unrolls the inner loop.
  template <unsigned kDigits>
  void CountDigits(const Key* keys, size_t count, uint64_t first, unsigned digit, unsigned width) {
    const size_t values = size_t{1} << width;
    uint32_t* const counts = starts_.data() + digit * values;
    for (size_t i = 0; i < count; ++i) {
      uint64_t rest = (keys[i].time - first) >> (digit * width);
      for (unsigned j = 0; j < kDigits; ++j, rest >>= width) ++counts[j * values + (rest & (values - 1))];
    }
  }

  PodVector<Key> scratch_;
  std::vector<uint32_t> starts_;  // by digit and value: the number of keys, then the place of the next one
};

}  // namespace tracesmith
