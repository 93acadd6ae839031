#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "end_heap.h"

namespace tracesmith {

// trace_processor stops nesting at a depth of 512.
constexpr size_t kMaxOpenSlices = 500;

// Lays slices, which must come in the order of their begins, on lanes such that the slices of one
// lane nest; lanes are made as overlaps need them. lib/order/lanes.ts is the TypeScript twin.
class Lanes {
 public:
  // A lane's place: its number among the lanes of its track, 0 for the track itself, and its number
  // among all.
  struct Place {
    uint32_t track;
    uint32_t number;
    uint32_t id;
  };
  struct Ended {
    Place place;
    uint64_t time;
  };

  explicit Lanes(size_t tracks);

  // The lane for a slice: the first that is free or whose innermost open slice contains it. A slice
  // without end (kNoEnd) keeps its lane for good, so where others follow it gets one of its own.
  Place Find(uint32_t track, uint64_t end, bool others_follow);

  // Opens a slice on the lane that was found for it.
  void Open(const Place& place, uint64_t end) {
    Lane& lane = lanes_[place.id];
    if (lane.open++ != 0) lane.outer_ends.push_back(lane.innermost_end);
    lane.innermost_end = end;
    heap_.Push({end, opened_++, place.id});
  }

  bool HasEndUntil(uint64_t time) const { return !heap_.empty() && heap_.first().end <= time; }

  // Ends the open slice that ends first; of several, the one opened last.
  Ended PopEnd() {
    const OpenSlice ended = heap_.Pop();
    Lane& lane = lanes_[ended.lane];
    if (--lane.open != 0) {
      lane.innermost_end = lane.outer_ends.back();
      lane.outer_ends.pop_back();
    }
    return {lane.place, ended.end};
  }

  uint64_t extra_lanes() const { return lanes_.size() - extra_lanes_of_.size(); }

 private:
  struct Lane {
    Place place;
    uint32_t open;           // slices
    uint64_t innermost_end;  // where any is open
    std::vector<uint64_t> outer_ends;
    bool blocked;  // taken for good by a slice without end
  };

  static bool Fits(const Lane& lane, uint64_t end);
  Place Take(Lane& lane, uint64_t end);

  std::vector<Lane> lanes_;  // lane 0 of each track at the track's index, then the others as they are made
  std::vector<std::vector<uint32_t>> extra_lanes_of_;  // by track
  EndHeap heap_;
  uint32_t opened_ = 0;
};

}  // namespace tracesmith
