#include "base/clocks.h"

#if defined(__linux__)
#include <time.h>  // NOLINT(modernize-deprecated-headers): POSIX has clock_gettime there
#else
#include <chrono>
#endif

namespace tracesmith {

#if defined(__linux__)
uint64_t ReadClock(size_t number) {
  static constexpr clockid_t kClocks[] = {CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_REALTIME};
  timespec time{};
  // Old kernels have no CLOCK_BOOTTIME.
  if (clock_gettime(kClocks[number], &time) != 0) clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}
#else
namespace {

template <typename Clock>
uint64_t Now() {
  const auto since = Clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

}  // namespace

uint64_t ReadClock(size_t number) {
  return number == 3 ? Now<std::chrono::system_clock>() : Now<std::chrono::steady_clock>();
}
#endif

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
