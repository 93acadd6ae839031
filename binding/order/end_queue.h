#pragma once

#include <cstddef>
#include <cstdint>

#include "base/pod_vector.h"
#include "order/time_order.h"

namespace tracesmith {

struct OpenSlice {
  uint32_t lane;
  bool is_end_written;  // ahead of its time
};

// Open slices end between the events that are visited, in the order of time; of two ends of one time, that of the slice
// opened last comes first. A heap finds the next end, but it costs three times what this does: a timeline announces the
// ends of its next few thousand slices (Add) before it visits these, so that all ends are sorted at once (Sort). The lane
// of a slice comes with Open. Ends that are left stay for the next round.
class EndQueue {
 public:
  EndQueue() { Close(0); }

  // Announces the end of a slice, in the order in which the slices will be opened.
  void Add(uint64_t end) { added_.Add(end); }
  // Sorts what was announced, before any of it is opened. All slices of the round before must be open.
  void Sort();

  // Opens the next slice whose end was announced.
  void Open(const OpenSlice& slice) { *opened_++ = slice; }

  // Whether a slice ends until `time`, which is before kNever. All slices that begin before it must be open.
  static constexpr uint64_t kNever = UINT64_MAX;
  bool HasUntil(uint64_t time) const { return first_->time <= time; }
  // The first end, which must exist.
  uint64_t first_end() const { return first_->time; }
  const OpenSlice& first() const { return slices_[first_->index]; }
  void Pop() { ++first_; }

  // Calls visit(end, OpenSlice&) for each open slice, in the order of ends. All slices of the round must be open.
  template <typename Visit>
  void ForEach(Visit visit) {
    for (const TimeKey* end = first_; end->time != kNever; ++end) visit(end->time, slices_[end->index]);
  }

 private:
  // Puts an end that never comes behind all others, so that HasUntil compares a time and no more.
  void Close(size_t open);

  PodVector<TimeKey> ends_;      // each with the index of its slice
  const TimeKey* first_;         // the next end
  PodVector<OpenSlice> slices_;  // in the order in which they are opened
  OpenSlice* opened_;            // behind those that are open
  PodVector<uint64_t> added_;
  RadixSorter<TimeKey> sorter_;
  // Kept for their memory.
  PodVector<TimeKey> next_ends_;
  PodVector<OpenSlice> next_slices_;
};

}  // namespace tracesmith
