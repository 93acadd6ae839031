#pragma once

#include <cstdint>
#include <vector>

#include "base/flat_map.h"
#include "trim/packet_facts.h"
#include "trim/texts.h"
#include "trim/trace_clocks.h"
#include "trim/tracks.h"

namespace tracesmith::trim {

// What the packets of one writer have said so far and later ones rely on. The twin of Sequence in lib/trim.
class Sequence {
 public:
  Sequence(uint64_t id, Tracks& tracks, Texts& texts) : id_(id), tracks_(tracks), texts_(texts) { ForgetDefaults(); }

  uint64_t id() const { return id_; }
  uint64_t default_clock() const { return default_clock_; }
  uint32_t default_track() const { return default_track_; }
  const std::vector<uint64_t>& default_counters() const { return default_counters_; }
  const std::vector<uint64_t>& default_double_counters() const { return default_double_counters_; }
  // Whether it was begun, and no packets were lost since. Readers skip packets that need it otherwise.
  bool has_state() const { return has_state_; }
  bool has_pid() const { return has_pid_; }
  int64_t pid() const { return pid_; }
  SequenceClocks& clocks() { return clocks_; }

  // The number of an interned text; null where the trace has not said it.
  const uint32_t* Category(uint64_t iid) const { return categories_.Find(iid); }
  const uint32_t* Name(uint64_t iid) const { return names_.Find(iid); }
  const uint32_t* ArgName(uint64_t iid) const { return arg_names_.Find(iid); }

  // The caller must call it before it reads anything else of the packet.
  void LearnHead(const RareFacts& head, std::string* damage);
  void LearnInterned(ByteSpan data, std::string* damage);
  // Learns the thread that events without a track belong to, and where their relative times begin.
  void LearnThread(ByteSpan descriptor, std::string* damage);
  // The times of samples count from the events before, and those behind from them.
  void LearnSamples(ByteSpan profile, std::string* damage);

  // The time of the last event that says only how much later it is, in microseconds; see ThreadDescriptor.
  int64_t microseconds = 0;

 private:
  void ForgetDefaults();

  const uint64_t id_;
  Tracks& tracks_;
  Texts& texts_;
  SequenceClocks clocks_;
  FlatMap<uint32_t> categories_;
  FlatMap<uint32_t> names_;
  FlatMap<uint32_t> arg_names_;
  uint64_t default_clock_ = 0;
  uint32_t default_track_ = 0;
  std::vector<uint64_t> default_counters_;
  std::vector<uint64_t> default_double_counters_;
  bool has_state_ = false;
  bool has_pid_ = false;
  int64_t pid_ = 0;
};

}  // namespace tracesmith::trim
