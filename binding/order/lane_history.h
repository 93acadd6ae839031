#pragma once

#include <cstddef>
#include <cstdint>

namespace tracesmith {

// What a lane remembers of the slices that were written on it, in a fixed number of bytes: enough to
// prove of many a slice that comes late that it nests with all of them.
//
// The top level of a lane is a row of busy segments with gaps between them. The latest segments are kept
// as they are, what is older as one that is busy throughout: to take a gap for busy refuses a slice that
// would have fitted, and never takes one that does not.
class alignas(128) LaneHistory {
 public:
  // The time of the latest begin or end on the lane.
  uint64_t last() const { return last_; }
  // The most slices that were ever open at once, at least one.
  size_t depth() const { return depth_; }

  void NoteTime(uint64_t time) { last_ = last_ < time ? time : last_; }
  void NoteDepth(size_t depth) { depth_ = depth_ < depth ? static_cast<uint32_t>(depth) : depth_; }

  // Notes a top-level slice behind all others, and the time of its begin; kOpen for an end that is not known yet.
  void Append(uint64_t begin, uint64_t end) {
    last_ = begin;
    if (count_ == kSegments) {
      segments_[0].end = segments_[1].end;
      for (size_t i = 1; i + 1 < kSegments; ++i) segments_[i] = segments_[i + 1];
      --count_;
    }
    segments_[count_++] = {begin, end};
  }
  // Tells the end of the slice that was appended last, if it was not known.
  void SetOpenEnd(uint64_t end);
  static constexpr uint64_t kOpen = UINT64_MAX;

  // Notes a slice in a gap, where there is one for it. Its end must come before what follows: at one time
  // the end that is written later would be read as that of the slice that follows.
  bool TakeGap(uint64_t begin, uint64_t end);

  // Notes a slice around segments that lie whole within it, where those at its sides are clear of it.
  bool TakeAround(uint64_t begin, uint64_t end);

 private:
  // The oldest of them is the one that may be several.
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
