#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "order/time_order.h"

namespace tracesmith {

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

  // Follows events to their new indices, given by the old ones; kGone is no event any more.
  static constexpr uint32_t kGone = UINT32_MAX;
  void Renumber(const std::vector<uint32_t>& new_indices);

 private:
  void ForgetDropped();
  void MergeKeys(const PodVector<Event>& events);

  std::vector<uint32_t> indices_;
  size_t first_ = 0;         // of those that wait
  PodVector<TimeKey> keys_;  // of new events that are not sorted
  RadixSorter<TimeKey> sorter_;
};

}  // namespace tracesmith
