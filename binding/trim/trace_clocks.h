#pragma once

#include <cstdint>
#include <vector>

#include "base/flat_map.h"
#include "proto/field_reader.h"
#include "trim/fields.h"

namespace tracesmith::trim {

// a + b and a - b, also of hostile values.
inline int64_t Add(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
inline int64_t Subtract(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
inline int64_t Multiply(int64_t a, uint64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) * b); }

// A clock of a sequence, related to the trace's by the last snapshot.
struct SequenceClock {
  uint64_t id = 0;
  bool is_incremental = false;
  uint64_t multiplier = 1;
  // The time of the last packet on an incremental clock, in ns of that clock.
  int64_t last = 0;
  // What turns a time of this clock into one of the trace.
  int64_t offset = 0;
  bool has_offset = false;
};

// There are two or three.
class SequenceClocks {
 public:
  SequenceClock* Find(uint64_t id) {
    for (SequenceClock& clock : clocks_) {
      if (clock.id == id) return &clock;
    }
    return nullptr;
  }
  void Set(const SequenceClock& clock) {
    SequenceClock* const known = Find(clock.id);
    if (known != nullptr) {
      *known = clock;
    } else {
      clocks_.push_back(clock);
    }
  }

 private:
  std::vector<SequenceClock> clocks_;
};

// Turns the times of packets into times of the trace, by the clock snapshots that came before. The twin of TraceClocks
// in lib/protobuf.
class TraceClocks {
 public:
  // The id of the clock that the trace's times count on.
  uint64_t trace_clock() const { return trace_clock_; }

  // Learns from a ClockSnapshot of a sequence.
  void Learn(ByteSpan snapshot, SequenceClocks* sequence, std::string* damage);

  // Computes the time of a packet; false where its clock has no known relation to the trace's. The caller must call it
  // for each packet with a time, since an incremental clock counts from packet to packet.
  bool Resolve(uint64_t timestamp, uint64_t clock_id, SequenceClocks* sequence, int64_t* time) const;

 private:
  struct Reading {
    uint64_t id = 0;
    uint64_t timestamp = 0;
    bool is_incremental = false;
    uint64_t multiplier = 1;
  };

  bool TraceTimeOf(const std::vector<Reading>& readings, int64_t* time) const;

  uint64_t trace_clock_ = kBoottime;
  bool is_trace_clock_known_ = false;
  FlatMap<int64_t> offsets_;
};

}  // namespace tracesmith::trim
