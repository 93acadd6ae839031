#include "trim/rewriter.h"

#include <algorithm>
#include <string_view>

#include "base/bits.h"
#include "trim/fields.h"
#include "trim/ftrace.h"
#include "trim/samples.h"

namespace tracesmith::trim {
namespace {

// perfetto.protos.TrackEvent.
constexpr uint32_t kDelta = 1;
constexpr uint32_t kThreadDelta = 2;
constexpr uint32_t kDebugAnnotation = 4;
constexpr uint32_t kLegacyEvent = 6;
constexpr uint32_t kInstructionDelta = 8;
constexpr uint32_t kExtraCounters = 12;
constexpr uint32_t kAbsolute = 16;
constexpr uint32_t kExtraDoubleCounters = 46;

// perfetto.protos.DebugAnnotation.
constexpr uint32_t kArgNameIid = 1;
constexpr uint32_t kArgText = 6;
constexpr uint32_t kArgName = 10;

bool IsCounterField(uint32_t field) { return field == 12 || field == 30 || field == 44 || field == 46; }
bool IsFlowField(uint32_t field) { return field == 36 || field == 42 || field == 47 || field == 48; }
bool IsFixed(uint32_t field) { return field == 44 || field == 46 || field == 47 || field == 48; }

// Calls visit() for each value of the current field.
template <typename Visit>
void ForEachValue(FieldReader& fields, Visit visit) {
  if (IsFixed(fields.field())) {
    fields.Words([&](uint64_t) { visit(); });
  } else {
    fields.Integers([&](uint64_t) { visit(); });
  }
}

// The argument that says where a slice was cut.
std::string_view TrimmedText(uint8_t decision) {
  const bool has_begin = (decision & Plan::kCutBegin) != 0;
  return has_begin && (decision & Plan::kCutEnd) != 0 ? "begin and end" : has_begin ? "begin" : "end";
}

void WriteWithDuration(FieldReader legacy, int64_t duration, MessageWriter* written) {
  written->Integer(3, static_cast<uint64_t>((duration + 500) / 1000));
  while (legacy.Next()) {
    if (legacy.field() != 3) written->Raw(legacy.raw());
  }
}

}  // namespace

Rewriter::Rewriter(const Options& options, const Windows* windows, const Decisions& plan, Tracks& tracks, const Texts& texts,
                   Walker& walker, std::vector<uint8_t>* output)
    : options_(options),
      windows_(windows),
      plan_(plan),
      texts_(texts),
      walker_(walker),
      output_(output),
      relative_(tracks) {}

RewriteCounts Rewriter::counts() const {
  RewriteCounts counts = counts_;
  counts.flows_cut = flows_.cut();
  return counts;
}

void Rewriter::Add(const WalkedPacket& packet) {
  if (packet.is_skipped) return WriteState(packet);
  relative_.Begin(packet, damage());
  switch (packet.facts->content_field) {
    case packet_field::kTrackEvent:
      return AddEvent(packet);
    case packet_field::kGpuRenderStageEvent:
      return AddStage(packet);
    case packet_field::kFtraceEvents:
      return AddBundle(packet);
    case packet_field::kStreamingProfilePacket:
      return AddSamples(packet);
  }
  const bool is_description = IsDescription(packet.facts->content_field);
  if (is_description || !packet.has_time || windows_ == nullptr || windows_->Has(packet.time)) {
    Keep(packet);
  } else {
    ++counts_.dropped_packets;
    Drop(packet);
  }
}

bool Rewriter::NeedsEvent() const {
  const uint8_t decision = plan_.Decision(events_);
  const bool is_whole = decision == Plan::kDrop || (decision == Plan::kKeep && options_.args == ArgsKept::kAll);
  return !is_whole || !plan_.IsPlain(events_);
}

void Rewriter::AddEvent(const WalkedPacket& packet) {
  const uint64_t index = events_++;
  const uint8_t decision = plan_.Decision(index);
  if (packet.event == nullptr) return decision == Plan::kDrop ? Drop(packet) : Keep(packet);
  const Range flows = packet.event->flows;
  const bool has_ids = !flows.empty() && flows_.Step(packet.block->flows.data() + flows.begin, flows.end - flows.begin,
                                                     decision != Plan::kDrop, &ids_);
  if (decision == Plan::kDrop) {
    relative_.DropValues(packet, damage());
    return Drop(packet);
  }
  Rebased rebased;
  const Cut cut = CutOf(packet, index, decision);
  relative_.KeepValues(packet, cut.is_set && cut.time != packet.time, &rebased, damage());
  if (cut.is_set) {
    relative_.DropTimes(packet);
    rebased.timestamp = static_cast<uint64_t>(cut.time);
    rebased.has_timestamp = true;
  } else {
    relative_.KeepTimes(packet, &rebased);
  }
  // The beginning of a slice says for both of its ends what was cut.
  const bool is_marked = packet.event->kind != EventKind::kEnd && decision != Plan::kKeep;
  const bool is_same = rebased.is_empty() && !has_ids && !is_marked && !cut.is_set;
  if (is_same && options_.args == ArgsKept::kAll) return Emit(packet.facts->bytes);
  content_.Clear();
  RewriteEvent(packet, rebased, has_ids, is_marked ? decision : static_cast<uint8_t>(Plan::kKeep), cut);
  Write(packet, rebased, cut.is_set, &content_);
}

Rewriter::Cut Rewriter::CutOf(const WalkedPacket& packet, uint64_t index, uint8_t decision) const {
  if (windows_ == nullptr || !packet.has_time || decision == Plan::kKeep) return {};
  const EventKind kind = packet.event->kind;
  const bool is_end_cut = (decision & Plan::kCutEnd) != 0;
  const bool is_begin_cut = (decision & Plan::kCutBegin) != 0 && kind != EventKind::kEnd;
  const int64_t from = is_begin_cut ? plan_.BeginEdge(index, packet.time) : packet.time;
  if (kind == EventKind::kComplete) {
    const int64_t end = tracesmith::trim::Add(packet.time, packet.duration);
    return {true, true, from, Subtract(is_end_cut ? plan_.EndEdge(index, end) : end, from)};
  }
  if (kind == EventKind::kBegin && from != packet.time) return {true, false, from, 0};
  if (kind == EventKind::kEnd && is_end_cut) return {true, false, plan_.EndEdge(index, packet.time), 0};
  return {};
}

void Rewriter::RewriteEvent(const WalkedPacket& packet, const Rebased& rebased, bool has_ids, uint8_t decision,
                            const Cut& cut) {
  size_t next_id = 0;
  std::vector<std::pair<uint32_t, CounterValue>> counters = rebased.counters;
  FieldReader fields(packet.facts->content, damage());
  while (fields.Next()) {
    const uint32_t field = fields.field();
    if ((field == kDelta || field == kAbsolute) && cut.is_set) continue;
    if ((field == kExtraCounters || field == kExtraDoubleCounters) && cut.is_set && cut.time != packet.time) continue;
    if (field == kDelta && rebased.has_microseconds) {
      content_.Integer(kDelta, static_cast<uint64_t>(rebased.microseconds));
    } else if (field == kThreadDelta && rebased.has_thread_microseconds) {
      content_.Integer(kThreadDelta, static_cast<uint64_t>(rebased.thread_microseconds));
    } else if (field == kInstructionDelta && rebased.has_instructions) {
      content_.Integer(kInstructionDelta, static_cast<uint64_t>(rebased.instructions));
    } else if (field == kDebugAnnotation && options_.args != ArgsKept::kAll && !KeepsArg(fields.Message(), packet)) {
      continue;
    } else if (field == kLegacyEvent && cut.has_duration) {
      MessageWriter legacy;
      WriteWithDuration(fields.Message(), cut.duration, &legacy);
      content_.Data(kLegacyEvent, legacy.span());
    } else if (IsCounterField(field) && rebased.has_counters) {
      ForEachValue(fields, [&] {
        const auto next = std::find_if(counters.begin(), counters.end(), [&](const auto& c) { return c.first == field; });
        if (next == counters.end()) return;
        const CounterValue& value = next->second;
        if (IsFixed(field)) {
          content_.Fixed64(field, BitsOf(value.AsReal()));
        } else {
          content_.Integer(field, static_cast<uint64_t>(value.AsInteger()));
        }
        counters.erase(next);
      });
    } else if (IsFlowField(field) && has_ids) {
      ForEachValue(fields, [&] {
        const uint64_t id = ids_[next_id++];
        if (IsFixed(field)) {
          content_.Fixed64(field, id);
        } else {
          content_.Integer(field, id);
        }
      });
    } else {
      content_.Raw(fields.raw());
    }
  }
  if (decision == Plan::kKeep) return;
  MessageWriter trimmed;
  trimmed.Text(kArgName, "trimmed");
  trimmed.Text(kArgText, TrimmedText(decision));
  content_.Data(kDebugAnnotation, trimmed.span());
}

bool Rewriter::KeepsArg(FieldReader annotation, const WalkedPacket& packet) {
  if (options_.args == ArgsKept::kNone) return false;
  bool is_unique = false;
  bool is_arrow = false;
  while (annotation.Next()) {
    if (annotation.field() == kArgNameIid) {
      const uint32_t* const number = packet.sequence->ArgName(annotation.Integer());
      is_unique = number != nullptr && IsUniqueArg(*number);
      is_arrow = number != nullptr && texts_[*number] == options_.arrow_arg;
    } else if (annotation.field() == kArgName) {
      const std::string name(annotation.Data().text());
      is_unique = options_.unique_args.count(name) != 0;
      is_arrow = name == options_.arrow_arg;
    }
  }
  return !is_unique && !(is_arrow && !packet.event->flows.empty());
}

bool Rewriter::IsUniqueArg(uint32_t name) {
  if (name >= is_unique_.size()) is_unique_.resize(std::max<size_t>(name + 1, texts_.size()), -1);
  if (is_unique_[name] < 0) is_unique_[name] = options_.unique_args.count(texts_[name]) != 0;
  return is_unique_[name] != 0;
}

void Rewriter::AddStage(const WalkedPacket& packet) {
  const bool has_windows = windows_ != nullptr && packet.has_time;
  const int64_t end = tracesmith::trim::Add(packet.time, packet.duration);
  const bool is_inside = !has_windows || windows_->Touches(packet.time, end);
  if (!is_inside || packet.duration < options_.min_duration) {
    ++counts_.dropped_stages;
    return Drop(packet);
  }
  const int64_t from = has_windows ? windows_->CutBegin(packet.time) : packet.time;
  const int64_t to = has_windows ? windows_->CutEnd(end) : end;
  if (from == packet.time && to == end) return Keep(packet);
  relative_.DropTimes(packet);
  content_.Clear();
  content_.Integer(2, static_cast<uint64_t>(Subtract(to, from)));
  FieldReader fields(packet.facts->content, damage());
  while (fields.Next()) {
    if (fields.field() != 2) content_.Raw(fields.raw());
  }
  Rebased rebased;
  rebased.timestamp = static_cast<uint64_t>(from);
  rebased.has_timestamp = true;
  Write(packet, rebased, true, &content_);
}

void Rewriter::AddBundle(const WalkedPacket& packet) {
  if (windows_ == nullptr) return Keep(packet);
  content_.Clear();
  const uint64_t dropped = TrimBundle(packet, walker_, *windows_, &content_);
  counts_.dropped_kernel_events += dropped;
  if (dropped == 0) return Keep(packet);
  Rebased rebased;
  relative_.KeepTimes(packet, &rebased);
  Write(packet, rebased, false, &content_);
}

void Rewriter::AddSamples(const WalkedPacket& packet) {
  content_.Clear();
  const TrimmedSamples trimmed = TrimSamples(packet, walker_, windows_, relative_.TakeMicroseconds(), &content_);
  relative_.AddMicroseconds(trimmed.left);
  counts_.dropped_samples += trimmed.dropped;
  if (trimmed.kept == 0) return Drop(packet);
  Rebased rebased;
  relative_.KeepTimes(packet, &rebased);
  Write(packet, rebased, false, &content_);
}

void Rewriter::Keep(const WalkedPacket& packet) {
  Rebased rebased;
  relative_.KeepTimes(packet, &rebased);
  if (!rebased.has_timestamp) return Emit(packet.facts->bytes);
  Write(packet, rebased, false, nullptr);
}

void Rewriter::Drop(const WalkedPacket& packet) {
  relative_.DropTimes(packet);
  WriteState(packet);
}

// Leaves what later packets rely on, without an event or a time.
void Rewriter::WriteState(const WalkedPacket& packet) {
  const PacketFacts& facts = *packet.facts;
  const RareFacts& rare = *packet.rare;
  const bool is_needed = rare.is_cleared || rare.is_dropped_before || rare.has_interned || rare.is_first;
  if (facts.rare == 0 || (!is_needed && rare.defaults.begin == nullptr)) return;
  packet_.Clear();
  FieldReader fields(facts.bytes, damage());
  while (fields.Next()) {
    const uint32_t field = fields.field();
    if (field == facts.content_field || field == packet_field::kTimestamp || field == packet_field::kClockId) continue;
    packet_.Raw(fields.raw());
  }
  Emit(packet_.span());
}

// The packet with another time, and with another content unless that is null.
void Rewriter::Write(const WalkedPacket& packet, const Rebased& rebased, bool is_absolute, const MessageWriter* content) {
  packet_.Clear();
  if (rebased.has_timestamp) packet_.Integer(packet_field::kTimestamp, rebased.timestamp);
  if (is_absolute) packet_.Integer(packet_field::kClockId, walker_.clocks().trace_clock());
  FieldReader fields(packet.facts->bytes, damage());
  while (fields.Next()) {
    const uint32_t field = fields.field();
    if (field == packet_field::kTimestamp && rebased.has_timestamp) continue;
    if (field == packet_field::kClockId && is_absolute) continue;
    if (field == packet.facts->content_field && content != nullptr) {
      packet_.Data(field, content->span());
    } else {
      packet_.Raw(fields.raw());
    }
  }
  Emit(packet_.span());
}

void Rewriter::Emit(ByteSpan packet) {
  uint8_t head[11] = {0x0a};
  size_t size = 1;
  uint64_t length = packet.size();
  for (; length >= 0x80; length >>= 7) head[size++] = static_cast<uint8_t>(length | 0x80);
  head[size++] = static_cast<uint8_t>(length);
  output_->insert(output_->end(), head, head + size);
  output_->insert(output_->end(), packet.begin, packet.end);
}

}  // namespace tracesmith::trim
