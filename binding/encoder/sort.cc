#include "sort.h"

#include <array>
#include <numeric>
#include <utility>

namespace tracesmith {
namespace {

constexpr unsigned kDigitBits = 11;
constexpr size_t kDigits = size_t{1} << kDigitBits;
// Counting digits costs more than it saves.
constexpr size_t kFew = 32;

}  // namespace

void TimeKeySorter::Sort(std::vector<TimeKey>& keys) {
  if (keys.size() <= kFew) {
    for (size_t next = 1; next < keys.size(); ++next) {
      const TimeKey moved = keys[next];
      size_t hole = next;
      for (; hole > 0 && keys[hole - 1].time > moved.time; --hole) keys[hole] = keys[hole - 1];
      keys[hole] = moved;
    }
    return;
  }
  uint64_t first = UINT64_MAX;
  uint64_t last = 0;
  for (const TimeKey& key : keys) {
    first = key.time < first ? key.time : first;
    last = key.time > last ? key.time : last;
  }
  SortByDigits(keys, first, last - first);
}

// Least significant digit first, over only as many digits as the range of times has.
void TimeKeySorter::SortByDigits(std::vector<TimeKey>& keys, uint64_t first, uint64_t range) {
  scratch_.resize(keys.size());
  for (unsigned shift = 0; shift < 64 && (range >> shift) != 0; shift += kDigitBits) {
    std::array<uint32_t, kDigits> starts{};
    for (const TimeKey& key : keys) ++starts[((key.time - first) >> shift) % kDigits];
    uint32_t start = 0;
    for (uint32_t& digit : starts) start += std::exchange(digit, start);
    for (const TimeKey& key : keys) scratch_[starts[((key.time - first) >> shift) % kDigits]++] = key;
    keys.swap(scratch_);
  }
}

void TimeOrder::Sort(const PodVector<Event>& events, size_t count) {
  indices_.resize(count);
  has_ties_ = false;
  uint64_t first = UINT64_MAX;
  bool sorted = true;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t time = events[i].time;
    if (i != 0) {
      const uint64_t previous = events[i - 1].time;
      sorted = sorted && time >= previous;
      has_ties_ = has_ties_ || time == previous;
    }
    first = time < first ? time : first;
  }
  first_time_ = count == 0 ? 0 : first;
  if (sorted) {
    std::iota(indices_.begin(), indices_.end(), 0u);
    return;
  }
  has_ties_ = true;
  keys_.resize(count);
  for (uint32_t i = 0; i < count; ++i) keys_[i] = {events[i].time, i};
  sorter_.Sort(keys_);
  for (size_t i = 0; i < count; ++i) indices_[i] = keys_[i].index;
}

void TimeOrder::TakeSorted(const PodVector<Event>& events, size_t begin, size_t end) {
  indices_.resize(end - begin);
  std::iota(indices_.begin(), indices_.end(), static_cast<uint32_t>(begin));
  has_ties_ = false;
  for (size_t i = begin + 1; i < end; ++i) has_ties_ = has_ties_ || events[i].time == events[i - 1].time;
  first_time_ = begin == end ? 0 : events[begin].time;
}

}  // namespace tracesmith
