#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "end_heap.h"

namespace tracesmith {

// trace_processor stops nesting at a depth of 512.
constexpr size_t kMaxOpenSlices = 500;

// A row of slices that nest. Lane 0 of a track is the track itself.
struct Lane {
  uint32_t track;
  uint32_t number;                  // among the lanes of its track
  uint32_t id;                      // among all lanes
  bool blocked;                     // taken for good by a slice without end
  std::vector<uint64_t> open_ends;  // outermost first
};

// Lays slices, which must come in the order of their begins, on lanes such that the slices of one
// lane nest; lanes are made as overlaps need them. lib/order/lanes.ts is the TypeScript twin.
class Lanes {
 public:
  struct Ended {
    const Lane& lane;
    uint64_t time;
  };

  explicit Lanes(size_t tracks) : tracks_(tracks) {}

  // The lane for a slice: the first that is free or whose innermost open slice contains it. A slice
  // without end (kNoEnd) keeps its lane for good, so where others follow it gets one of its own.
  const Lane& Place(uint32_t track, uint64_t end, bool others_follow);

  // Opens a slice on the lane where it was placed.
  void Open(const Lane& lane, uint64_t end) {
    lanes_[lane.id].open_ends.push_back(end);
    heap_.Push({end, opened_++, lane.id});
  }

  bool HasEndUntil(uint64_t time) const { return !heap_.empty() && heap_.first().end <= time; }

  // Ends the open slice that ends first; of several, the one opened last.
  Ended PopEnd() {
    const OpenSlice ended = heap_.Pop();
    Lane& lane = lanes_[ended.lane];
    lane.open_ends.pop_back();
    return {lane, ended.end};
  }

  uint64_t extra_lanes() const { return extra_lanes_; }

 private:
  Lane& AddLane(uint32_t track);

  std::deque<Lane> lanes_;                     // by id; stays where it is as it grows
  std::vector<std::vector<uint32_t>> tracks_;  // ids of the lanes of each track
  EndHeap heap_;
  uint32_t opened_ = 0;
  uint64_t extra_lanes_ = 0;
};

}  // namespace tracesmith
