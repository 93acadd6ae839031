#pragma once

#include <cstddef>
#include <cstdint>

#include "base/pod_vector.h"
#include "order/sort.h"

namespace tracesmith {

// An open slice: the lane that it is on, and what its end brings along.
struct OpenSlice {
  uint32_t lane;
  uint32_t tag;

  // Tags of their own: of one whose end brings nothing, and of one whose end is written, ahead of its time.
  static constexpr uint32_t kNoTag = 0;
  static constexpr uint32_t kWritten = UINT32_MAX;
};

// The ends of slices in the order of time; of several at one time, the slice that was opened last ends
// first.
//
// The slices of a part are known before the part is visited, and so are their ends: Add tells them in the
// order in which the slices will be opened, and Sort orders them all at once, for a third of what a heap
// costs. On which lane a slice is comes later, with Open. Ends that were not taken stay for the next part.
class EndQueue {
 public:
  EndQueue() { Close(); }
  // A copy has what is open, and nothing of the memory that is kept for the next part.
  EndQueue(const EndQueue& other) : EndQueue() { *this = other; }
  EndQueue& operator=(const EndQueue& other);

  // Of the next part, before any of it is opened.
  void Add(uint64_t end) { added_.Add(end); }
  uint64_t* Room(size_t most) { return added_.Extend(most); }
  void AddedUntil(const uint64_t* end) { added_.Truncate(static_cast<size_t>(end - added_.begin())); }
  void Sort();

  // Opens the next of the slices that were added.
  void Open(const OpenSlice& slice) { *opened_++ = slice; }

  // Whether a slice ends until `time`, which is before kNever. The slices of the part that begin before it must be open.
  static constexpr uint64_t kNever = UINT64_MAX;
  bool HasUntil(uint64_t time) const { return first_->time <= time; }
  // The caller must have seen that there is one.
  uint64_t first_end() const { return first_->time; }
  const OpenSlice& first() const { return slices_[first_->index]; }
  void Pop() { ++first_; }

  // Calls visit(end, OpenSlice&) for those that are open, in their order. All that were added must be.
  template <typename Visit>
  void ForEach(Visit visit) {
    for (const TimeKey* end = first_; end->time != kNever; ++end) visit(end->time, slices_[end->index]);
  }

 private:
  // Appends the open slices and their ends, in the order of these.
  void AppendOpen(PodVector<TimeKey>* ends, PodVector<OpenSlice>* slices) const;
  // Behind the ends comes one that is never there, so that nothing but a time is asked of the first. The slices
  // that are open are the first ones.
  void Close(size_t open = 0);

  PodVector<TimeKey> ends_;      // each with the place of its slice
  const TimeKey* first_;         // of those that were not taken
  PodVector<OpenSlice> slices_;  // in the order in which they are opened
  OpenSlice* opened_;            // behind those that are
  PodVector<uint64_t> added_;
  TimeKeySorter sorter_;
  // Kept for their memory.
  PodVector<TimeKey> next_ends_;
  PodVector<OpenSlice> next_slices_;
};

}  // namespace tracesmith
