#include "lane_history.h"

#include <cstring>

namespace tracesmith {

// A full row makes room by taking its two oldest segments for one.
void LaneHistory::Insert(size_t index, uint64_t begin, uint64_t end) {
  NoteDepth(1);
  if (count_ == kSegments) {
    segments_[0].end = segments_[1].end;
    std::memmove(&segments_[1], &segments_[2], (kSegments - 2) * sizeof(Segment));
    --count_;
    if (index <= 1) {
      // The gap in question has become a part of the oldest segment.
      return;
    }
    --index;
  }
  std::memmove(&segments_[index + 1], &segments_[index], (count_ - index) * sizeof(Segment));
  segments_[index] = {begin, end};
  ++count_;
}

bool LaneHistory::TakeGap(uint64_t begin, uint64_t end) {
  size_t next = 0;
  while (next < count_ && segments_[next].begin <= end) ++next;
  // Behind the last one there is no gap: whatever is in order there is no late slice.
  if (next == count_) return false;
  if (next > 0 && segments_[next - 1].end > begin) return false;
  if (next == 0 && count_ == kSegments) {
    segments_[0].begin = begin;  // joins the oldest
    return true;
  }
  Insert(next, begin, end);
  return true;
}

bool LaneHistory::TakeAround(uint64_t begin, uint64_t end) {
  size_t first = 0;
  while (first < count_ && segments_[first].end <= begin && segments_[first].begin < begin) ++first;
  if (first == count_ || segments_[first].begin <= begin) return false;
  size_t behind = first;
  while (behind < count_ && segments_[behind].end <= end) ++behind;
  if (behind == first || (behind < count_ && segments_[behind].begin <= end)) return false;
  segments_[first] = {begin, end};
  std::memmove(&segments_[first + 1], &segments_[behind], (count_ - behind) * sizeof(Segment));
  count_ -= static_cast<uint32_t>(behind - first) - 1;
  ++depth_;
  return true;
}

}  // namespace tracesmith
