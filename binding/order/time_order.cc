#include "order/time_order.h"

#include <numeric>
#include <utility>

namespace tracesmith {
namespace {

constexpr unsigned kMostDigitBits = 11;
// For so few keys, counting digits costs more than it saves.
constexpr size_t kFew = 32;

void SortFew(TimeKey* keys, size_t count) {
  for (size_t next = 1; next < count; ++next) {
    const TimeKey moved = keys[next];
    size_t hole = next;
    for (; hole > 0 && keys[hole - 1].time > moved.time; --hole) keys[hole] = keys[hole - 1];
    keys[hole] = moved;
  }
}

unsigned WidthOf(uint64_t value) {
  unsigned bits = 0;
  for (; value != 0; value >>= 1) ++bits;
  return bits;
}

// Counts how often each value of the next digits occurs. The compiler unrolls the loop over a known number of digits.
template <unsigned kDigits>
void CountDigits(const PodVector<TimeKey>& keys, uint64_t first, unsigned shift, unsigned width, uint32_t* counts) {
  const size_t values = size_t{1} << width;
  for (const TimeKey& key : keys) {
    uint64_t rest = (key.time - first) >> shift;
    for (unsigned digit = 0; digit < kDigits; ++digit, rest >>= width) ++counts[digit * values + (rest & (values - 1))];
  }
}

}  // namespace

void TimeKeySorter::Sort(PodVector<TimeKey>& keys) {
  if (keys.size() <= kFew) return SortFew(keys.begin(), keys.size());
  uint64_t first = UINT64_MAX;
  uint64_t last = 0;
  for (const TimeKey& key : keys) {
    first = key.time < first ? key.time : first;
    last = key.time > last ? key.time : last;
  }
  SortByDigits(keys, first, last - first);
}

// Sorts by the least significant digit first. The range of times has as few digits as fit, all of one width: the narrower a
// digit, the fewer counts there are.
void TimeKeySorter::SortByDigits(PodVector<TimeKey>& keys, uint64_t first, uint64_t range) {
  const unsigned bits = WidthOf(range);
  if (bits == 0) return;
  const unsigned digits = (bits + kMostDigitBits - 1) / kMostDigitBits;
  const unsigned width = (bits + digits - 1) / digits;
  const size_t values = size_t{1} << width;
  const uint64_t mask = values - 1;
  starts_.assign(digits * values, 0);
  unsigned counted = 0;
  for (; counted + 3 <= digits; counted += 3) {
    CountDigits<3>(keys, first, counted * width, width, starts_.data() + counted * values);
  }
  for (; counted < digits; ++counted) {
    CountDigits<1>(keys, first, counted * width, width, starts_.data() + counted * values);
  }
  scratch_.Truncate(0);
  scratch_.Extend(keys.size());
  for (unsigned digit = 0; digit < digits; ++digit) {
    uint32_t* const starts = starts_.data() + digit * values;
    uint32_t start = 0;
    for (size_t value = 0; value < values; ++value) start += std::exchange(starts[value], start);
    TimeKey* const sorted = scratch_.begin();
    for (const TimeKey& key : keys) sorted[starts[(key.time - first) >> (digit * width) & mask]++] = key;
    std::swap(keys, scratch_);
  }
}

void TimeOrder::Sort(const PodVector<Event>& events) {
  const size_t count = events.size();
  bool is_sorted = true;
  for (size_t i = 1; is_sorted && i < count; ++i) is_sorted = events[i].time >= events[i - 1].time;
  if (is_sorted) return SetSorted(events, 0, count);
  keys_.Truncate(0);
  keys_.Extend(count);
  for (uint32_t i = 0; i < count; ++i) keys_[i] = {events[i].time, i};
  sorter_.Sort(keys_);
  indices_.resize(count);
  for (size_t i = 0; i < count; ++i) indices_[i] = keys_[i].index;
  first_time_ = keys_[0].time;
  has_ties_ = true;
}

void TimeOrder::SetSorted(const PodVector<Event>& events, size_t begin, size_t end) {
  indices_.resize(end - begin);
  std::iota(indices_.begin(), indices_.end(), static_cast<uint32_t>(begin));
  has_ties_ = false;
  for (size_t i = begin + 1; i < end; ++i) has_ties_ = has_ties_ || events[i].time == events[i - 1].time;
  first_time_ = begin == end ? 0 : events[begin].time;
}

}  // namespace tracesmith
