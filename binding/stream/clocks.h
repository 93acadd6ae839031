#pragma once

#include <cstddef>
#include <cstdint>

#include "../encoder/trace_encoder.h"

namespace tracesmith {

// The clocks of this machine, in ns. By number: 1 time since the machine started, with the time that it
// slept; 2 the same without that; 3 time since 1970. Where a system has no such clock 1 is as 2.
uint64_t ReadClock(size_t number);

// A trace that counts in that clock, with what all of them show now; 0 for boottime and nothing known.
ClockReading ReadingOf(size_t number);

}  // namespace tracesmith
