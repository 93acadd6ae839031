#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/flat_map.h"
#include "filter/criteria.h"
#include "filter/windows.h"
#include "trim/event_log.h"
#include "trim/slice_stacks.h"

namespace tracesmith::trim {

// The filters other than those of time. What patterns say about texts and owners has been asked before.
struct Criteria {
  TextCriteria texts;  // by number in Texts
  // By number: whether its process and thread are accepted. Empty: all are.
  std::vector<uint8_t> tracks;
  int64_t min_duration = 0;  // of slices, ns
  uint32_t max_depth = UINT32_MAX;

  bool AcceptsTexts(const LoggedEvent& event, const EventLog& log) const;
  bool AcceptsTrack(uint32_t track) const { return tracks.empty() || (track < tracks.size() && tracks[track] != 0); }
};

// What stays and what goes, in counts; of `slices`, `cut` were cut at an edge of the time that stays.
struct PlanCounts {
  uint64_t slices = 0;
  uint64_t instants = 0;
  uint64_t counters = 0;
  uint64_t cut = 0;
  uint64_t dropped_slices = 0;
  uint64_t dropped_instants = 0;
  uint64_t dropped_counters = 0;

  void Add(const PlanCounts& other);
};

// The work on events is shared out by tracks, which have nothing to do with each other, to as many readers.
constexpr size_t kShares = 2;
template <typename Reader>
using Shared = std::array<std::unique_ptr<Reader>, kShares>;

// Which ids of arrows are met in the windows, and when last.
class FlowsInside {
 public:
  FlowsInside(const Windows& windows, LateTracks& late);

  void Add(const LoggedEvent& event, uint64_t index);
  void Finish() { stacks_.Finish(); }

  // Whether one of these arrows leads into a window from `begin`, or, with `also_out`, from one to it.
  bool Reach(const FlowIds& flows, int64_t begin, bool also_out) const;

 private:
  void Note(const FlowIds& flows, int64_t time);

  const Windows& windows_;
  FlatMap<int64_t> times_;
  SliceStacks stacks_;
};

// Decides about each event of some tracks.
class Plan {
 public:
  // What becomes of an event; several bits.
  enum Decision : uint8_t { kDrop = 0, kKeep = 1, kCutBegin = 2, kCutEnd = 4 };
  // Beside these bits: the event is plain, see EventFacts.
  static constexpr uint8_t kIsPlain = 8;

  // Windows and flows are null where all of the time stays. `follows_flows`: what the arrows of slices in the windows
  // lead to stays as well.
  Plan(const Criteria& criteria, const Windows* windows, const Shared<FlowsInside>* flows, bool follows_flows,
       const EventLog& log, LateTracks& late);

  // `index` is the number of the event among all.
  void Add(const LoggedEvent& event, uint64_t index);
  void Finish() { stacks_.Finish(); }

  // The decisions and kIsPlain by event; 0 for those of other tracks. Another call finds none.
  std::vector<uint8_t> TakeBits() { return std::move(bits_); }
  const PlanCounts& counts() const { return counts_; }
  // Where a slice that is cut begins or ends, if not at the edge of a window; null if there.
  const int64_t* BeginEdge(uint64_t index) const;
  const int64_t* EndEdge(uint64_t index) const;

 private:
  void DecideSlice(OpenSlice& slice, const SliceEnd* end, OpenSlice* parent);
  void DecideEnd(const LoggedEvent& end, uint64_t index);
  uint8_t Cut(const OpenSlice& slice, const SliceEnd* end);
  bool IsReached(const FlowIds& flows, int64_t time) const;

  const Criteria& criteria_;
  const Windows* windows_;
  const Shared<FlowsInside>* flows_;
  const bool follows_flows_;
  const EventLog& log_;
  PlanCounts counts_;
  std::vector<uint8_t> bits_;
  // Where a slice is cut elsewhere than at the edge of a window: only around what stays for its arrows.
  std::unordered_map<uint64_t, int64_t> begin_edges_;
  std::unordered_map<uint64_t, int64_t> end_edges_;
  SliceStacks stacks_;
};

// What becomes of all events.
class Decisions {
 public:
  // Windows are null where all of the time stays.
  Decisions(Shared<Plan> plans, const Windows* windows);

  uint8_t Decision(uint64_t index) const { return static_cast<uint8_t>(BitsOf(index) & ~Plan::kIsPlain); }
  bool IsPlain(uint64_t index) const { return (BitsOf(index) & Plan::kIsPlain) != 0; }
  // The time at which a slice that is cut begins; for its beginning by number.
  int64_t BeginEdge(uint64_t index, int64_t begin) const;
  int64_t EndEdge(uint64_t index, int64_t end) const;
  PlanCounts counts() const;

 private:
  // The file may have grown: what came late goes.
  uint8_t BitsOf(uint64_t index) const { return index < bits_.size() ? bits_[index] : uint8_t{0}; }

  const Shared<Plan> plans_;
  const Windows* windows_;
  std::vector<uint8_t> bits_;
};

}  // namespace tracesmith::trim
