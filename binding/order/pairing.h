#pragma once

#include <cstdint>
#include <vector>

#include "order/event_table.h"

namespace tracesmith {

struct PairingCounts {
  uint64_t unclosed = 0;   // opens that nothing closed
  uint64_t unmatched = 0;  // closes without an open and without a length, now instants
};

// Turns opens and closes into slices: an open that is closed becomes a slice with the arguments of both rows, a close that
// adds nothing leaves `order`, every other one becomes a slice or an instant. `order` must be sorted by time.
// lib/order/pairing.ts is the TypeScript twin.
PairingCounts PairOpensWithCloses(EventTable& table, std::vector<uint32_t>& order);

}  // namespace tracesmith
