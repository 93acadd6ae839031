#pragma once

#include <perfetto.h>

#include <cstdint>
#include <vector>

#include "proto/packet_block.h"
#include "proto/packet_sink.h"
#include "proto/sequences.h"

namespace tracesmith {

using TracePacket = perfetto::protos::pbzero::TracePacket;

// The packets of a trace are made in two ways. Few are set field by field through the SDK: descriptors, interned data,
// clocks. Millions of events are written as bytes into a flat block, which is several times faster. PacketWriter brings
// both to the sink: at each flush the packets set through the SDK, then the block. So a packet in the block may rely on
// interned data and descriptors that are set after it, up to the next flush.
//
// It owns the packets until they are flushed. The sink belongs to others and must outlive it. One thread at a time.
class PacketWriter {
 public:
  PacketWriter(PacketSink& sink, Framing framing, const SequenceIds& sequences)
      : sink_(sink), framing_(framing), sequences_(sequences), block_(2 * kBlockSize) {}

  // Who writes into the block flushes it once it has so many bytes. So block().size() < kBlockSize before each packet,
  // and the capacity is at least twice that: a packet of less than kBlockSize fits unchecked.
  static constexpr size_t kBlockSize = 64 * 1024;
  PacketBlock& block() { return block_; }

  // Adds a packet, to be set before the next one is added. Descriptors of threads have a sequence of their own:
  // trace_processor takes the last thread described in a sequence for the one of all its events.
  TracePacket* AddPacket() { return Add(sequences_.events); }
  TracePacket* AddThreadPacket() { return Add(sequences_.threads); }

  void Flush();

  const SequenceIds& sequences() const { return sequences_; }
  // What was passed to the sink so far.
  uint64_t bytes() const { return bytes_; }

 private:
  TracePacket* Add(uint32_t sequence_id);
  void Pass(const uint8_t* packets, size_t size);

  // The memory of trace_, in bytes: packets that are set through the SDK fit a page or two, but for strings.
  static constexpr size_t kFirstBuffer = 4 * 1024;
  static constexpr size_t kLargestBuffer = 64 * 1024;

  PacketSink& sink_;
  Framing framing_;
  SequenceIds sequences_;
  protozero::HeapBuffered<perfetto::protos::pbzero::Trace> trace_{kFirstBuffer, kLargestBuffer};
  bool has_packets_ = false;         // in trace_
  std::vector<uint8_t> serialized_;  // the content of trace_ in one piece; kept for its memory
  PacketBlock block_;
  uint64_t bytes_ = 0;
};

}  // namespace tracesmith
