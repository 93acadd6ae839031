#include "order/lane_history.h"

#include <cstring>

namespace tracesmith {

// The new one gets its place first: it may be one of the two that become one.
void LaneHistory::Insert(size_t index, uint64_t begin, uint64_t end) {
  std::memmove(&segments_[index + 1], &segments_[index], (count_ - index) * sizeof(Segment));
  segments_[index] = {begin, end};
  if (count_ < kSegments) {
    ++count_;
    return;
  }
  segments_[0].end = segments_[1].end;
  std::memmove(&segments_[1], &segments_[2], (kSegments - 1) * sizeof(Segment));
}

void LaneHistory::SetOpenEnd(uint64_t end) {
  if (segments_[count_ - 1].end == kOpen) segments_[count_ - 1].end = end;
}

bool LaneHistory::AddInGap(uint64_t begin, uint64_t end) {
  size_t next = 0;
  while (next < count_ && segments_[next].begin <= end) ++next;
  // Behind the last segment there is no gap: a slice there is not late.
  if (next == count_) return false;
  if (next > 0 && segments_[next - 1].end > begin) return false;
  Insert(next, begin, end);
  return true;
}

bool LaneHistory::AddAround(uint64_t begin, uint64_t end) {
  size_t first = 0;
  while (first < count_ && segments_[first].begin <= begin) ++first;
  if (first == count_ || (first > 0 && segments_[first - 1].end > begin)) return false;
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
