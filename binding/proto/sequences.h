#pragma once

#include <perfetto.h>

#include <cstdint>

namespace tracesmith {

using TraceMessage = perfetto::protos::pbzero::Trace;

// The packet sequence of all events.
constexpr uint32_t kSequenceId = 1;
// That of the descriptors of threads. trace_processor takes the last one of a sequence for the thread on which
// all events of the sequence happen, and gives those whose track is no thread's an argument that says so.
constexpr uint32_t kThreadSequenceId = 2;
// The first that is nobody's.
constexpr uint32_t kFreeSequenceId = 3;

}  // namespace tracesmith
