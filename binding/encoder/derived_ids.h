#pragma once

#include <cstdint>
#include <string_view>

#include "order/event_table.h"

namespace tracesmith {

// Traces of several writers can be joined (`cat a b`) if no two have a track by the same number. Random numbers would do,
// but the same calls must give the same bytes. DerivedIds takes them from what the trace begins with: the tracks up to
// that of the first event, that event, and a seed. Two threads of a program may define the same tracks, but they hardly
// begin in the same nanosecond.
class DerivedIds {
 public:
  // Nothing depends on where the batches of the table end.
  DerivedIds(const EventTable& table, uint32_t seed) : hash_(HashOf(table, seed)) {}

  // The first of the uuids. One is in nearly each packet, so they have three bytes: two million of them, of which two
  // writers with ten tracks each have the same one once in a hundred thousand times.
  uint64_t uuid() const { return kLeastUuid + hash_ % (kMostUuid - kLeastUuid); }
  // A process that several traces describe is one for a reader if its uuid is the same in all: otherwise its pid was
  // given to another one. Above all other uuids.
  static uint64_t OfProcess(int64_t pid, std::string_view name);
  // A clock that no other trace has, see SequenceWriter.
  uint32_t clock() const { return kLeastClock + static_cast<uint32_t>(hash_ >> 40); }

 private:
  static uint64_t HashOf(const EventTable& table, uint32_t seed);

  static constexpr uint64_t kLeastUuid = uint64_t{1} << 14;
  // Below the last number of three bytes: there are tracks and lanes to come.
  static constexpr uint64_t kMostUuid = (uint64_t{1} << 21) - (uint64_t{1} << 15);
  // Clocks below it belong to a sequence or to Perfetto.
  static constexpr uint32_t kLeastClock = 128;

  uint64_t hash_;
};

}  // namespace tracesmith
