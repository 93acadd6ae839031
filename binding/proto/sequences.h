#pragma once

#include <cstdint>

namespace tracesmith {

// The packet sequences of a trace, by trusted_packet_sequence_id. 0 writes no id, for a service that gives its own.
struct SequenceIds {
  uint32_t events = 1;
  // The descriptors of threads have a sequence of their own. trace_processor takes the last thread of a sequence for the
  // one on which all events of the sequence happen, and adds an argument that says so to events on other tracks.
  uint32_t threads = 2;
  // The first that neither uses.
  uint32_t free = 3;
};

// The same as constants, for a trace that is alone in its file.
constexpr uint32_t kFreeSequenceId = SequenceIds().free;

}  // namespace tracesmith
