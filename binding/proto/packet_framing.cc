#include "proto/packet_framing.h"

#include <perfetto.h>

#include "proto/wire.h"

namespace tracesmith {

using perfetto::protos::pbzero::Trace;
using perfetto::protos::pbzero::TracePacket;

const uint8_t* EndOfPacket(const uint8_t* at, const uint8_t* end, const uint8_t** content) {
  uint64_t tag = 0;
  const uint8_t* length_at = protozero::proto_utils::ParseVarInt(at, end, &tag);
  if (tag != protozero::proto_utils::MakeTagLengthDelimited(Trace::kPacketFieldNumber)) return nullptr;
  uint64_t length = 0;
  const uint8_t* begin = protozero::proto_utils::ParseVarInt(length_at, end, &length);
  if (begin == length_at || length > static_cast<uint64_t>(end - begin)) return nullptr;
  if (content != nullptr) *content = begin;
  return begin + length;
}

void AppendCompressedPackets(const std::vector<uint8_t>& content, std::vector<uint8_t>* output) {
  uint8_t field[wire::kMaxLengthPrefix];
  uint8_t* const field_end = wire::PutLengthPrefix(field, TracePacket::kCompressedPacketsFieldNumber, content.size());
  uint8_t packet[wire::kMaxLengthPrefix];
  const size_t packet_size = static_cast<size_t>(field_end - field) + content.size();
  uint8_t* const packet_end = wire::PutLengthPrefix(packet, Trace::kPacketFieldNumber, packet_size);
  output->insert(output->end(), packet, packet_end);
  output->insert(output->end(), field, field_end);
  output->insert(output->end(), content.begin(), content.end());
}

}  // namespace tracesmith
