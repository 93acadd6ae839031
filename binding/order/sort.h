#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "order/event_store.h"
#include "base/pod_vector.h"

namespace tracesmith {

// What is sorted instead of the things themselves, which stay where they are.
struct TimeKey {
  uint64_t time;
  uint32_t index;
};

// Sorts keys by time, stably, again and again in the same memory.
class TimeKeySorter {
 public:
  void Sort(PodVector<TimeKey>& keys);

 private:
  void SortByDigits(PodVector<TimeKey>& keys, uint64_t first, uint64_t range);

  PodVector<TimeKey> scratch_;
  std::vector<uint32_t> starts_;  // where the keys of each value of each digit begin
};

// Sorts events by time, again and again in the same memory.
class TimeOrder {
 public:
  // Orders the first `count` events, stably.
  void Sort(const PodVector<Event>& events, size_t count);

  // Orders the events from `begin` to `end`, which are sorted already.
  void TakeSorted(const PodVector<Event>& events, size_t begin, size_t end);

  std::vector<uint32_t>& indices() { return indices_; }
  const std::vector<uint32_t>& indices() const { return indices_; }
  // Of the last sort: the first time, 0 where there is none, and whether times were equal, or perhaps so.
  uint64_t first_time() const { return first_time_; }
  bool has_ties() const { return has_ties_; }

 private:
  std::vector<uint32_t> indices_;
  PodVector<TimeKey> keys_;
  TimeKeySorter sorter_;
  uint64_t first_time_ = 0;
  bool has_ties_ = false;
};

}  // namespace tracesmith
