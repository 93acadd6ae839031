#pragma once

#include <cstdint>
#include <functional>

#include "filter/windows.h"
#include "proto/message_writer.h"
#include "trim/walker.h"

namespace tracesmith::trim {

// What is left of a StreamingProfilePacket.
struct TrimmedSamples {
  uint64_t kept = 0;
  uint64_t dropped = 0;
  // Microseconds of samples that went, for the next one that stays.
  int64_t left = 0;
};

// Calls visit(time) for the samples of a packet.
void ForEachSampleTime(const WalkedPacket& packet, Walker& walker, const std::function<void(int64_t)>& visit);

// Writes the samples that stay; `windows` may be null. The time of each counts from the one before; `gone` is what those
// before would have added.
TrimmedSamples TrimSamples(const WalkedPacket& packet, Walker& walker, const Windows* windows, int64_t gone,
                           MessageWriter* written);

}  // namespace tracesmith::trim
