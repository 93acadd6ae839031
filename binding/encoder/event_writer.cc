#include "event_writer.h"

#include "newer_fields.h"

namespace tracesmith {
namespace {

using perfetto::protos::pbzero::DebugAnnotation;
using perfetto::protos::pbzero::TracePacket;
using perfetto::protos::pbzero::TrackEvent;
using protozero::proto_utils::MakeTagVarInt;

constexpr size_t kBlockSize = 64 * 1024;
// Everything in a packet but its arguments and arrows, with room to spare.
constexpr size_t kMaxPacketFrame = 96;
// An argument without its string: nested tags, lengths, name and a 10-byte integer.
constexpr size_t kMaxArgument = 48;
constexpr size_t kMaxArrow = 10;

// The same in every event packet; both tags take one byte.
constexpr uint8_t kSequenceFields[] = {
    static_cast<uint8_t>(MakeTagVarInt(TracePacket::kTrustedPacketSequenceIdFieldNumber)),
    static_cast<uint8_t>(kSequenceId),
    static_cast<uint8_t>(MakeTagVarInt(TracePacket::kSequenceFlagsFieldNumber)),
    static_cast<uint8_t>(TracePacket::SEQ_NEEDS_INCREMENTAL_STATE),
};
static_assert(TracePacket::kTrustedPacketSequenceIdFieldNumber < 16 && TracePacket::kSequenceFlagsFieldNumber < 16 &&
              kSequenceId < 128);

// Integral doubles that are written as int64: the same value in fewer bytes.
bool IsExactInteger(double value) {
  constexpr double kLimit = 9007199254740992.0;
  return value >= -kLimit && value <= kLimit && value == static_cast<double>(static_cast<int64_t>(value));
}

}  // namespace

EventWriter::EventWriter(const EventStore& store, TrackTable& tracks, uint64_t first_time, TraceMessage* trace)
    : store_(store),
      tracks_(tracks),
      trace_(trace),
      interned_(store),
      block_(kBlockSize * 2),
      extra_lanes_(store.tracks().size()),
      last_time_(first_time) {
  for (uint32_t track = 0; track < store.tracks().size(); ++track) main_lanes_.push_back(TagOf(tracks.UuidOf(track)));
}

EventWriter::LaneTag EventWriter::TagOf(uint64_t uuid) {
  LaneTag tag;
  uint8_t* end = protozero::proto_utils::WriteVarInt(MakeTagVarInt(TrackEvent::kTrackUuidFieldNumber), tag.bytes);
  end = protozero::proto_utils::WriteVarInt(uuid, end);
  tag.size = static_cast<uint8_t>(end - tag.bytes);
  return tag;
}

const EventWriter::LaneTag& EventWriter::Lane(uint32_t track, uint32_t lane) {
  if (lane == 0) return main_lanes_[track];
  std::vector<LaneTag>& lanes = extra_lanes_[track];
  while (lanes.size() < lane) {
    const uint64_t uuid = tracks_.NewUuid();
    new_lanes_.push_back({track, uuid});
    lanes.push_back(TagOf(uuid));
  }
  return lanes[lane - 1];
}

EventWriter::PacketPosition EventWriter::StartPacket(uint64_t time, TrackEvent::Type type, const LaneTag& lane) {
  block_.Reserve(kMaxPacketFrame);
  PacketPosition position;
  position.packet = block_.BeginNested(TraceMessage::kPacketFieldNumber);
  block_.VarInt(TracePacket::kTimestampFieldNumber, time - last_time_);
  last_time_ = time;
  block_.Raw(kSequenceFields, sizeof(kSequenceFields));
  position.track_event = block_.BeginNested(TracePacket::kTrackEventFieldNumber);
  block_.VarInt(TrackEvent::kTypeFieldNumber, static_cast<uint64_t>(type));
  block_.RawWithin<sizeof(lane.bytes)>(lane.bytes, lane.size);
  return position;
}

void EventWriter::FinishPacket(const PacketPosition& position) {
  block_.EndNested(position.track_event);
  block_.EndNested(position.packet);
  if (block_.size() >= kBlockSize) Flush();
}

void EventWriter::Begin(const Event& event, uint32_t lane, Arrows::Span arrows) {
  const PacketPosition position = StartPacket(event.time, TrackEvent::TYPE_SLICE_BEGIN, Lane(event.track, lane));
  WriteNameAndCategory(event);
  WriteAttrs(event);
  WriteArrows(arrows);
  FinishPacket(position);
}

void EventWriter::End(uint32_t track, uint32_t lane, uint64_t time) {
  FinishPacket(StartPacket(time, TrackEvent::TYPE_SLICE_END, Lane(track, lane)));
}

void EventWriter::Instant(const Event& event, Arrows::Span arrows) {
  const PacketPosition position = StartPacket(event.time, TrackEvent::TYPE_INSTANT, Lane(event.track, 0));
  WriteNameAndCategory(event);
  WriteAttrs(event);
  WriteArrows(arrows);
  FinishPacket(position);
}

void EventWriter::Counter(const Event& event) {
  const PacketPosition position = StartPacket(event.time, TrackEvent::TYPE_COUNTER, Lane(event.track, 0));
  if (event.counter_is_integer) {
    block_.VarInt(TrackEvent::kCounterValueFieldNumber, event.extent);
  } else {
    double value;
    std::memcpy(&value, &event.extent, sizeof(value));
    if (IsExactInteger(value)) {
      block_.VarInt(TrackEvent::kCounterValueFieldNumber, static_cast<uint64_t>(static_cast<int64_t>(value)));
    } else {
      block_.Fixed(TrackEvent::kDoubleCounterValueFieldNumber, value);
    }
  }
  FinishPacket(position);
}

void EventWriter::WriteNameAndCategory(const Event& event) {
  if (event.name != 0) block_.VarInt(TrackEvent::kNameIidFieldNumber, interned_.EventName(event.name));
  if (event.category != 0) block_.VarInt(TrackEvent::kCategoryIidsFieldNumber, interned_.Category(event.category));
}

void EventWriter::WriteAttrs(const Event& event) {
  for (uint32_t i = event.attr_begin; i < event.attr_end; ++i) {
    const Attr& attr = store_.attrs()[i];
    block_.Reserve(kMaxArgument);
    switch (attr.type) {
      case AttrType::kLaunch: {
        const InternedData::LaunchBytes& encoded = interned_.LaunchArguments(static_cast<uint32_t>(attr.value));
        block_.Reserve(sizeof(encoded.bytes));
        block_.RawWithin<sizeof(encoded.bytes)>(encoded.bytes, encoded.size);
        break;
      }
      case AttrType::kCallStack:
        block_.VarInt(newer_fields::kTrackEventCallstackIid, interned_.CallStackIid(static_cast<uint32_t>(attr.value)));
        break;
      case AttrType::kFlowOut:
      case AttrType::kFlowIn:
        break;  // ConnectFlows has made arrows of them
      case AttrType::kEnd:
        block_.EndNested(nesting_.back());
        nesting_.pop_back();
        nesting_is_array_.pop_back();
        break;
      default:
        WriteArgument(attr, !nesting_.empty() && nesting_is_array_.back());
    }
  }
}

void EventWriter::WriteArgument(const Attr& attr, bool in_array) {
  uint32_t field = TrackEvent::kDebugAnnotationsFieldNumber;
  if (!nesting_.empty()) {
    field = in_array ? DebugAnnotation::kArrayValuesFieldNumber : DebugAnnotation::kDictEntriesFieldNumber;
  }
  const size_t annotation = block_.BeginNested(field);
  if (attr.type == AttrType::kCorrelation) {
    block_.VarInt(DebugAnnotation::kNameIidFieldNumber, interned_.CorrelationName());
  } else if (!in_array && attr.key != 0) {
    block_.VarInt(DebugAnnotation::kNameIidFieldNumber, interned_.AnnotationName(attr.key));
  }
  switch (attr.type) {
    case AttrType::kText: {
      const auto id = static_cast<uint32_t>(attr.value);
      const uint32_t iid = interned_.AnnotationValue(id);
      if (iid != 0) {
        block_.VarInt(DebugAnnotation::kStringValueIidFieldNumber, iid);
      } else {
        block_.String(DebugAnnotation::kStringValueFieldNumber, store_.strings()[id]);
      }
      break;
    }
    case AttrType::kCorrelation:
    case AttrType::kUint:
      // An id reads as a signed integer like every other one where it can.
      block_.VarInt(attr.value >> 63 ? DebugAnnotation::kUintValueFieldNumber : DebugAnnotation::kIntValueFieldNumber,
                    attr.value);
      break;
    case AttrType::kInt:
      block_.VarInt(DebugAnnotation::kIntValueFieldNumber, attr.value);
      break;
    case AttrType::kDouble:
      block_.Fixed(DebugAnnotation::kDoubleValueFieldNumber, attr.value);
      break;
    case AttrType::kBool:
      block_.VarInt(DebugAnnotation::kBoolValueFieldNumber, attr.value);
      break;
    case AttrType::kPointer:
      block_.VarInt(DebugAnnotation::kPointerValueFieldNumber, attr.value);
      break;
    case AttrType::kDict:
    case AttrType::kArray:
      nesting_.push_back(annotation);
      nesting_is_array_.push_back(attr.type == AttrType::kArray);
      return;  // its End finishes the annotation
    default:
      break;
  }
  block_.EndNested(annotation);
}

void EventWriter::WriteArrows(Arrows::Span arrows) {
  if (arrows.first == arrows.last) return;
  block_.Reserve(kMaxArrow * static_cast<size_t>(arrows.last - arrows.first));
  for (const ArrowEnd* end = arrows.first; end != arrows.last; ++end) {
    block_.Fixed(end->arrives ? TrackEvent::kTerminatingFlowIdsFieldNumber : TrackEvent::kFlowIdsFieldNumber, end->arrow);
  }
}

void EventWriter::Flush() {
  for (const NewLane& lane : new_lanes_) tracks_.WriteLaneDescriptor(lane.track, lane.uuid, trace_);
  new_lanes_.clear();
  interned_.WritePending(trace_);
  trace_->AppendRawProtoBytes(block_.data(), block_.size());
  block_.Clear();
}

}  // namespace tracesmith
