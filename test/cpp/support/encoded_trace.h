#pragma once

#include <cstdint>
#include <vector>

#include "encoder/trace_encoder.h"

namespace tracesmith::test {

inline std::vector<uint8_t> BytesOf(const PacketMemory& memory) {
  std::vector<uint8_t> bytes;
  memory.ForEach([&bytes](const uint8_t* packets, size_t size) { bytes.insert(bytes.end(), packets, packets + size); });
  return bytes;
}

// An encoder and the memory that it writes into.
struct WholeTrace {
  PacketMemory memory;
  WholeTraceEncoder encoder{memory};

  std::vector<uint8_t> Finish() {
    encoder.Finish();
    return BytesOf(memory);
  }
};

struct StreamTrace {
  explicit StreamTrace(size_t window, const EncoderOptions& options = EncoderOptions()) : encoder(memory, window, options) {}

  PacketMemory memory;
  StreamTraceEncoder encoder;

  std::vector<uint8_t> Finish() {
    encoder.Finish();
    return BytesOf(memory);
  }
};

}  // namespace tracesmith::test
