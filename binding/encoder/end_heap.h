#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tracesmith {

// An open slice by its end.
struct OpenSlice {
  uint64_t end;
  uint32_t opened;  // counts the slices opened; wraps, but those that are open together are close
  uint32_t lane;
};

// The open slices, the one that ends first at the front; of several, the one opened last. Which child
// is smaller is a coin toss, and std::pop_heap branches on it: choosing by arithmetic takes half the
// time, in what is the hottest loop of ordering.
class EndHeap {
 public:
  bool empty() const { return slices_.empty(); }
  const OpenSlice& first() const { return slices_.front(); }
  // All of them in no order; what they are ordered by must stay.
  std::vector<OpenSlice>& all() { return slices_; }

  void Push(const OpenSlice& slice) {
    slices_.push_back(slice);
    SiftUp(slices_.size() - 1, slice);
  }

  // The caller must not call it on an empty heap.
  OpenSlice Pop() {
    const OpenSlice popped = slices_.front();
    const OpenSlice last = slices_.back();
    slices_.pop_back();
    const size_t size = slices_.size();
    if (size == 0) return popped;
    // Moves the hole to a leaf, then the last slice up from there: it belongs far down nearly always.
    size_t hole = 0;
    size_t child = 1;
    while (child + 1 < size) {
      child += static_cast<size_t>(EndsBefore(slices_[child + 1], slices_[child]));
      slices_[hole] = slices_[child];
      hole = child;
      child = 2 * hole + 1;
    }
    if (child < size) {
      slices_[hole] = slices_[child];
      hole = child;
    }
    SiftUp(hole, last);
    return popped;
  }

 private:
  // Without branches.
  static unsigned EndsBefore(const OpenSlice& a, const OpenSlice& b) {
    const auto opened_later = static_cast<unsigned>(static_cast<int32_t>(a.opened - b.opened) > 0);
    return static_cast<unsigned>(a.end < b.end) | (static_cast<unsigned>(a.end == b.end) & opened_later);
  }

  void SiftUp(size_t hole, const OpenSlice& slice) {
    while (hole > 0) {
      const size_t parent = (hole - 1) / 2;
      if (EndsBefore(slice, slices_[parent]) == 0) break;
      slices_[hole] = slices_[parent];
      hole = parent;
    }
    slices_[hole] = slice;
  }

  std::vector<OpenSlice> slices_;
};

}  // namespace tracesmith
