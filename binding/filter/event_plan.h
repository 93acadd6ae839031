#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "filter/windows.h"

namespace tracesmith {

// What a plan asks about an event.
struct PlannedEvent {
  enum class Kind : uint8_t { kSlice, kInstant, kCounter };
  // The end of a slice that nothing ends.
  static constexpr int64_t kNoEnd = INT64_MAX;

  Kind kind = Kind::kSlice;
  bool is_accepted = true;  // by its name and category, and by its process and thread
  uint64_t track = 0;       // of a slice
  int64_t begin = 0;
  int64_t end = 0;  // of a slice
  // The arrows from and to it, by number. Each arrow joins two events.
  std::vector<uint64_t> arrows{};
};

// Problem: whether an event stays depends on others: a kernel that stays keeps its launch, and that the slices around it,
// which lie gigabytes away. An EventPlan sees all events in the order of time, twice, and decides about each. The twin of
// EventPlan in lib/filter.
//
// It keeps a byte for each event and each arrow, and the slices that are open. One thread at a time may use it.
class EventPlan {
 public:
  // What becomes of an event; several bits.
  enum Decision : uint8_t { kDrop = 0, kKeep = 1, kCutBegin = 2, kCutEnd = 4 };
  struct Options {
    int64_t min_duration = 0;  // of slices, ns
    uint32_t max_depth = UINT32_MAX;
    // What the arrows of slices in the windows lead to stays as well.
    bool follows_arrows = false;
  };
  // What stays and what goes; of `slices`, `cut` were cut at an edge of the time that stays.
  struct Counts {
    uint64_t slices = 0;
    uint64_t instants = 0;
    uint64_t counters = 0;
    uint64_t cut = 0;
    uint64_t dropped_slices = 0;
    uint64_t dropped_instants = 0;
    uint64_t dropped_counters = 0;
    uint64_t arrows = 0;
    uint64_t cut_arrows = 0;  // of which one end stays
  };

  // `windows` is null where all of the time stays; else it must outlive the plan.
  EventPlan(const Windows* windows, const Options& options, size_t arrows)
      : windows_(windows), options_(options), arrows_(arrows) {}

  // For the first reading, which is needed if there are windows and arrows: notes which arrows reach into the windows.
  void Look(const PlannedEvent& event);
  // For the second.
  void Add(const PlannedEvent& event);
  void Finish();

  // After Finish(). Of the event that was added as the `index`-th.
  uint8_t decision(size_t index) const { return decisions_[index]; }
  // The time at which a slice that is cut begins.
  int64_t BeginOf(size_t index, int64_t begin) const;
  int64_t EndOf(size_t index, int64_t end) const;
  // Whether both ends of it stay.
  bool HasArrow(uint64_t arrow) const { return (arrows_[arrow] & kStays) == kStays; }
  const Counts& counts() const { return counts_; }
  // All that stay have a lower index.
  size_t end() const { return end_; }

 private:
  // What is known of an arrow; several bits.
  static constexpr uint8_t kIsMet = 1;       // one of its ends, in this reading
  static constexpr uint8_t kIsInside = 2;    // one of its ends
  static constexpr uint8_t kLeadsInside = 4;  // the later end is inside
  static constexpr uint8_t kIsNow = 8;       // the first end has the current time
  static constexpr uint8_t kOneStays = 16;
  static constexpr uint8_t kStays = 16 | 32;

  // What must lie in a slice, since slices in it stay wherever they lie.
  struct Needs {
    bool is_set = false;
    int64_t from = 0;
    int64_t to = 0;
    void Include(int64_t begin, int64_t end);
  };
  struct Slice {
    size_t index;
    PlannedEvent event;
    bool is_reached;  // by an arrow
    uint32_t depth = 0;
    Needs needs{};
  };
  // Slices that overlap without nesting lie on lanes of their track.
  using Lane = std::vector<Slice>;

  bool IsInside(const PlannedEvent& event) const;
  bool IsReached(const PlannedEvent& event);
  void OpenWaiting();
  void Open(Slice slice);
  void CloseInnermost(Lane* lane);
  void Decide(Slice* slice, Slice* parent);
  uint8_t Cut(const Slice& slice);
  void Keep(size_t index, uint8_t decision, const std::vector<uint64_t>& arrows);

  const Windows* windows_;
  const Options options_;
  Counts counts_;
  std::vector<uint8_t> decisions_;
  size_t end_ = 0;
  std::vector<uint8_t> arrows_;
  std::vector<uint64_t> current_arrows_;  // those that have kIsNow
  int64_t current_ = INT64_MIN;
  std::vector<Slice> waiting_;  // the slices of one time, of which the longest lies around the others
  std::unordered_map<uint64_t, std::vector<Lane>> tracks_;
  // Where a slice is cut elsewhere than at the edge of a window: only around what stays for its arrows.
  std::unordered_map<size_t, int64_t> begins_;
  std::unordered_map<size_t, int64_t> ends_;
};

}  // namespace tracesmith
