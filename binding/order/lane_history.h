#pragma once

#include <cstddef>
#include <cstdint>

namespace tracesmith {

// A late slice may only go to a lane if it nests with all slices that are written there, however many these are.
// LaneHistory remembers enough of them, in a fixed number of bytes, to prove that of many late slices.
//
// The outermost slices of a lane are busy segments with gaps between them. The latest segments are kept as they are, all
// older ones as one that is busy throughout. To take a gap for busy refuses a slice that would fit, and never accepts one
// that does not.
class alignas(128) LaneHistory {
 public:
  // The time of the latest begin or end on the lane.
  uint64_t last() const { return last_; }
  // The largest number of slices that were ever open at once, at least one.
  size_t depth() const { return depth_; }

  void NoteTime(uint64_t time) { last_ = last_ < time ? time : last_; }
  void NoteDepth(size_t depth) { depth_ = depth_ < depth ? static_cast<uint32_t>(depth) : depth_; }

  // Adds an outermost slice behind all others, and notes the time of its begin; kOpen is an end that is not known yet.
  void Append(uint64_t begin, uint64_t end) {
    last_ = begin;
    if (count_ == kSegments) {
      segments_[0].end = segments_[1].end;
      for (size_t i = 1; i + 1 < kSegments; ++i) segments_[i] = segments_[i + 1];
      --count_;
    }
    segments_[count_++] = {begin, end};
  }
  // Sets the end of the slice that was appended last, if it was not known.
  void SetOpenEnd(uint64_t end);
  static constexpr uint64_t kOpen = UINT64_MAX;

  // Adds a slice in a gap, or returns false if none has room. The slice must end before the segment behind it begins: at one
  // time, the end that is written later would be read as that of the segment.
  bool AddInGap(uint64_t begin, uint64_t end);

  // Adds a slice around segments that lie in it whole, or returns false if others touch it.
  bool AddAround(uint64_t begin, uint64_t end);

 private:
  // The first one stands for all older ones.
  static constexpr size_t kSegments = 5;

  struct Segment {
    uint64_t begin;
    uint64_t end;
  };

  void Insert(size_t index, uint64_t begin, uint64_t end);

  Segment segments_[kSegments + 1];  // one more while making room
  uint32_t count_ = 0;
  uint32_t depth_ = 1;
  uint64_t last_ = 0;
};

}  // namespace tracesmith
