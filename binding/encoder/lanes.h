#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tracesmith {

// trace_processor stops nesting at a depth of 512.
constexpr size_t kMaxOpenSlices = 500;

struct OpenSlice {
  uint64_t end;
  uint32_t track;
  uint32_t lane;
};

// Lays slices, which must come in the order of their begins, on lanes such that the slices of one
// lane nest. Lane 0 is the track itself, the others are made as overlaps need them. lib/order/lanes.ts
// is the TypeScript twin.
class Lanes {
 public:
  explicit Lanes(size_t tracks) : tracks_(tracks) {}

  // The lane for a slice: the first that is free or whose innermost open slice contains it. A slice
  // without end (kNoEnd) keeps its lane for good, so where others follow it gets one of its own.
  uint32_t Place(uint32_t track, uint64_t end, bool others_follow);

  // Marks a placed slice as open until its end.
  void Open(const OpenSlice& slice);

  bool HasEndUntil(uint64_t time) const { return !heap_.empty() && heap_.front().slice.end <= time; }

  // Ends the open slice that ends first; of several, the one opened last.
  OpenSlice PopEnd();

  uint64_t extra_lanes() const { return extra_lanes_; }

 private:
  struct Lane {
    std::vector<uint64_t> open_ends;  // outermost first
    bool blocked = false;
  };
  struct HeapEntry {
    OpenSlice slice;
    uint64_t opened;
  };
  static bool EndsLater(const HeapEntry& a, const HeapEntry& b);

  std::vector<std::vector<Lane>> tracks_;
  std::vector<HeapEntry> heap_;
  uint64_t opened_ = 0;
  uint64_t extra_lanes_ = 0;
};

}  // namespace tracesmith
