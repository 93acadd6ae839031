#pragma once

#include <cstdint>
#include <functional>

#include "filter/windows.h"
#include "proto/message_writer.h"
#include "trim/walker.h"

namespace tracesmith::trim {

// Calls visit(time) for the events of a bundle.
void ForEachBundleTime(const WalkedPacket& packet, Walker& walker, const std::function<void(int64_t)>& visit);

// Writes the bundle with the events that lie in the windows alone. Returns how many do not.
uint64_t TrimBundle(const WalkedPacket& packet, Walker& walker, const Windows& windows, MessageWriter* written);

}  // namespace tracesmith::trim
