#include "sort.h"

#include <array>
#include <numeric>
#include <utility>

namespace tracesmith {
namespace {

constexpr unsigned kDigitBits = 11;
constexpr size_t kDigits = size_t{1} << kDigitBits;

}  // namespace

void TimeOrder::Sort(const PodVector<Event>& events, size_t count) {
  indices_.resize(count);
  has_ties_ = false;
  uint64_t first = UINT64_MAX;
  uint64_t last = 0;
  bool sorted = true;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t time = events[i].time;
    if (i != 0) {
      const uint64_t previous = events[i - 1].time;
      sorted = sorted && time >= previous;
      has_ties_ = has_ties_ || time == previous;
    }
    first = time < first ? time : first;
    last = time > last ? time : last;
  }
  first_time_ = count == 0 ? 0 : first;
  if (sorted) {
    std::iota(indices_.begin(), indices_.end(), 0u);
    return;
  }
  has_ties_ = true;
  keys_.resize(count);
  for (uint32_t i = 0; i < count; ++i) keys_[i] = {events[i].time - first, i};
  SortKeys(last - first);
  for (size_t i = 0; i < count; ++i) indices_[i] = keys_[i].index;
}

void TimeOrder::TakeSorted(const PodVector<Event>& events, size_t begin, size_t end) {
  indices_.resize(end - begin);
  std::iota(indices_.begin(), indices_.end(), static_cast<uint32_t>(begin));
  has_ties_ = false;
  for (size_t i = begin + 1; i < end; ++i) has_ties_ = has_ties_ || events[i].time == events[i - 1].time;
  first_time_ = begin == end ? 0 : events[begin].time;
}

// Least significant digit first, over only as many digits as the range of times has.
void TimeOrder::SortKeys(uint64_t range) {
  scratch_.resize(keys_.size());
  for (unsigned shift = 0; shift < 64 && (range >> shift) != 0; shift += kDigitBits) {
    std::array<uint32_t, kDigits> starts{};
    for (const Key& key : keys_) ++starts[(key.time >> shift) % kDigits];
    uint32_t start = 0;
    for (uint32_t& digit : starts) start += std::exchange(digit, start);
    for (const Key& key : keys_) scratch_[starts[(key.time >> shift) % kDigits]++] = key;
    keys_.swap(scratch_);
  }
}

}  // namespace tracesmith
