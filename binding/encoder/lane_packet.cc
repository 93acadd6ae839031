#include "encoder/lane_packet.h"

namespace tracesmith {

using perfetto::protos::pbzero::Trace;
using perfetto::protos::pbzero::TrackEvent;

// The tags take one byte each, and so does the type.
static_assert(Trace::kPacketFieldNumber < 16 && TracePacket::kTimestampFieldNumber < 16 &&
              TracePacket::kTrustedPacketSequenceIdFieldNumber < 16 && TracePacket::kSequenceFlagsFieldNumber < 16 &&
              TracePacket::kTrackEventFieldNumber < 16 && TrackEvent::kTypeFieldNumber < 16);
// A sequence id takes up to 5 bytes and a uuid up to 10.
static_assert((1 + 5) + 2 + 2 + 2 + (1 + 10) <= sizeof(LanePrefix::bytes));

LanePrefix LanePrefixOf(uint64_t uuid, uint32_t sequence_id) {
  LanePrefix prefix{};
  uint8_t* at = prefix.bytes;
  if (sequence_id != 0) at = wire::PutVarInt(at, TracePacket::kTrustedPacketSequenceIdFieldNumber, sequence_id);
  at = wire::PutVarInt(at, TracePacket::kSequenceFlagsFieldNumber, TracePacket::SEQ_NEEDS_INCREMENTAL_STATE);
  uint8_t* content = wire::BeginNested(at, TracePacket::kTrackEventFieldNumber);
  prefix.content = static_cast<uint8_t>(content - prefix.bytes);
  at = wire::PutVarInt(content, TrackEvent::kTypeFieldNumber, TrackEvent::TYPE_SLICE_END);
  at = wire::PutVarInt(at, TrackEvent::kTrackUuidFieldNumber, uuid);
  at = wire::EndShortNested(content, at);
  prefix.size = static_cast<uint8_t>(at - prefix.bytes);
  return prefix;
}

}  // namespace tracesmith
