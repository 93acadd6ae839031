#include "trace_encoder.h"

#include <algorithm>
#include <cstring>

#include "event_writer.h"

namespace tracesmith {
namespace {

using perfetto::protos::pbzero::BUILTIN_CLOCK_BOOTTIME;
using perfetto::protos::pbzero::TracePacket;

// Clocks from 64 to 127 belong to a packet sequence.
constexpr uint32_t kIncrementalClock = 64;
constexpr size_t kSliceSize = 256 * 1024;

}  // namespace

TraceEncoder::TraceEncoder() : trace_(kSliceSize, kSliceSize) {}

void TraceEncoder::Encode() {
  EncodeEvents();
  // The next encoder of this process can have the memory while this trace is still being read.
  store_ = EventStore();
  ranges_ = trace_.GetRanges();
  for (const auto& range : ranges_) {
    size_ += range.size();
    range_ends_.push_back(size_);
  }
}

void TraceEncoder::EncodeEvents() {
  Timeline timeline(store_);
  WriteSequenceStart(timeline.first_time());
  TrackTable tracks(store_);
  for (uint32_t track = 0; track < store_.tracks().size(); ++track) tracks.WriteDescriptor(track, trace_.get());
  EventWriter writer(store_, tracks, timeline.first_time(), trace_.get());
  timeline.Visit(writer);
  writer.Flush();
  counts_ = timeline.counts();
}

// Timestamps are differences to the packet before, from the time in the clock snapshot on.
void TraceEncoder::WriteSequenceStart(uint64_t first_time) {
  auto* defaults_packet = trace_->add_packet();
  defaults_packet->set_trusted_packet_sequence_id(kSequenceId);
  defaults_packet->set_sequence_flags(TracePacket::SEQ_INCREMENTAL_STATE_CLEARED);
  defaults_packet->set_first_packet_on_sequence(true);
  defaults_packet->set_trace_packet_defaults()->set_timestamp_clock_id(kIncrementalClock);

  auto* clock_packet = trace_->add_packet();
  clock_packet->set_trusted_packet_sequence_id(kSequenceId);
  auto* snapshot = clock_packet->set_clock_snapshot();
  auto* boottime = snapshot->add_clocks();
  boottime->set_clock_id(BUILTIN_CLOCK_BOOTTIME);
  boottime->set_timestamp(first_time);
  auto* incremental = snapshot->add_clocks();
  incremental->set_clock_id(kIncrementalClock);
  incremental->set_timestamp(first_time);
  incremental->set_is_incremental(true);
  snapshot->set_primary_trace_clock(BUILTIN_CLOCK_BOOTTIME);
}

size_t TraceEncoder::Read(size_t offset, uint8_t* target, size_t count) const {
  auto index = static_cast<size_t>(std::upper_bound(range_ends_.begin(), range_ends_.end(), offset) - range_ends_.begin());
  size_t copied = 0;
  while (copied < count && index < ranges_.size()) {
    const auto& range = ranges_[index];
    const size_t range_begin = range_ends_[index] - range.size();
    const size_t skip = offset + copied - range_begin;
    const size_t part = std::min(count - copied, range.size() - skip);
    std::memcpy(target + copied, range.begin + skip, part);
    copied += part;
    ++index;
  }
  return copied;
}

}  // namespace tracesmith
