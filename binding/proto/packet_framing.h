#pragma once

#include <cstdint>
#include <vector>

// Packets as a serialized `Trace` has them, one behind the other, for who needs no more of the format than that.
namespace tracesmith {

// Where the packet that begins at `at` ends; null where there is no whole packet.
const uint8_t* EndOfPacket(const uint8_t* at, const uint8_t* end);

// Appends to `output` a packet that holds other ones: `content` is what zlib made of them.
void AppendCompressedPackets(const std::vector<uint8_t>& content, std::vector<uint8_t>* output);

}  // namespace tracesmith
