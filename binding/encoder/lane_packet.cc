#include "encoder/lane_packet.h"

namespace tracesmith {

using perfetto::protos::pbzero::TracePacket;
using perfetto::protos::pbzero::TrackEvent;

// All these tags take one byte, and so do the values but for the uuid.
static_assert(TraceMessage::kPacketFieldNumber < 16 && TracePacket::kTimestampFieldNumber < 16 &&
              TracePacket::kTrustedPacketSequenceIdFieldNumber < 16 && TracePacket::kSequenceFlagsFieldNumber < 16 &&
              TracePacket::kTrackEventFieldNumber < 16 && TrackEvent::kTypeFieldNumber < 16 && kSequenceId < 128);

LanePrefix LanePrefixOf(uint64_t uuid) {
  LanePrefix prefix;
  uint8_t* at = wire::PutVarInt(prefix.bytes, TracePacket::kTrustedPacketSequenceIdFieldNumber, kSequenceId);
  at = wire::PutVarInt(at, TracePacket::kSequenceFlagsFieldNumber, TracePacket::SEQ_NEEDS_INCREMENTAL_STATE);
  uint8_t* content = wire::BeginNested(at, TracePacket::kTrackEventFieldNumber);
  at = wire::PutVarInt(content, TrackEvent::kTypeFieldNumber, TrackEvent::TYPE_SLICE_END);
  at = wire::PutVarInt(at, TrackEvent::kTrackUuidFieldNumber, uuid);
  at = wire::EndShortNested(content, at);
  prefix.size = static_cast<uint8_t>(at - prefix.bytes);
  return prefix;
}

}  // namespace tracesmith
