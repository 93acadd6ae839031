#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "profile/profile_packets.h"
#include "profile/cpu_profiles.h"

namespace tracesmith {

// Writes the samples of CPU profiles as packets. They go before all others of the trace, so that the snapshot which
// says that the clock of samples is that of the events is the first of the trace: readers take none whose clocks go
// back.
//
// `ids_of` gives those of a thread of Identities. `take` gets whole packets, and gives false where no more are
// wanted; so does this function then.
bool WriteProfiles(const CpuProfiles& profiles, const std::function<ThreadIds(uint32_t)>& ids_of,
                   const std::function<bool(const uint8_t*, size_t)>& take);

}  // namespace tracesmith
