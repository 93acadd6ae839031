#include "base/clocks.h"

#include <chrono>
#if defined(__linux__)
#include <time.h>  // NOLINT(modernize-deprecated-headers): POSIX has clock_gettime there
#endif

namespace tracesmith {
namespace {

template <typename Clock>
uint64_t Now() {
  const auto since = Clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

}  // namespace

uint64_t ReadClock(size_t number) {
  if (number == 3) return Now<std::chrono::system_clock>();
#if defined(__linux__)
  timespec time{};
  // The standard library has no name for this clock.
  if (number == 1 && clock_gettime(CLOCK_BOOTTIME, &time) == 0) {
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
  }
#endif
  return Now<std::chrono::steady_clock>();
}

ClockReading ReadingOf(size_t number) {
  ClockReading reading;
  if (number == 0) return reading;
  if (number == 2) reading.clock = MachineClock::kMonotonic;
  if (number == 3) reading.clock = MachineClock::kRealtime;
  reading.boottime = ReadClock(1);
  reading.monotonic = ReadClock(2);
  reading.realtime = ReadClock(3);
  return reading;
}

}  // namespace tracesmith
