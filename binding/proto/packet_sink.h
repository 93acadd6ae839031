#pragma once

#include <cstddef>
#include <cstdint>

namespace tracesmith {

// How packets reach a sink.
enum class Framing : uint8_t {
  // As the fields of a serialized Trace, each with its tag and length, one or more in a call: the content of a file.
  kTrace,
  // As a serialized TracePacket alone, one in a call, for a service that frames packets itself.
  kPacket,
};

// Packets of a trace go one way: from an encoder to a sink, which keeps them, or writes them somewhere.
class PacketSink {
 public:
  virtual ~PacketSink() = default;

  // Takes whole packets, in the order in which they belong into the trace. The bytes are the caller's again when it
  // returns. It must not call the encoder.
  virtual void Append(const uint8_t* packets, size_t size) = 0;
};

}  // namespace tracesmith
