#include "encoder/packet_writer.h"

#include "proto/packet_framing.h"

namespace tracesmith {

TracePacket* PacketWriter::Add(uint32_t sequence_id) {
  has_packets_ = true;
  TracePacket* packet = trace_->add_packet();
  if (sequence_id != 0) packet->set_trusted_packet_sequence_id(sequence_id);
  return packet;
}

void PacketWriter::Flush() {
  if (has_packets_) {
    serialized_.clear();
    for (const protozero::ContiguousMemoryRange& range : trace_.GetRanges()) {
      serialized_.insert(serialized_.end(), range.begin, range.end);
    }
    trace_.Reset();
    has_packets_ = false;
    Pass(serialized_.data(), serialized_.size());
  }
  if (block_.size() != 0) Pass(block_.data(), block_.size());
  block_.Clear();
}

void PacketWriter::Pass(const uint8_t* packets, size_t size) {
  bytes_ += size;
  if (framing_ == Framing::kTrace) return sink_.Append(packets, size);
  ForEachPacket(packets, packets + size,
                [this](const uint8_t* content, size_t length) { sink_.Append(content, length); });
}

}  // namespace tracesmith
