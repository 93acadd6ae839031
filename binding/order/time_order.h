#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/pod_vector.h"
#include "base/radix_sort.h"
#include "batch/row.h"

namespace tracesmith {

// A time and the index of what it belongs to: small keys are sorted instead of events, which stay where they are.
struct TimeKey {
  uint64_t time;
  uint32_t index;
};

// The indices of events in the order of time, those of one time as they came. Keeps its memory for the next time.
class TimeOrder {
 public:
  // Orders all events.
  void Sort(const PodVector<Event>& events);
  // Takes over the events from `begin` to `end`, which must be sorted.
  void SetSorted(const PodVector<Event>& events, size_t begin, size_t end);

  std::vector<uint32_t>& indices() { return indices_; }
  const std::vector<uint32_t>& indices() const { return indices_; }
  // The first time; 0 for no events.
  uint64_t first_time() const { return first_time_; }
  // False if no two events have one time.
  bool has_ties() const { return has_ties_; }

 private:
  std::vector<uint32_t> indices_;
  PodVector<TimeKey> keys_;
  RadixSorter<TimeKey> sorter_;
  uint64_t first_time_ = 0;
  bool has_ties_ = false;
};

// The events of a stream that wait in its window, in the order of time, those of one time as they came. New events are
// sorted on their own and merged with those that wait, so that each event is sorted once.
class WaitingRows {
 public:
  // Adds the events from `begin` to `end`, the last to come.
  void Add(const PodVector<Event>& events, size_t begin, size_t end);

  size_t size() const { return indices_.size() - first_; }
  uint32_t* indices() { return indices_.data() + first_; }

  // The first `count` events do not wait any more.
  void DropFirst(size_t count) { first_ += count; }

  // Follows events to their new indices, given by the old ones.
  void Renumber(const PodVector<uint32_t>& new_indices);

 private:
  void ForgetDropped();
  void MergeKeys(const PodVector<Event>& events);

  std::vector<uint32_t> indices_;
  size_t first_ = 0;         // of those that wait
  PodVector<TimeKey> keys_;  // of new events that are not sorted
  RadixSorter<TimeKey> sorter_;
};

// A tie is a run of events of one time. OrderTie sorts the one that begins at `begin` of sorted indices, stably, and
// returns where it ends. Nearly all ties have a few events, and most have one.
template <typename ComesFirst>
size_t OrderTie(const PodVector<Event>& events, uint32_t* indices, size_t size, size_t begin, ComesFirst comes_first) {
  const uint64_t time = events[indices[begin]].time;
  size_t end = begin + 1;
  while (end < size && events[indices[end]].time == time) ++end;
  if (end == begin + 1) return end;
  // std::stable_sort asks for memory.
  constexpr size_t kFew = 16;
  if (end - begin > kFew) {
    std::stable_sort(indices + begin, indices + end, comes_first);
    return end;
  }
  for (size_t next = begin + 1; next < end; ++next) {
    const uint32_t moved = indices[next];
    size_t hole = next;
    for (; hole > begin && comes_first(moved, indices[hole - 1]); --hole) indices[hole] = indices[hole - 1];
    indices[hole] = moved;
  }
  return end;
}

}  // namespace tracesmith
