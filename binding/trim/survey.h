#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "trim/event_log.h"
#include "trim/slice_stacks.h"
#include "trim/walker.h"

namespace tracesmith::trim {

// The first look at a trace: its tracks, its time, and its events. The twin of Survey in lib/trim.
class Survey {
 public:
  Survey(Tracks& tracks, Walker& walker, EventLog& log) : tracks_(tracks), walker_(walker), log_(log) {}

  void Add(const WalkedPacket& packet);

  // The first and last time; there are none without any.
  bool has_time() const { return has_time_; }
  int64_t start() const { return start_; }
  int64_t end() const { return end_; }

 private:
  void AddEvent(const WalkedPacket& packet);
  void Include(int64_t time);

  Tracks& tracks_;
  Walker& walker_;
  EventLog& log_;
  LoggedEvent event_;  // kept for its memory
  bool has_time_ = false;
  int64_t start_ = 0;
  int64_t end_ = 0;
};

// A slice or instant by which the time that stays may be chosen.
struct NamedTime {
  uint32_t name;  // in Texts
  int64_t from;
  int64_t to;
  bool has_end;
};

// The names of such slices and instants.
struct WantedNames {
  std::unordered_set<std::string> names;
  // A prefix of names; empty: none.
  std::string prefix;

  bool empty() const { return names.empty() && prefix.empty(); }
};

// Finds the slices and instants of wanted names.
class NamedTimes {
 public:
  NamedTimes(const WantedNames& wanted, const Texts& texts, LateTracks& late);

  void Add(const LoggedEvent& event, uint64_t index);
  void Finish() { stacks_.Finish(); }
  const std::vector<NamedTime>& times() const { return times_; }

 private:
  std::vector<bool> is_wanted_;  // by name
  std::vector<NamedTime> times_;
  SliceStacks stacks_;
};

}  // namespace tracesmith::trim
