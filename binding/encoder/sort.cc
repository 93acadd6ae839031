#include "sort.h"

#include <array>
#include <numeric>
#include <utility>

namespace tracesmith {
namespace {

// Events are 48 bytes and stay where they are; these 16 move.
struct Key {
  uint64_t time;
  uint32_t index;
};

constexpr unsigned kDigitBits = 11;
constexpr size_t kDigits = size_t{1} << kDigitBits;

}  // namespace

TimeOrder OrderByTime(const PodVector<Event>& events, size_t count) {
  TimeOrder result;
  std::vector<uint32_t>& order = result.indices;
  order.resize(count);
  std::iota(order.begin(), order.end(), 0u);
  if (count == 0) return result;

  uint64_t first = UINT64_MAX;
  uint64_t last = 0;
  bool sorted = true;
  uint64_t previous = UINT64_MAX;
  for (size_t i = 0; i < count; ++i) {
    const Event& event = events[i];
    sorted = sorted && (event.time >= previous || previous == UINT64_MAX);
    result.has_ties = result.has_ties || event.time == previous;
    previous = event.time;
    first = event.time < first ? event.time : first;
    last = event.time > last ? event.time : last;
  }
  result.first_time = first;
  if (sorted) return result;
  result.has_ties = true;

  // Least significant digit first, over only as many digits as the range of times has.
  std::vector<Key> keys(count);
  std::vector<Key> scratch(count);
  for (uint32_t i = 0; i < keys.size(); ++i) keys[i] = {events[i].time - first, i};
  const uint64_t range = last - first;
  for (unsigned shift = 0; shift < 64 && (range >> shift) != 0; shift += kDigitBits) {
    std::array<size_t, kDigits> starts{};
    for (const Key& key : keys) ++starts[(key.time >> shift) % kDigits];
    size_t start = 0;
    for (size_t& digit : starts) start += std::exchange(digit, start);
    for (const Key& key : keys) scratch[starts[(key.time >> shift) % kDigits]++] = key;
    keys.swap(scratch);
  }
  for (size_t i = 0; i < keys.size(); ++i) order[i] = keys[i].index;
  return result;
}

}  // namespace tracesmith
