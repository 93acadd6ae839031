#pragma once

#include <perfetto.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/inline.h"
#include "encoder/interned_data.h"
#include "proto/wire.h"

// Nearly all packets of a trace are ends, or begins with a name and no more. These functions write them in one go, into
// room that the caller has made. They read all their inputs before they store a byte: a stored uint8_t may alias
// anything, so the compiler would read the inputs again. They keep no state: any thread may call them.
namespace tracesmith {

using perfetto::protos::pbzero::Trace;
using perfetto::protos::pbzero::TrackEvent;

// The bytes that all packets of a lane (a track or a further row of it) have behind their timestamp: sequence id and
// flags, then the track event with its type and track. As they are they complete a TYPE_SLICE_END packet; for other
// types the type and the length of the track event are overwritten. All 24 bytes are copied: a copy of constant size
// needs no call.
struct alignas(32) LanePrefix {
  uint8_t bytes[24];
  uint8_t size;
  uint8_t content;  // offset of the content of the track event

  size_t length_at() const { return content - size_t{1}; }
  size_t type_at() const { return content + size_t{1}; }
};

// The tags take one byte each, and so does the type.
static_assert(Trace::kPacketFieldNumber < 16 && TracePacket::kTimestampFieldNumber < 16 &&
              TracePacket::kTrustedPacketSequenceIdFieldNumber < 16 && TracePacket::kSequenceFlagsFieldNumber < 16 &&
              TracePacket::kTrackEventFieldNumber < 16 && TrackEvent::kTypeFieldNumber < 16);
// A sequence id takes up to 5 bytes and a uuid up to 10.
static_assert((1 + 5) + 2 + 2 + 2 + (1 + 10) <= sizeof(LanePrefix::bytes));

// A `uuid` or `sequence_id` of 0 is not written.
inline LanePrefix LanePrefixOf(uint64_t uuid, uint32_t sequence_id) {
  LanePrefix prefix{};
  uint8_t* at = prefix.bytes;
  if (sequence_id != 0) at = wire::PutVarInt(at, TracePacket::kTrustedPacketSequenceIdFieldNumber, sequence_id);
  at = wire::PutVarInt(at, TracePacket::kSequenceFlagsFieldNumber, TracePacket::SEQ_NEEDS_INCREMENTAL_STATE);
  uint8_t* content = wire::BeginNested(at, TracePacket::kTrackEventFieldNumber);
  prefix.content = static_cast<uint8_t>(content - prefix.bytes);
  at = wire::PutVarInt(content, TrackEvent::kTypeFieldNumber, TrackEvent::TYPE_SLICE_END);
  if (uuid != 0) at = wire::PutVarInt(at, TrackEvent::kTrackUuidFieldNumber, uuid);
  at = wire::EndShortNested(content, at);
  prefix.size = static_cast<uint8_t>(at - prefix.bytes);
  return prefix;
}

// Bytes: the tag of a packet and one byte for its length.
constexpr size_t kTagAndLength = 2;

// Writes the start of a packet, but for its length, `step` ns after the packet before. Returns where a LanePrefix goes.
TRACESMITH_INLINE uint8_t* PutPacketStep(uint8_t* packet, uint64_t step) {
  using protozero::proto_utils::MakeTagLengthDelimited;
  using protozero::proto_utils::MakeTagVarInt;
  packet[0] = static_cast<uint8_t>(MakeTagLengthDelimited(Trace::kPacketFieldNumber));
  packet[kTagAndLength] = static_cast<uint8_t>(MakeTagVarInt(TracePacket::kTimestampFieldNumber));
  return wire::WriteVarInt(step, packet + kTagAndLength + 1);
}

// For a packet whose length fits one byte.
TRACESMITH_INLINE uint8_t* EndShortPacket(uint8_t* packet, uint8_t* end) {
  return wire::EndShortNested(packet + kTagAndLength, end);
}

// Write an end, or an event with a name and no more. Both return where the packet ends.
TRACESMITH_INLINE uint8_t* PutEndPacket(uint8_t* packet, uint64_t step, const LanePrefix& lane) {
  const size_t size = lane.size;
  uint8_t* const prefix = PutPacketStep(packet, step);
  std::memcpy(prefix, lane.bytes, sizeof(lane.bytes));
  return EndShortPacket(packet, prefix + size);
}

TRACESMITH_INLINE uint8_t* PutNamedPacket(uint8_t* packet, uint64_t step, const LanePrefix& lane,
                                          TrackEvent::Type type,
                                          const InternedData::NameBytes& name) {
  const size_t lane_size = lane.size;
  const size_t name_size = name.size;
  const size_t content = lane.content;
  uint8_t* const prefix = PutPacketStep(packet, step);
  std::memcpy(prefix, lane.bytes, sizeof(lane.bytes));
  prefix[content + 1] = static_cast<uint8_t>(type);
  prefix[content - 1] = static_cast<uint8_t>(lane_size - content + name_size);
  std::memcpy(prefix + lane_size, name.bytes, sizeof(name.bytes));
  return EndShortPacket(packet, prefix + lane_size + name_size);
}

}  // namespace tracesmith
