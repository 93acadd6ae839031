#include "encoder/sequence_writer.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "encoder/argument_flattener.h"
#include "proto/newer_fields.h"

namespace tracesmith {
namespace {

using perfetto::protos::pbzero::BuiltinClock;
using perfetto::protos::pbzero::ClockSnapshot;

constexpr bool IsNumbered(MachineClock clock, BuiltinClock number) { return static_cast<int64_t>(clock) == number; }
static_assert(IsNumbered(MachineClock::kBoottime, perfetto::protos::pbzero::BUILTIN_CLOCK_BOOTTIME) &&
              IsNumbered(MachineClock::kMonotonic, perfetto::protos::pbzero::BUILTIN_CLOCK_MONOTONIC) &&
              IsNumbered(MachineClock::kRealtime, perfetto::protos::pbzero::BUILTIN_CLOCK_REALTIME));

// Clocks from 64 to 127 belong to a packet sequence. Traces that are joined have the same sequences, but they may differ
// in their clock: then this one differs, too.
constexpr uint32_t IncrementalClockOf(MachineClock clock) { return 64 + static_cast<uint32_t>(clock); }

uint64_t TimeOf(const ClockReading& reading) {
  return reading.clock == MachineClock::kMonotonic  ? reading.monotonic
         : reading.clock == MachineClock::kRealtime ? reading.realtime
                                                    : reading.boottime;
}

// Target of ArgumentFlattener: writes TracePacket.trace_attributes, for which the SDK is too old to have setters.
// Values there are texts and signed integers; any other one becomes text.
class TraceAttributes {
 public:
  explicit TraceAttributes(protozero::Message* attributes) : attributes_(attributes) {}

  void Int(std::string_view name, int64_t value) { Add(name)->AppendVarInt(newer_fields::kAttributeLongValue, value); }
  void Uint(std::string_view name, uint64_t value) {
    if (value >> 63 == 0) return Int(name, static_cast<int64_t>(value));
    Text(name, std::to_string(value));
  }
  void Double(std::string_view name, double value) {
    // The shorter text of two that reads back as the same double: 15 digits nearly always do, 17 always.
    char text[32];
    std::snprintf(text, sizeof(text), "%.15g", value);
    if (std::strtod(text, nullptr) != value) std::snprintf(text, sizeof(text), "%.17g", value);
    Text(name, text);
  }
  void Text(std::string_view name, std::string_view value) {
    Add(name)->AppendBytes(newer_fields::kAttributeStringValue, value.data(), value.size());
  }

 private:
  protozero::Message* Add(std::string_view name) {
    auto* attribute = attributes_->BeginNestedMessage<protozero::Message>(newer_fields::kTraceAttributesAttribute);
    attribute->AppendBytes(newer_fields::kAttributeKey, name.data(), name.size());
    return attribute;
  }

