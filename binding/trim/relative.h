#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "trim/walker.h"

namespace tracesmith::trim {

// The value of a counter: integers stay exact.
struct CounterValue {
  bool is_integer = true;
  int64_t integer = 0;
  double real = 0;

  static CounterValue OfInteger(int64_t value) { return {true, value, 0}; }
  static CounterValue OfReal(double value) { return {false, 0, value}; }
  CounterValue Plus(const CounterValue& other) const;
  double AsReal() const { return is_integer ? static_cast<double>(integer) : real; }
  int64_t AsInteger() const { return is_integer ? integer : static_cast<int64_t>(real); }
};

// The new values of fields that count from a packet that went; what is not set stays as it is.
struct Rebased {
  bool has_timestamp = false;
  bool has_microseconds = false;
  bool has_thread_microseconds = false;
  bool has_instructions = false;
  bool has_counters = false;
  uint64_t timestamp = 0;
  int64_t microseconds = 0;
  int64_t thread_microseconds = 0;
  int64_t instructions = 0;
  // By field, all values of it in their order.
  std::vector<std::pair<uint32_t, CounterValue>> counters;

  bool is_empty() const {
    return !has_timestamp && !has_microseconds && !has_thread_microseconds && !has_instructions && !has_counters;
  }
};

// Times and counters that count from the packet before change their meaning when that goes. This sums up what went, for
// the next packet that stays: nothing else has to be written anew. The twin of RelativeValues in lib/trim.
class RelativeValues {
 public:
  explicit RelativeValues(Tracks& tracks) : tracks_(tracks) {}

  // The caller must call it for each packet, before the others.
  void Begin(const WalkedPacket& packet, std::string* damage);
  // A packet goes, or stays with other times: what it says of them is kept for the next one.
  void DropTimes(const WalkedPacket& packet);
  void DropValues(const WalkedPacket& packet, std::string* damage);
  void KeepTimes(const WalkedPacket& packet, Rebased* rebased);
  // Of an event that is moved to another time the counters go: it has them there no more.
  void KeepValues(const WalkedPacket& packet, bool is_moved, Rebased* rebased, std::string* damage);

  // The microseconds that samples of a sequence which went would have added.
  int64_t TakeMicroseconds() { return std::exchange(gone_->microseconds, 0); }
  void AddMicroseconds(int64_t microseconds) { gone_->microseconds = Add(gone_->microseconds, microseconds); }

 private:
  // What the packets of a sequence that went would have added to what comes next.
  struct Gone {
    std::vector<std::pair<uint64_t, int64_t>> clocks;
    int64_t microseconds = 0;
    int64_t thread_microseconds = 0;
    int64_t instructions = 0;
    std::unordered_map<uint32_t, CounterValue> counters;  // by track
  };
  struct CounterStep {
    uint32_t field;
    bool has_track;
    uint32_t track;
    CounterValue value;
  };
  // The fields of an event that count from the one before.
  struct Relative {
    bool has_thread_microseconds = false;
    bool has_instructions = false;
    int64_t thread_microseconds = 0;
    int64_t instructions = 0;
    std::vector<CounterStep> counters;  // in the order of their fields
  };

  static bool IsIncremental(const WalkedPacket& packet);
  void DropCounters(const Relative& relative);
  void AddCounters(uint32_t field, const std::vector<CounterValue>& values, const std::vector<uint64_t>& tracks);
  const Relative& Read(const WalkedPacket& packet, std::string* damage);

  Tracks& tracks_;
  std::unordered_map<const Sequence*, Gone> by_sequence_;
  const Sequence* sequence_ = nullptr;
  Gone* gone_ = nullptr;  // of the sequence
  Relative relative_;     // kept for its memory
};

}  // namespace tracesmith::trim
