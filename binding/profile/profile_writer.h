#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "profile/cpu_profiles.h"

namespace tracesmith {

// The native ids of a thread.
struct ThreadIds {
  int32_t pid;
  int32_t tid;
};

// Whether a sample of a thread of the ProcessTable stays; its time is that of the trace, ns.
using SampleFilter = std::function<bool(uint32_t thread, int64_t time)>;

// Writes the samples of CPU profiles as packets, each profile on a sequence of its own: a reader takes all samples of a
// sequence for samples of one thread. Their ids begin with kFreeSequenceId.
//
// The packets must be the first of the trace. They begin with the snapshot that equates the clock of samples with the
// clock of events (boottime), and readers reject a snapshot whose clocks are behind those of an earlier one.
//
// `ids_of` returns the ids of a thread of the ProcessTable. `output` receives whole packets and returns false to stop;
// then this function returns false, too. `shift` is added to all times, ns. Samples that `keeps` refuses are left out, and
// with them profiles of which none stays; without it all stay. Nothing is kept after it returns.
bool WriteProfiles(const CpuProfiles& profiles, const std::function<ThreadIds(uint32_t)>& ids_of,
                   const std::function<bool(const uint8_t*, size_t)>& output, uint64_t shift = 0,
                   const SampleFilter& keeps = nullptr);

}  // namespace tracesmith
