#include "encoder/trace_encoder.h"

#include <perfetto.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "encoder/argument_flattener.h"
#include "proto/newer_fields.h"
#include "encoder/trace_encoder_parts.h"

namespace tracesmith {
namespace {

using perfetto::protos::pbzero::BuiltinClock;
using perfetto::protos::pbzero::TracePacket;

constexpr bool IsNumbered(MachineClock clock, BuiltinClock number) { return static_cast<int64_t>(clock) == number; }
static_assert(IsNumbered(MachineClock::kBoottime, perfetto::protos::pbzero::BUILTIN_CLOCK_BOOTTIME) &&
              IsNumbered(MachineClock::kMonotonic, perfetto::protos::pbzero::BUILTIN_CLOCK_MONOTONIC) &&
              IsNumbered(MachineClock::kRealtime, perfetto::protos::pbzero::BUILTIN_CLOCK_REALTIME));

// Clocks from 64 to 127 belong to a packet sequence.
constexpr uint32_t kIncrementalClock = 64;
constexpr size_t kMostReserved = size_t{1} << 18;  // events

// What is said about a trace: texts and signed integers; what is neither becomes text.
class TraceAttributes {
 public:
  explicit TraceAttributes(protozero::Message* attributes) : attributes_(attributes) {}

  void Int(std::string_view name, int64_t value) { Add(name)->AppendVarInt(newer_fields::kAttributeLongValue, value); }
  void Uint(std::string_view name, uint64_t value) {
    if (value >> 63 == 0) return Int(name, static_cast<int64_t>(value));
    Text(name, std::to_string(value));
  }
  void Double(std::string_view name, double value) {
    // As few digits as give the same double: 15 nearly always do, 17 always.
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

TraceEncoder::TraceEncoder(size_t window, const ClockReading& clock, size_t ahead_from)
    : is_stream_(window != 0), clock_(clock), goes_ahead_(window != 0 && window >= ahead_from) {
  // Those that wait, and as many that are written.
  if (is_stream_) store_.ReserveEvents(std::min(3 * window, kMostReserved));
  parts_ = std::make_unique<Parts>(store_, window);
  WriteSequenceStart();
  if (!is_stream_) return;
  parts_->Release();
  parts_->writer.OnBlock([this](const uint8_t* block, size_t size) { TakeBlock(block, size); });
}

TraceEncoder::~TraceEncoder() = default;

const TimelineCounts& TraceEncoder::counts() const { return parts_->timeline.counts(); }

void TraceEncoder::OnOutput(std::function<void()> on_output) { on_output_ = std::move(on_output); }

// That of a stream.
void TraceEncoder::TakeBlock(const uint8_t* block, size_t size) {
  if (!parts_->ahead.empty()) return parts_->MoveTrace(block, size, &parts_->ahead.back().packets);
  parts_->Release(block, size);
  if (on_output_) on_output_();
}

Status TraceEncoder::Append(const BatchView& batch, bool ends_soon) {
  Status status = store_.Append(batch);
  if (!status.ok()) return status;
  if (!is_stream_) {
    if (ComesSorted()) {
      // What has the time of the last event must wait for more of that time.
      size_t end = looked_at_;
      while (end > encoded_ && store_.events()[end - 1].time == store_.events()[looked_at_ - 1].time) --end;
      EncodeSorted(end);
    }
    return status;
  }
  AddTracks();
  WriteMetadata();
  if (goes_ahead_) {
    parts_->Release();  // nothing of that is taken back
    AppendAhead(ends_soon);
  }
  if (!goes_ahead_) {
    while (parts_->timeline.TakeUntilFull()) Release(Timeline::Until::kFullWindow);
  }
  return status;
}

void TraceEncoder::FlushWindow() {
  if (goes_ahead_) {
    EncodeAhead(Ahead::kAll);
    ReleaseAhead(true);
    if (!has_clocks_) return;
    Release(Timeline::Until::kReadable);
    parts_->last_released = parts_->mark();
  } else if (parts_->timeline.has_taken()) {
    Release(Timeline::Until::kReadable);
  }
}

void TraceEncoder::Release(Timeline::Until until) {
  if (!has_clocks_) WriteClocks(parts_->timeline.FirstTaken());
  const bool renumbered = parts_->timeline.VisitOldest(until, parts_->writer);
  parts_->writer.Flush();
  if (renumbered || parts_->writer.HasInternedMuch()) BeginSequenceAnew();
}

void TraceEncoder::Finish() {
  if (is_stream_) {
    if (goes_ahead_) {
      FinishAhead();
    } else if (parts_->timeline.has_taken()) {
      Release(Timeline::Until::kEmpty);
    }
    parts_->timeline.EndStream(parts_->writer);
  } else if (ComesSorted()) {
    EncodeSorted(looked_at_);
    WriteMetadata();
    if (!has_clocks_) WriteClocks(0);
    parts_->timeline.EndStream(parts_->writer);
  } else {
    if (encoded_ != 0) StartOver();
    parts_->timeline.OrderWhole();
    AddTracks();
    WriteMetadata();
    WriteClocks(parts_->timeline.first_time());
    parts_->timeline.VisitWhole(parts_->writer);
  }
  parts_->writer.Flush();
  if (target_ != nullptr) MoveToTarget(nullptr, 0);
  // The next encoder of this process can have the memory while this trace is still being read.
  store_ = EventStore();
}

// Whether the events of a whole trace are in their order as they came, and need nothing else of those that
// come later.
bool TraceEncoder::ComesSorted() {
  const PodVector<Event>& events = store_.events();
  comes_sorted_ = comes_sorted_ && !store_.has_pairs() && !store_.has_flows() && !store_.has_flow_points();
  for (; comes_sorted_ && looked_at_ < events.size(); ++looked_at_) {
    comes_sorted_ = looked_at_ == 0 || events[looked_at_].time >= events[looked_at_ - 1].time;
  }
  return comes_sorted_;
}

// Tracks come before the events on them, as all of them do where a trace is not sorted.
void TraceEncoder::EncodeSorted(size_t end) {
  AddTracks();
  if (end == encoded_) return;
  if (!has_clocks_) WriteClocks(store_.events()[0].time);
  parts_->timeline.VisitSorted(encoded_, end, parts_->writer);
  encoded_ = end;
}

// Forgets what was encoded of a whole trace; the store has all of it.
void TraceEncoder::StartOver() {
  has_clocks_ = false;
  parts_ = std::make_unique<Parts>(store_, 0);
  if (target_ != nullptr) WriteInto(target_, target_capacity_);
  WriteSequenceStart();
}

void TraceEncoder::AddTracks() {
  if (parts_->tracks.size() == store_.tracks().size()) return;
  parts_->tracks.AddNew(parts_->trace.get());
  parts_->writer.AddTracks();
}

void TraceEncoder::WriteMetadata() {
  for (const AttrRange& range : store_.TakeMetadata()) {
    auto* packet = parts_->trace->add_packet();
    packet->set_trusted_packet_sequence_id(kSequenceId);
    auto* attributes = packet->BeginNestedMessage<protozero::Message>(newer_fields::kTracePacketTraceAttributes);
    TraceAttributes target(attributes);
    ArgumentFlattener<TraceAttributes> flattener(store_, target);
    for (uint32_t i = range.begin; i < range.end; ++i) flattener.Add(store_.attrs()[i]);
  }
}

// Packets behind it say no clock for their timestamps, and mean this one.
void TraceEncoder::WriteSequenceStart() {
  auto* packet = parts_->trace->add_packet();
  packet->set_trusted_packet_sequence_id(kSequenceId);
  packet->set_sequence_flags(TracePacket::SEQ_INCREMENTAL_STATE_CLEARED);
  packet->set_first_packet_on_sequence(!has_clocks_);
  packet->set_trace_packet_defaults()->set_timestamp_clock_id(kIncrementalClock);
}

// Readers take no snapshot whose clocks go back. So the relation of the machine's clocks goes before the
// start of the trace where it was read before the first event, and behind it else.
void TraceEncoder::WriteClocks(uint64_t first_time) {
  const uint64_t read_at = clock_.clock == MachineClock::kMonotonic  ? clock_.monotonic
                           : clock_.clock == MachineClock::kRealtime ? clock_.realtime
                                                                    : clock_.boottime;
  const bool is_known = (clock_.boottime | clock_.monotonic | clock_.realtime) != 0;
  if (is_known && read_at <= first_time) WriteClockRelation();
  WriteClockAnchor(first_time);
  if (is_known && read_at > first_time) WriteClockRelation();
  parts_->writer.StartClock(first_time, static_cast<uint32_t>(clock_.clock));
  has_clocks_ = true;
}

// Timestamps are differences to the packet before, from the time in this snapshot on.
void TraceEncoder::WriteClockAnchor(uint64_t time) {
  auto* packet = parts_->trace->add_packet();
  packet->set_trusted_packet_sequence_id(kSequenceId);
  auto* snapshot = packet->set_clock_snapshot();
  auto* own = snapshot->add_clocks();
  own->set_clock_id(static_cast<uint32_t>(clock_.clock));
  own->set_timestamp(time);
  auto* incremental = snapshot->add_clocks();
  incremental->set_clock_id(kIncrementalClock);
  incremental->set_timestamp(time);
  incremental->set_is_incremental(true);
  snapshot->set_primary_trace_clock(static_cast<BuiltinClock>(clock_.clock));
}

void TraceEncoder::WriteClockRelation() {
  auto* packet = parts_->trace->add_packet();
  packet->set_trusted_packet_sequence_id(kSequenceId);
  auto* snapshot = packet->set_clock_snapshot();
  const auto add = [&](MachineClock id, uint64_t time) {
    auto* clock = snapshot->add_clocks();
    clock->set_clock_id(static_cast<uint32_t>(id));
    clock->set_timestamp(time);
  };
  add(MachineClock::kBoottime, clock_.boottime);
  add(MachineClock::kMonotonic, clock_.monotonic);
  add(MachineClock::kRealtime, clock_.realtime);
  snapshot->set_primary_trace_clock(static_cast<BuiltinClock>(clock_.clock));
}

// What was interned grows with every new string, here and in readers, so a long stream starts over.
void TraceEncoder::BeginSequenceAnew() {
  parts_->writer.ForgetInterned();
  WriteSequenceStart();
  WriteClockAnchor(parts_->writer.clock());
}

void TraceEncoder::WriteInto(uint8_t* target, size_t capacity) {
  target_ = target;
  target_capacity_ = capacity;
  target_used_ = 0;
  parts_->writer.OnBlock([this](const uint8_t* block, size_t size) { MoveToTarget(block, size); });
}

// Moves the trace and a block behind it. What does not fit stays in the trace, and so does all that comes behind.
void TraceEncoder::MoveToTarget(const uint8_t* block, size_t size) {
  if (target_capacity_ - target_used_ < parts_->TraceSize() + size) {
    target_capacity_ = target_used_;
    if (size != 0) parts_->trace->AppendRawProtoBytes(block, size);
    return;
  }
  const auto move = [this](const uint8_t* bytes, size_t count) {
    std::memcpy(target_ + target_used_, bytes, count);
    target_used_ += count;
  };
  for (const auto& range : parts_->trace.GetRanges()) move(range.begin, range.size());
  parts_->trace.Reset();
  parts_->is_indexed = false;
  if (size != 0) move(block, size);
}

std::vector<std::vector<uint8_t>> TraceEncoder::TakeOutput() {
  if (!goes_ahead_) parts_->Release();
  return std::exchange(parts_->released, {});
}

void TraceEncoder::IndexOutput() {
  if (parts_->is_indexed) return;
  parts_->ranges = parts_->trace.GetRanges();
  parts_->range_ends.clear();
  size_t size = 0;
  for (const auto& range : parts_->ranges) parts_->range_ends.push_back(size += range.size());
  parts_->is_indexed = true;
}

size_t TraceEncoder::size() {
  IndexOutput();
  return target_used_ + (parts_->range_ends.empty() ? 0 : parts_->range_ends.back());
}

size_t TraceEncoder::Read(size_t offset, uint8_t* target, size_t count) {
  if (offset < target_used_) {
    const size_t part = std::min(count, target_used_ - offset);
    std::memcpy(target, target_ + offset, part);
    return part == count ? part : part + Read(target_used_, target + part, count - part);
  }
  offset -= target_used_;
  IndexOutput();
  const auto& ranges = parts_->ranges;
  const auto& ends = parts_->range_ends;
  auto index = static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), offset) - ends.begin());
  size_t copied = 0;
  while (copied < count && index < ranges.size()) {
    const auto& range = ranges[index];
    const size_t range_begin = ends[index] - range.size();
    const size_t skip = offset + copied - range_begin;
    const size_t part = std::min(count - copied, range.size() - skip);
    std::memcpy(target + copied, range.begin + skip, part);
    copied += part;
    ++index;
  }
  return copied;
}

}  // namespace tracesmith
