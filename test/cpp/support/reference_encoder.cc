#include "reference_encoder.h"

#include <cstring>

#include "base/bits.h"
#include "proto/newer_fields.h"

namespace tracesmith::test {
namespace {

namespace pb = perfetto::protos::pbzero;

std::string Dimensions(const uint32_t* words) {
  return "[" + std::to_string(words[0]) + "," + std::to_string(words[1]) + "," + std::to_string(words[2]) + "]";
}

}  // namespace

ReferenceEncoder::ReferenceEncoder(EventTable& table) : table_(table), trace_(256 * 1024, 256 * 1024) {
  for (const LaunchWords& words : table.launches()) launch_texts_.push_back({Dimensions(&words[1]), Dimensions(&words[4])});
}

void ReferenceEncoder::Encode() {
  WholeTimeline timeline(table_);
  timeline.Order();
  for (const Track& track : table_.tracks()) taken_uuids_.insert(track.prescribed_uuid);
  std::unordered_set<uint64_t> given = {0};
  for (const Track& track : table_.tracks()) {
    const bool is_first = given.insert(track.prescribed_uuid).second;
    uuids_.push_back({is_first ? track.prescribed_uuid : NewUuid()});
  }
  WriteCallStacks();
  for (uint32_t track = 0; track < table_.tracks().size(); ++track) WriteTrack(track);
  timeline.VisitAll(*this);
  counts_ = timeline.counts();
}

size_t ReferenceEncoder::Size() {
  size_t size = 0;
  for (const auto& range : trace_.GetRanges()) size += range.size();
  return size;
}

void ReferenceEncoder::Begin(const Event& event, uint32_t lane, Arrows::Span arrows) {
  WriteEvent(TrackEvent::TYPE_SLICE_BEGIN, event, lane, arrows);
}

void ReferenceEncoder::End(uint32_t track, uint32_t lane, uint64_t time) {
  AddEvent(TrackEvent::TYPE_SLICE_END, time, UuidOf(track, lane), false);
}

// No batch of the tests has stage events; those are tested by what trace_processor reads.
void ReferenceEncoder::Complete(const Event&) {}

void ReferenceEncoder::Instant(const Event& event, Arrows::Span arrows) {
  WriteEvent(TrackEvent::TYPE_INSTANT, event, 0, arrows);
}

void ReferenceEncoder::Counter(const Event& event) {
  TrackEvent* written = AddEvent(TrackEvent::TYPE_COUNTER, event.time, UuidOf(event.track, 0), false);
  if (event.counter_is_integer) {
    written->set_counter_value(static_cast<int64_t>(event.length));
  } else {
    written->set_double_counter_value(AsDouble(event.length));
  }
}

ReferenceEncoder::TrackEvent* ReferenceEncoder::AddEvent(TrackEvent::Type type, uint64_t time, uint64_t uuid,
                                                         bool uses_call_stacks) {
  auto* packet = trace_->add_packet();
  packet->set_timestamp(time);
  packet->set_trusted_packet_sequence_id(kSequenceId);
  if (uses_call_stacks) packet->set_sequence_flags(pb::TracePacket::SEQ_NEEDS_INCREMENTAL_STATE);
  TrackEvent* event = packet->set_track_event();
  event->set_type(type);
  event->set_track_uuid(uuid);
  return event;
}

void ReferenceEncoder::WriteEvent(TrackEvent::Type type, const Event& event, uint32_t lane, Arrows::Span arrows) {
  uint64_t call_stack = 0;
  for (uint32_t i = event.attr_begin; i < event.attr_end; ++i) {
    const Attr& attr = table_.attrs()[i];
    if (attr.type == AttrType::kCallStack) call_stack = attr.value + 1;
  }
  TrackEvent* written = AddEvent(type, event.time, UuidOf(event.track, lane), call_stack != 0);
  if (event.name != 0) written->set_name(StringOf(event.name).data(), StringOf(event.name).size());
  if (event.category != 0) written->add_categories(StringOf(event.category).data(), StringOf(event.category).size());
  for (uint32_t i = event.attr_begin; i < event.attr_end;) {
    const Attr& attr = table_.attrs()[i];
    if (attr.type == AttrType::kLaunch) {
      WriteLaunch(static_cast<uint32_t>(attr.value), written);
      ++i;
    } else if (attr.type == AttrType::kCallStack || attr.type == AttrType::kFlowOut || attr.type == AttrType::kFlowIn) {
      ++i;
    } else {
      i = WriteArgument(i, true, written->add_debug_annotations());
    }
  }
  for (const ArrowEnd* end = arrows.first; end != arrows.last; ++end) {
    if (end->arrives) {
      written->add_terminating_flow_ids(end->arrow);
    } else {
      written->add_flow_ids(end->arrow);
    }
  }
  // SDK v49 has no setter.
  if (call_stack != 0) written->AppendVarInt(newer_fields::kTrackEventCallstackIid, call_stack);
}

void ReferenceEncoder::WriteLaunch(uint32_t launch, TrackEvent* event) {
  const LaunchWords& words = table_.launches()[launch];
  const auto add = [&](std::string_view name) {
    auto* annotation = event->add_debug_annotations();
    annotation->set_name(name.data(), name.size());
    return annotation;
  };
  const auto& [grid, block] = launch_texts_[launch];
  if ((words[0] & kGrid) != 0) add("grid_dim")->set_string_value(grid);
  if ((words[0] & kBlock) != 0) add("block_dim")->set_string_value(block);
  if ((words[0] & kSharedMemory) != 0) add("shared_mem_bytes")->set_int_value(words[7]);
  if ((words[0] & kRegisters) != 0) add("registers_per_thread")->set_int_value(words[8]);
}

uint32_t ReferenceEncoder::WriteArgument(uint32_t index, bool has_name, DebugAnnotation* annotation) {
  const Attr& attr = table_.attrs()[index];
  if (attr.type == AttrType::kCorrelation) {
    constexpr std::string_view kName = "correlation_id";
    annotation->set_name(kName.data(), kName.size());
  } else if (has_name && attr.key != 0) {
    annotation->set_name(StringOf(attr.key).data(), StringOf(attr.key).size());
  }
  switch (attr.type) {
    case AttrType::kText: {
      const std::string_view text = StringOf(static_cast<uint32_t>(attr.value));
      annotation->set_string_value(text.data(), text.size());
      break;
    }
    case AttrType::kCorrelation:
    case AttrType::kUint:
      if (attr.value > static_cast<uint64_t>(INT64_MAX)) {
        annotation->set_uint_value(attr.value);
      } else {
        annotation->set_int_value(static_cast<int64_t>(attr.value));
      }
      break;
    case AttrType::kInt:
      annotation->set_int_value(static_cast<int64_t>(attr.value));
      break;
    case AttrType::kDouble:
      annotation->set_double_value(AsDouble(attr.value));
      break;
    case AttrType::kBool:
      annotation->set_bool_value(attr.value != 0);
      break;
    case AttrType::kPointer:
      annotation->set_pointer_value(attr.value);
      break;
    case AttrType::kDict:
    case AttrType::kArray: {
      const bool is_dict = attr.type == AttrType::kDict;
      uint32_t next = index + 1;
      while (table_.attrs()[next].type != AttrType::kEnd) {
        next = WriteArgument(next, is_dict, is_dict ? annotation->add_dict_entries() : annotation->add_array_values());
      }
      return next + 1;
    }
    default:
      break;
  }
  return index + 1;
}

// Call stacks can only be interned; all of them go in front, with the index plus one as their iid.
void ReferenceEncoder::WriteCallStacks() {
  if (table_.call_stacks().empty()) return;
  auto* packet = trace_->add_packet();
  packet->set_trusted_packet_sequence_id(kSequenceId);
  packet->set_sequence_flags(pb::TracePacket::SEQ_INCREMENTAL_STATE_CLEARED);
  auto* data = packet->set_interned_data();
  for (uint32_t id = 1; id <= table_.strings().size(); ++id) {
    const std::string text(StringOf(id));
    auto* function = data->add_function_names();
    function->set_iid(id);
    function->set_str(text);
    auto* file = data->add_source_paths();
    file->set_iid(id);
    file->set_str(text);
  }
  for (uint32_t i = 0; i < table_.frames().size(); ++i) {
    const Frame& frame = table_.frames()[i];
    auto* written = data->add_frames();
    written->set_iid(i + 1);
    if (frame.function_name != 0) written->set_function_name_id(frame.function_name);
    written->set_rel_pc(frame.address);
    if (frame.file_name != 0) written->AppendVarInt(newer_fields::kFrameSourcePathIid, frame.file_name);
    written->AppendVarInt(newer_fields::kFrameLineNumber, frame.line);
  }
  for (uint32_t i = 0; i < table_.call_stacks().size(); ++i) {
    auto* written = data->add_callstacks();
    written->set_iid(i + 1);
    for (const uint32_t frame : table_.call_stacks()[i]) written->add_frame_ids(frame + 1);
  }
}

}  // namespace tracesmith::test