  protozero::Message* attributes_;
};

}  // namespace

SequenceWriter::SequenceWriter(const EventTable& table, PacketSink& sink, const EncoderOptions& options,
                               uint64_t first_uuid)
    : table_(table),
      clock_reading_(options.clock),
      anew_after_bytes_(options.anew_after_bytes),
      packets_(sink, options.framing, options.sequences),
      tracks_(table, first_uuid, options.derives_ids),
      default_uuid_(options.default_uuid),
      own_clock_(options.own_clock),
      event_writer_(table, tracks_, packets_, options.default_uuid) {
  WriteStart(true);
}

void SequenceWriter::AddTracks() {
  if (tracks_.size() == table_.tracks().size()) return;
  tracks_.AddNew(packets_);
  event_writer_.AddTracks();
}

void SequenceWriter::WriteMetadata(const std::vector<AttrRange>& rows) {
  for (const AttrRange& row : rows) {
    auto* attributes =
        packets_.AddPacket()->BeginNestedMessage<protozero::Message>(newer_fields::kTracePacketTraceAttributes);
    TraceAttributes target(attributes);
    ArgumentFlattener<TraceAttributes> flattener(table_, target);
    for (uint32_t i = row.begin; i < row.end; ++i) flattener.Add(table_.attrs()[i]);
  }
}

// Later packets give no clock for their timestamps, and those of one track no track: these are their defaults.
void SequenceWriter::WriteStart(bool is_first) {
  TracePacket* packet = packets_.AddPacket();
  packet->set_sequence_flags(TracePacket::SEQ_INCREMENTAL_STATE_CLEARED);
  packet->set_first_packet_on_sequence(is_first);
  auto* defaults = packet->set_trace_packet_defaults();
  defaults->set_timestamp_clock_id(IncrementalClockOf(clock_reading_.clock));
  if (default_uuid_ != 0) defaults->set_track_event_defaults()->set_track_uuid(default_uuid_);
}

// Readers refuse a snapshot whose clocks go back. So the relation of the machine's clocks comes before the start of the
// trace if it was read before the first event, else behind it.
void SequenceWriter::WriteClocks(uint64_t first_time) {
  const uint64_t read_at = TimeOf(clock_reading_);
  const bool is_known = (clock_reading_.boottime | clock_reading_.monotonic | clock_reading_.realtime) != 0;
  if (is_known && read_at <= first_time) WriteClockRelation();
  WriteClockAnchor(first_time);
  if (is_known && read_at > first_time) WriteClockRelation();
  event_writer_.StartClock(first_time, static_cast<uint32_t>(clock_reading_.clock));
  has_clocks_ = true;
}

// From the time in this snapshot on, timestamps are differences to the packet before. trace_processor refuses a snapshot
// that goes back behind one of the same clocks, as it may where traces are joined: a clock that no other trace has makes
// them other clocks.
void SequenceWriter::WriteClockAnchor(uint64_t time) {
  auto* snapshot = packets_.AddPacket()->set_clock_snapshot();
  auto* machine = snapshot->add_clocks();
  machine->set_clock_id(static_cast<uint32_t>(clock_reading_.clock));
  machine->set_timestamp(time);
  auto* incremental = snapshot->add_clocks();
  incremental->set_clock_id(IncrementalClockOf(clock_reading_.clock));
  incremental->set_timestamp(time);
  incremental->set_is_incremental(true);
  AddOwnClock(time, snapshot);
  snapshot->set_primary_trace_clock(static_cast<BuiltinClock>(clock_reading_.clock));
}

void SequenceWriter::AddOwnClock(uint64_t time, ClockSnapshot* snapshot) {
  if (own_clock_ == 0) return;
  auto* clock = snapshot->add_clocks();
  clock->set_clock_id(own_clock_);
  clock->set_timestamp(time);
}

void SequenceWriter::WriteClockRelation() {
  auto* snapshot = packets_.AddPacket()->set_clock_snapshot();
  const auto add = [&](MachineClock id, uint64_t time) {
    auto* clock = snapshot->add_clocks();
    clock->set_clock_id(static_cast<uint32_t>(id));
    clock->set_timestamp(time);
  };
  add(MachineClock::kBoottime, clock_reading_.boottime);
  add(MachineClock::kMonotonic, clock_reading_.monotonic);
  add(MachineClock::kRealtime, clock_reading_.realtime);
  AddOwnClock(TimeOf(clock_reading_), snapshot);
  snapshot->set_primary_trace_clock(static_cast<BuiltinClock>(clock_reading_.clock));
}

bool SequenceWriter::IsAnewDue() const {
  return event_writer_.HasInternedMuch() ||
         (anew_after_bytes_ != 0 && packets_.bytes() - began_at_ >= anew_after_bytes_);
}

void SequenceWriter::BeginAnew() {
  began_at_ = packets_.bytes();
  event_writer_.ForgetInterned();
  WriteStart(false);
  if (has_clocks_) WriteClockAnchor(event_writer_.incremental_time());
}

}  // namespace tracesmith
