#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

// Packets as a serialized `Trace` has them, one behind the other, for code that needs no more of the format than that.
namespace tracesmith {

// Returns where the packet that begins at `at` ends; null if there is no whole packet. `content`: where its fields begin.
const uint8_t* EndOfPacket(const uint8_t* at, const uint8_t* end, const uint8_t** content = nullptr);

// Calls visit(content, size) for each packet, without its tag and length. There must be whole packets only.
template <typename Visit>
void ForEachPacket(const uint8_t* at, const uint8_t* end, Visit visit) {
  while (at != end) {
    const uint8_t* content = nullptr;
    at = EndOfPacket(at, end, &content);
    if (at == nullptr) return;
    visit(content, static_cast<size_t>(at - content));
  }
}

// Appends to `output` a packet that holds other ones: `content` is what zlib made of them.
void AppendCompressedPackets(const std::vector<uint8_t>& content, std::vector<uint8_t>* output);

}  // namespace tracesmith
