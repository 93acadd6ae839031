#pragma once

#include <perfetto.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/inline.h"
#include "encoder/interned_data.h"
#include "encoder/track_table.h"
#include "proto/wire.h"

// Packets of a lane, by the pointer that the caller keeps. Nearly all packets of a trace without arguments are an end, or
// have a name and no more: those are put there in one go. What is stored are bytes, which could be anything for all that
// a compiler knows: so all that is read is read before.
namespace tracesmith {

// What the packets of a lane have in common, behind their timestamp: sequence fields, and the track event with its type
// and track up to its own fields. As it stands it is the rest of a TYPE_SLICE_END; for other types the type and the
// length are written over. All of it is copied, whatever its size: a constant size needs no call.
struct alignas(32) LanePrefix {
  uint8_t bytes[24];
  uint8_t size;

  // Where its parts lie.
  static constexpr size_t kContent = 6;  // of the track event
  static constexpr size_t kLength = kContent - 1;
  static constexpr size_t kType = kContent + 1;
};

LanePrefix LanePrefixOf(uint64_t uuid);

// Tag and one byte of length.
constexpr size_t kPacketPrefix = 2;

// The start of a packet, but for its length, `step` ns behind the one before; gives where the lane's prefix comes.
TRACESMITH_INLINE uint8_t* PutPacketStep(uint8_t* packet, uint64_t step) {
  using perfetto::protos::pbzero::TracePacket;
  packet[0] = static_cast<uint8_t>(protozero::proto_utils::MakeTagLengthDelimited(TraceMessage::kPacketFieldNumber));
  packet[kPacketPrefix] = static_cast<uint8_t>(protozero::proto_utils::MakeTagVarInt(TracePacket::kTimestampFieldNumber));
  return wire::WriteVarInt(step, packet + kPacketPrefix + 1);
}

TRACESMITH_INLINE uint8_t* EndShortPacket(uint8_t* packet, uint8_t* end) {
  return wire::EndShortNested(packet + kPacketPrefix, end);
}

// Both give where the packet ends.
TRACESMITH_INLINE uint8_t* PutEndPacket(uint8_t* packet, uint64_t step, const LanePrefix& lane) {
  const size_t size = lane.size;
  uint8_t* const prefix = PutPacketStep(packet, step);
  std::memcpy(prefix, lane.bytes, sizeof(lane.bytes));
  return EndShortPacket(packet, prefix + size);
}

TRACESMITH_INLINE uint8_t* PutNamedPacket(uint8_t* packet, uint64_t step, const LanePrefix& lane,
                                          perfetto::protos::pbzero::TrackEvent::Type type,
                                          const InternedData::NameBytes& name) {
  const size_t lane_size = lane.size;
  const size_t name_size = name.size;
  uint8_t* const prefix = PutPacketStep(packet, step);
  std::memcpy(prefix, lane.bytes, sizeof(lane.bytes));
  prefix[LanePrefix::kType] = static_cast<uint8_t>(type);
  prefix[LanePrefix::kLength] = static_cast<uint8_t>(lane_size - LanePrefix::kContent + name_size);
  std::memcpy(prefix + lane_size, name.bytes, sizeof(name.bytes));
  return EndShortPacket(packet, prefix + lane_size + name_size);
}

}  // namespace tracesmith
