#include "encoder/event_writer.h"

#include "base/bits.h"
#include "base/limits.h"
#include "proto/newer_fields.h"

namespace tracesmith {
namespace {

using perfetto::protos::pbzero::DebugAnnotation;
using perfetto::protos::pbzero::Trace;
using perfetto::protos::pbzero::TrackEvent;
using protozero::proto_utils::MakeTagLengthDelimited;
using protozero::proto_utils::MakeTagVarInt;

// Everything in a packet but its arguments and arrows, with room to spare.
constexpr size_t kMaxPacketOverhead = 96;
// An argument without its string: nested tags, lengths, name and a 10-byte integer.
constexpr size_t kMaxArgument = 48;
// A launch configuration (of a GPU kernel) is one attribute and up to four arguments.
constexpr size_t kMaxLaunch = sizeof(InternedData::LaunchBytes::bytes);
constexpr size_t kMaxAttr = kMaxLaunch > kMaxArgument ? kMaxLaunch : kMaxArgument;
constexpr size_t kMaxArrow = 10;
// A packet must stay below 256 MiB: beyond this, its strings are interned, which puts them into other packets.
constexpr size_t kHugePacket = size_t{64} << 20;

// The iid of a name takes one byte up to this.
constexpr uint32_t kMaxShortIid = 127;
static_assert(TrackEvent::kDebugAnnotationsFieldNumber < 16 && DebugAnnotation::kNameIidFieldNumber < 16);

// Writes an integer argument of a track event. The iid of its name and the tags take one byte each.
uint8_t* PutShortArgument(uint8_t* at, uint32_t name, uint32_t value_field, uint64_t value) {
  at[0] = static_cast<uint8_t>(MakeTagLengthDelimited(TrackEvent::kDebugAnnotationsFieldNumber));
  at[2] = static_cast<uint8_t>(MakeTagVarInt(DebugAnnotation::kNameIidFieldNumber));
  at[3] = static_cast<uint8_t>(name);
  at[4] = static_cast<uint8_t>(MakeTagVarInt(value_field));
  uint8_t* end = wire::WriteVarInt(value, at + 5);
  at[1] = static_cast<uint8_t>(end - at - 2);
  return end;
}
static_assert(DebugAnnotation::kIntValueFieldNumber < 16 && DebugAnnotation::kPointerValueFieldNumber < 16);

// Whether a double is written as int64: the same value in fewer bytes.
bool IsExactInteger(double value) {
  return value >= -kMaxSafeInteger && value <= kMaxSafeInteger &&
         value == static_cast<double>(static_cast<int64_t>(value));
}

}  // namespace

EventWriter::EventWriter(const EventTable& table, TrackTable& tracks, PacketWriter& packets, uint64_t default_uuid)
    : table_(table),
      tracks_(tracks),
      packets_(packets),
      default_uuid_(default_uuid),
      interned_(table),
      gpu_stages_(table, tracks, interned_, packets) {
  static_assert(kMaxPacketOverhead <= PacketWriter::kBlockSize);
}

void EventWriter::AddTracks() {
  extra_lanes_.resize(tracks_.size());
  while (main_lanes_.size() < tracks_.size()) {
    const uint64_t uuid = tracks_.UuidOf(static_cast<uint32_t>(main_lanes_.size()));
    main_lanes_.push_back(LanePrefixOf(uuid == default_uuid_ ? 0 : uuid, packets_.sequences().events));
  }
}

const LanePrefix& EventWriter::ExtraLane(uint32_t track, uint32_t lane) {
  std::vector<LanePrefix>& lanes = extra_lanes_[track];
  while (lanes.size() < lane) {
    const uint64_t uuid = tracks_.NewUuid();
    new_lanes_.push_back({track, uuid});
    lanes.push_back(LanePrefixOf(uuid, packets_.sequences().events));
  }
  return lanes[lane - 1];
}

uint8_t* EventWriter::PutPacketStart(uint64_t time, const LanePrefix& lane, size_t further_bytes) {
  uint8_t* at = packets_.block().Reserve(kMaxPacketOverhead + further_bytes);
  if (time >= incremental_time_ && !keeps_clock_) {
    at = PutPacketStep(at, StepTo(time));
  } else {
    // The incremental clock cannot go back, so a late packet tells its time in full.
    at = wire::BeginNested(at, Trace::kPacketFieldNumber);
    at = wire::PutVarInt(at, TracePacket::kTimestampFieldNumber, time);
    at = wire::PutVarInt(at, TracePacket::kTimestampClockIdFieldNumber, trace_clock_id_);
  }
  std::memcpy(at, lane.bytes, sizeof(lane.bytes));
  return at;
}

EventWriter::Packet EventWriter::StartPacket(uint64_t time, TrackEvent::Type type, const LanePrefix& lane,
                                             size_t further_bytes) {
  const size_t packet_content = packets_.block().size() + kTagAndLength;
  uint8_t* prefix = PutPacketStart(time, lane, further_bytes);
  prefix[lane.type_at()] = static_cast<uint8_t>(type);
  return {prefix + lane.size, packet_content, packets_.block().OffsetOf(prefix) + lane.content};
}

void EventWriter::FinishPacket(Packet packet) {
  packet.at = wire::EndNested(packets_.block().At(packet.track_event_content), packet.at);
  packet.at = wire::EndNested(packets_.block().At(packet.packet_content), packet.at);
  Commit(packet.at);
}

void EventWriter::Begin(const Event& event, uint32_t lane, Arrows::Span arrows) {
  const LanePrefix& prefix = Lane(event.track, lane);
  if (HasNameAlone(event, arrows)) {
    WriteNamed(event, TrackEvent::TYPE_SLICE_BEGIN, prefix);
  } else {
    WriteEvent(event, TrackEvent::TYPE_SLICE_BEGIN, prefix, arrows);
  }
  // Some tracks have their slices as GPU stage events as well.
  const bool has_end = event.length < kNeverEnds;
  if (table_.has_gpu_stages() && has_end && table_.tracks()[event.track].gpu_events == GpuEvents::kBoth) {
    gpu_stages_.Write(event, trace_clock_id_);
  }
}

void EventWriter::WriteEnd(const LanePrefix& lane, uint64_t time, AttrRange attrs) {
  Packet packet = StartPacket(time, TrackEvent::TYPE_SLICE_END, lane, kMaxAttr * (attrs.end - attrs.begin));
  packet.at = WriteAttrs(packet.at, attrs);
  FinishPacket(packet);
}

// Most Ends bring no arguments.
void EventWriter::EndWith(uint32_t track, uint32_t lane, uint64_t time, AttrRange attrs) {
  if (attrs.begin == attrs.end) return End(track, lane, time);
  WriteEnd(Lane(track, lane), time, attrs);
}

void EventWriter::EndAhead(uint32_t track, uint32_t lane, uint64_t time) {
  keeps_clock_ = true;
  WriteEnd(Lane(track, lane), time, {0, 0});
  keeps_clock_ = false;
}

void EventWriter::Instant(const Event& event, Arrows::Span arrows) {
  WriteEvent(event, TrackEvent::TYPE_INSTANT, Lane(event.track, 0), arrows);
}

void EventWriter::Counter(const Event& event) {
  Packet packet = StartPacket(event.time, TrackEvent::TYPE_COUNTER, Lane(event.track, 0), 0);
  const double value = AsDouble(event.counter_value);
  if (event.counter_is_integer) {
    packet.at = wire::PutVarInt(packet.at, TrackEvent::kCounterValueFieldNumber, event.counter_value);
  } else if (IsExactInteger(value)) {
    const auto integer = static_cast<uint64_t>(static_cast<int64_t>(value));
    packet.at = wire::PutVarInt(packet.at, TrackEvent::kCounterValueFieldNumber, integer);
  } else {
    packet.at = wire::PutFixed(packet.at, TrackEvent::kDoubleCounterValueFieldNumber, value);
  }
  FinishPacket(packet);
}

void EventWriter::WriteEvent(const Event& event, TrackEvent::Type type, const LanePrefix& lane, Arrows::Span arrows) {
  const size_t arrow_bytes = kMaxArrow * static_cast<size_t>(arrows.last - arrows.first);
  const size_t attr_bytes = kMaxAttr * (event.attr_end - event.attr_begin);
  Packet packet = StartPacket(event.time, type, lane, attr_bytes + arrow_bytes);
  uint8_t* at = packet.at;
  // Arrows come before the arguments, into the room that was made for them; long texts make room for themselves.
  for (const ArrowEnd* end = arrows.first; end != arrows.last; ++end) {
    const uint32_t field = end->arrives ? TrackEvent::kTerminatingFlowIdsFieldNumber : TrackEvent::kFlowIdsFieldNumber;
    at = wire::PutFixed(at, field, end->arrow);
  }
  if (event.name != 0) {
    const InternedData::NameBytes& name = interned_.NameAndCategory(event.name, event.category);
    std::memcpy(at, name.bytes, sizeof(name.bytes));
    at += name.size;
  } else if (event.category != 0) {
    at = wire::PutVarInt(at, TrackEvent::kCategoryIidsFieldNumber, interned_.CategoryIid(event.category));
  }
  packet.at = event.attr_begin == event.attr_end ? at : WriteAttrs(at, {event.attr_begin, event.attr_end});
  FinishPacket(packet);
}

uint8_t* EventWriter::WriteAttrs(uint8_t* at, AttrRange attrs) {
  for (uint32_t i = attrs.begin; i < attrs.end; ++i) {
    const Attr& attr = table_.attrs()[i];
    switch (attr.type) {
      case AttrType::kLaunch: {
        const InternedData::LaunchBytes& encoded = interned_.LaunchArguments(static_cast<uint32_t>(attr.value));
        std::memcpy(at, encoded.bytes, sizeof(encoded.bytes));  // all of them: a constant size needs no call
        at += encoded.size;
        break;
      }
      case AttrType::kCallStack:
        at = wire::PutVarInt(at, newer_fields::kTrackEventCallstackIid,
                             interned_.CallStackIid(static_cast<uint32_t>(attr.value)));
        break;
      case AttrType::kFlowOut:
      case AttrType::kFlowIn:
        break;  // the timeline has made arrows of them
      case AttrType::kFlow:
        at = wire::PutFixed(at, TrackEvent::kFlowIdsFieldNumber, attr.value);
        break;
      case AttrType::kTerminatingFlow:
        at = wire::PutFixed(at, TrackEvent::kTerminatingFlowIdsFieldNumber, attr.value);
        break;
      case AttrType::kEnd:
        at = wire::EndNested(packets_.block().At(nesting_.back().begin), at);
        nesting_.pop_back();
        break;
      case AttrType::kInt:
      case AttrType::kPointer:
        if (nesting_.empty() && attr.key != 0) {
          const uint32_t name = interned_.AnnotationNameIid(attr.key);
          if (name <= kMaxShortIid) {
            const bool is_int = attr.type == AttrType::kInt;
            const uint32_t field =
                is_int ? DebugAnnotation::kIntValueFieldNumber : DebugAnnotation::kPointerValueFieldNumber;
            at = PutShortArgument(at, name, field, attr.value);
            break;
          }
        }
        at = WriteArgument(at, attr, kMaxAttr * (attrs.end - i));
        break;
      case AttrType::kCorrelation:
        // As int_value where it fits, like all unsigned integers.
        if (nesting_.empty() && attr.value >> 63 == 0 && interned_.CorrelationNameIid() <= kMaxShortIid) {
          at = PutShortArgument(at, interned_.CorrelationNameIid(), DebugAnnotation::kIntValueFieldNumber, attr.value);
          break;
        }
        [[fallthrough]];
      default:
        at = WriteArgument(at, attr, kMaxAttr * (attrs.end - i));
    }
  }
  return at;
}

uint8_t* EventWriter::WriteArgument(uint8_t* at, const Attr& attr, size_t further_bytes) {
  const bool in_array = !nesting_.empty() && nesting_.back().is_array;
  uint32_t name = 0;
  if (attr.type == AttrType::kCorrelation) {
    name = interned_.CorrelationNameIid();
  } else if (!in_array && attr.key != 0) {
    name = interned_.AnnotationNameIid(attr.key);
  }
  uint8_t* content;
  if (nesting_.empty() && name - 1 < kMaxShortIid) {  // from 1 to kMaxShortIid
    at[0] = static_cast<uint8_t>(MakeTagLengthDelimited(TrackEvent::kDebugAnnotationsFieldNumber));
    at[2] = static_cast<uint8_t>(MakeTagVarInt(DebugAnnotation::kNameIidFieldNumber));
    at[3] = static_cast<uint8_t>(name);
    content = at + 2;
    at += 4;
  } else {
    uint32_t field = TrackEvent::kDebugAnnotationsFieldNumber;
    if (!nesting_.empty()) {
      field = in_array ? DebugAnnotation::kArrayValuesFieldNumber : DebugAnnotation::kDictEntriesFieldNumber;
    }
    at = content = wire::BeginNested(at, field);
    if (name != 0) at = wire::PutVarInt(at, DebugAnnotation::kNameIidFieldNumber, name);
  }
  const size_t annotation = packets_.block().OffsetOf(content);
  switch (attr.type) {
    case AttrType::kText:
      at = WriteText(at, static_cast<uint32_t>(attr.value), further_bytes);
      break;
    case AttrType::kJson:
      at = WriteString(at, DebugAnnotation::kLegacyJsonValueFieldNumber,
                       table_.strings()[static_cast<uint32_t>(attr.value)], further_bytes);
      break;
    case AttrType::kCorrelation:
    case AttrType::kUint:
      at = wire::PutVarInt(
          at, attr.value >> 63 ? DebugAnnotation::kUintValueFieldNumber : DebugAnnotation::kIntValueFieldNumber,
          attr.value);
      break;
    case AttrType::kInt:
      at = wire::PutVarInt(at, DebugAnnotation::kIntValueFieldNumber, attr.value);
      break;
    case AttrType::kDouble:
      at = wire::PutFixed(at, DebugAnnotation::kDoubleValueFieldNumber, attr.value);
      break;
    case AttrType::kBool:
      at = wire::PutVarInt(at, DebugAnnotation::kBoolValueFieldNumber, attr.value);
      break;
    case AttrType::kPointer:
      at = wire::PutVarInt(at, DebugAnnotation::kPointerValueFieldNumber, attr.value);
      break;
    case AttrType::kDict:
    case AttrType::kArray:
      nesting_.push_back({annotation, attr.type == AttrType::kArray});
      return at;  // its End finishes the annotation
    default:
      break;
  }
  return wire::EndNested(packets_.block().At(annotation), at);
}

uint8_t* EventWriter::WriteText(uint8_t* at, uint32_t string_id, size_t further_bytes) {
  const bool is_huge = packets_.block().OffsetOf(at) > kHugePacket;
  const uint32_t iid =
      is_huge ? interned_.AnnotationValueIid(string_id) : interned_.AnnotationValueIidAfterFirstUse(string_id);
  if (iid != 0) return wire::PutVarInt(at, DebugAnnotation::kStringValueIidFieldNumber, iid);
  return WriteString(at, DebugAnnotation::kStringValueFieldNumber, table_.strings()[string_id], further_bytes);
}

uint8_t* EventWriter::WriteString(uint8_t* at, uint32_t field, std::string_view text, size_t further_bytes) {
  at = packets_.block().ReserveAt(at, text.size() + wire::kMaxLengthPrefix + kMaxPacketOverhead + further_bytes);
  at = wire::PutLengthPrefix(at, field, text.size());
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

void EventWriter::Flush() {
  for (const NewLane& lane : new_lanes_) tracks_.WriteLaneDescriptor(lane.track, lane.uuid, packets_);
  new_lanes_.clear();
  interned_.WritePending(packets_);
  packets_.Flush();
}

void EventWriter::ForgetInterned() {
  interned_.Forget();
  gpu_stages_.Forget();
}

}  // namespace tracesmith
