#include "trace_encoder.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "newer_fields.h"

namespace tracesmith {
namespace {

using perfetto::protos::pbzero::BUILTIN_CLOCK_BOOTTIME;
using perfetto::protos::pbzero::BUILTIN_CLOCK_MONOTONIC;
using perfetto::protos::pbzero::BUILTIN_CLOCK_REALTIME;
using perfetto::protos::pbzero::TracePacket;

// Clocks from 64 to 127 belong to a packet sequence.
constexpr uint32_t kIncrementalClock = 64;
constexpr size_t kSliceSize = 256 * 1024;

}  // namespace

TraceEncoder::TraceEncoder(size_t window, const ClockReading& clock)
    : is_stream_(window != 0),
      clock_(clock),
      trace_(kSliceSize, kSliceSize),
      timeline_(store_, window),
      tracks_(store_),
      writer_(store_, tracks_, trace_.get()) {
  WriteSequenceStart();
}

Status TraceEncoder::Append(const BatchView& batch) {
  Status status = store_.Append(batch);
  if (!status.ok() || !is_stream_) return status;
  AddTracks();
  WriteMetadata();
  while (timeline_.TakeUntilFull()) Release(false);
  return status;
}

void TraceEncoder::FlushWindow() {
  if (timeline_.has_taken()) Release(true);
}

void TraceEncoder::Release(bool all) {
  if (!has_clocks_) WriteClocks(timeline_.FirstTaken());
  const bool renumbered = timeline_.VisitOldest(all, writer_);
  writer_.Flush();
  if (renumbered || writer_.HasInternedMuch()) BeginSequenceAnew();
}

void TraceEncoder::Finish() {
  if (is_stream_) {
    FlushWindow();
    timeline_.EndStream(writer_);
  } else {
    timeline_.OrderWhole();
    AddTracks();
    WriteMetadata();
    WriteClocks(timeline_.first_time());
    timeline_.VisitWhole(writer_);
  }
  writer_.Flush();
  // The next encoder of this process can have the memory while this trace is still being read.
  store_ = EventStore();
}

void TraceEncoder::AddTracks() {
  if (tracks_.size() == store_.tracks().size()) return;
  tracks_.AddNew(trace_.get());
  writer_.AddTracks();
}

void TraceEncoder::WriteMetadata() {
  for (const AttrRange& range : store_.TakeMetadata()) {
    auto* packet = trace_->add_packet();
    packet->set_trusted_packet_sequence_id(kSequenceId);
    auto* attributes = packet->BeginNestedMessage<protozero::Message>(newer_fields::kTracePacketTraceAttributes);
    for (uint32_t i = range.begin; i < range.end; ++i) {
      const Attr& attr = store_.attrs()[i];
      if (attr.key == 0) continue;
      const std::string_view key = store_.strings()[attr.key];
      auto* attribute = attributes->BeginNestedMessage<protozero::Message>(newer_fields::kTraceAttributesAttribute);
      attribute->AppendBytes(newer_fields::kAttributeKey, key.data(), key.size());
      if (attr.type == AttrType::kText) {
        const std::string_view text = store_.strings()[static_cast<uint32_t>(attr.value)];
        attribute->AppendBytes(newer_fields::kAttributeStringValue, text.data(), text.size());
      } else {
        attribute->AppendVarInt(newer_fields::kAttributeLongValue, attr.value);
      }
    }
  }
}

// Packets behind it say no clock for their timestamps, and mean this one.
void TraceEncoder::WriteSequenceStart() {
  auto* packet = trace_->add_packet();
  packet->set_trusted_packet_sequence_id(kSequenceId);
  packet->set_sequence_flags(TracePacket::SEQ_INCREMENTAL_STATE_CLEARED);
  packet->set_first_packet_on_sequence(!has_clocks_);
  packet->set_trace_packet_defaults()->set_timestamp_clock_id(kIncrementalClock);
}

// Readers take no snapshot whose clocks go back. So the relation of the machine's clocks goes before the
// start of the trace where it was read before the first event, and behind it else.
void TraceEncoder::WriteClocks(uint64_t first_time) {
  const uint64_t read_at = clock_.clock == BUILTIN_CLOCK_MONOTONIC  ? clock_.monotonic
                           : clock_.clock == BUILTIN_CLOCK_REALTIME ? clock_.realtime
                                                                    : clock_.boottime;
  const bool is_known = (clock_.boottime | clock_.monotonic | clock_.realtime) != 0;
  if (is_known && read_at <= first_time) WriteClockRelation();
  WriteClockAnchor(first_time);
  if (is_known && read_at > first_time) WriteClockRelation();
  writer_.StartClock(first_time, clock_.clock);
  has_clocks_ = true;
}

// Timestamps are differences to the packet before, from the time in this snapshot on.
void TraceEncoder::WriteClockAnchor(uint64_t time) {
  auto* packet = trace_->add_packet();
  packet->set_trusted_packet_sequence_id(kSequenceId);
  auto* snapshot = packet->set_clock_snapshot();
  auto* own = snapshot->add_clocks();
  own->set_clock_id(clock_.clock);
  own->set_timestamp(time);
  auto* incremental = snapshot->add_clocks();
  incremental->set_clock_id(kIncrementalClock);
  incremental->set_timestamp(time);
  incremental->set_is_incremental(true);
  snapshot->set_primary_trace_clock(clock_.clock);
}

void TraceEncoder::WriteClockRelation() {
  auto* packet = trace_->add_packet();
  packet->set_trusted_packet_sequence_id(kSequenceId);
  auto* snapshot = packet->set_clock_snapshot();
  const auto add = [&](uint32_t id, uint64_t time) {
    auto* clock = snapshot->add_clocks();
    clock->set_clock_id(id);
    clock->set_timestamp(time);
  };
  add(BUILTIN_CLOCK_BOOTTIME, clock_.boottime);
  add(BUILTIN_CLOCK_MONOTONIC, clock_.monotonic);
  add(BUILTIN_CLOCK_REALTIME, clock_.realtime);
  snapshot->set_primary_trace_clock(clock_.clock);
}

// What was interned grows with every new string, here and in readers, so a long stream starts over.
void TraceEncoder::BeginSequenceAnew() {
  writer_.ForgetInterned();
  WriteSequenceStart();
  WriteClockAnchor(writer_.clock());
}

void TraceEncoder::IndexOutput() {
  if (is_indexed_) return;
  ranges_ = trace_.GetRanges();
  range_ends_.clear();
  size_t size = 0;
  for (const auto& range : ranges_) range_ends_.push_back(size += range.size());
  is_indexed_ = true;
}

size_t TraceEncoder::size() {
  IndexOutput();
  return range_ends_.empty() ? 0 : range_ends_.back();
}

size_t TraceEncoder::Read(size_t offset, uint8_t* target, size_t count) {
  IndexOutput();
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
