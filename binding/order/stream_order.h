#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "order/event_store.h"
#include "order/sort.h"

namespace tracesmith {

// The events of a stream that wait, in the order of time, those of one time in the order in which they
// came. Of what comes only the new part is sorted; it joins what was sorted before.
class StreamOrder {
 public:
  // Takes in the events from `begin` to `end` of the store, the last to come.
  void Add(const PodVector<Event>& events, size_t begin, size_t end);
  // The same where they are in the order of time, behind all that wait.
  void AddSorted(size_t begin, size_t end);

  size_t size() const { return indices_.size() - first_; }
  uint32_t* indices() { return indices_.data() + first_; }
  const uint32_t* indices() const { return indices_.data() + first_; }

  // The first `count` do not wait any more.
  void Drop(size_t count) { first_ += count; }

  // Events were moved in the store, or are there no more; `new_indices` are by the old ones.
  static constexpr uint32_t kGone = UINT32_MAX;
  void Renumber(const std::vector<uint32_t>& new_indices);

 private:
  void ForgetDropped();
  void MergeKeys(const PodVector<Event>& events);

  std::vector<uint32_t> indices_;
  size_t first_ = 0;  // of those that wait
  PodVector<TimeKey> keys_;  // of what came, where it is not sorted
  TimeKeySorter sorter_;
};

}  // namespace tracesmith
