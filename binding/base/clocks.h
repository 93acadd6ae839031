#pragma once

#include <cstddef>
#include <cstdint>

namespace tracesmith {

// The clocks of a machine, as the SDK's BuiltinClock numbers them.
enum class MachineClock : uint32_t { kRealtime = 1, kMonotonic = 3, kBoottime = 6 };

// The clock that a trace counts in, and what the clocks of the machine showed at one moment.
struct ClockReading {
  MachineClock clock = MachineClock::kBoottime;
  // ns; all 0: nothing is known.
  uint64_t boottime = 0;
  uint64_t monotonic = 0;
  uint64_t realtime = 0;
};

// The time of a clock of this machine, in ns, by number, 1 to 3: 1 time since the machine started, with the time that it
// slept; 2 the same without that; 3 time since 1970. Where a system has no such clock 1 is as 2.
uint64_t ReadClock(size_t number);

// A trace that counts in that clock, with what all of them show now; 0 for boottime and nothing known.
ClockReading ReadingOf(size_t number);

}  // namespace tracesmith
