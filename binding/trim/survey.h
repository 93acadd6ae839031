#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "trim/slice_stacks.h"
#include "trim/walker.h"

namespace tracesmith::trim {

// A slice or instant by which the time that stays may be chosen.
struct NamedTime {
  uint32_t name;  // in Texts
  int64_t from;
  int64_t to;
  bool has_end;
};

// The first look at a trace: its tracks, its time, and where the slices are by which the time is chosen. The twin of
// Survey in lib/trim.
class Survey {
 public:
  struct Options {
    std::unordered_set<std::string> names;
    // A prefix of names; empty: none.
    std::string prefix;
  };

  Survey(const Options& options, Tracks& tracks, const Texts& texts, Walker& walker, LateTracks& late);

  void Add(const WalkedPacket& packet);
  void Finish() { stacks_.Finish(); }

  // The first and last time; there are none without any.
  bool has_time() const { return has_time_; }
  int64_t start() const { return start_; }
  int64_t end() const { return end_; }
  // TrackEvents.
  uint64_t events() const { return events_; }
  const std::vector<NamedTime>& named() const { return named_; }

 private:
  void AddEvent(const WalkedPacket& packet, int64_t end);
  bool IsWanted(uint32_t name);
  void Include(int64_t time);

  const Options& options_;
  const bool needs_slices_;
  Tracks& tracks_;
  const Texts& texts_;
  Walker& walker_;
  SliceStacks stacks_;
  std::vector<int8_t> is_wanted_;  // by name; -1: not asked yet
  std::vector<NamedTime> named_;
  uint64_t events_ = 0;
  bool has_time_ = false;
  int64_t start_ = 0;
  int64_t end_ = 0;
};

}  // namespace tracesmith::trim
