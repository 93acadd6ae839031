#pragma once

#include <cstdint>
#include <string_view>

#include "order/event_table.h"
#include "proto/sequences.h"

namespace tracesmith {

// Traces of several writers can be joined (`cat a b`) if no two have a track or a sequence by the same number. Random
// numbers would do, but the same calls must give the same bytes. DerivedIds takes them from what the trace begins with:
// the tracks up to that of the first event, that event, and a seed. Two threads of a program may define the same tracks,
// but they hardly begin in the same nanosecond.
//
// Both numbers are in each packet, so they have no more bits than an accident between a hundred writers needs.
class DerivedIds {
 public:
  // Nothing depends on where the batches of the table end.
  DerivedIds(const EventTable& table, uint32_t seed) : hash_(HashOf(table, seed)) {}

  // The first of the uuids, which takes four bytes, as those after it do.
  uint64_t uuid() const { return kLeastUuid + hash_ % (kMostUuid - kLeastUuid); }
  // Those of events are never those of threads of another trace.
  SequenceIds sequences() const {
    constexpr uint32_t kStep = 4;
    constexpr uint32_t kFirst = 1 << 7;
    constexpr uint32_t kEnd = 1 << 14;  // two bytes
    constexpr uint32_t kClocks = 64;
    const auto bits = static_cast<uint32_t>(hash_ >> 40);
    const uint32_t first = kFirst + bits / kClocks % ((kEnd - kFirst) / kStep) * kStep;
    return {first, first + 1, first + 2, SequenceIds().clock + bits % kClocks};
  }

 private:
  static uint64_t HashOf(const EventTable& table, uint32_t seed);

  static constexpr uint64_t kLeastUuid = uint64_t{1} << 21;
  // Far below the last number of four bytes: there are tracks and lanes to come.
  static constexpr uint64_t kMostUuid = (uint64_t{1} << 28) - (uint64_t{1} << 24);

  uint64_t hash_;
};

}  // namespace tracesmith
