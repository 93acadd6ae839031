#include "encoder/interned_data.h"

#include <string_view>

#include "proto/newer_fields.h"

namespace tracesmith {
namespace {

using perfetto::protos::pbzero::DebugAnnotation;
using perfetto::protos::pbzero::TracePacket;
using perfetto::protos::pbzero::TrackEvent;

// Far below the 256 MiB that a message can have; a reader drops what is larger.
constexpr size_t kMostPacketBytes = size_t{64} << 20;
// A stream with more clears its incremental state: these are tens of megabytes, here and in a reader.
constexpr size_t kManyEntries = 200'000;
constexpr size_t kManyBytes = size_t{16} << 20;

// "[256,1,1]"
std::string DimensionsText(const uint32_t* words) {
  return "[" + std::to_string(words[0]) + "," + std::to_string(words[1]) + "," + std::to_string(words[2]) + "]";
}

perfetto::protos::pbzero::InternedData* AddInternedData(PacketWriter& packets) {
  auto* packet = packets.AddPacket();
  packet->set_sequence_flags(TracePacket::SEQ_NEEDS_INCREMENTAL_STATE);
  return packet->set_interned_data();
}

}  // namespace

const InternedData::NameBytes& InternedData::MakeNameAndCategory(uint32_t name, uint32_t category) {
  const size_t index = name - first_string_;
  if (index >= name_bytes_.size()) name_bytes_.resize(table_.strings().size() - first_string_ + 1);
  NameBytes& encoded = name_bytes_[index];
  uint8_t* end = wire::PutVarInt(encoded.bytes, TrackEvent::kNameIidFieldNumber, EventNameIid(name));
  if (category != 0) end = wire::PutVarInt(end, TrackEvent::kCategoryIidsFieldNumber, CategoryIid(category));
  encoded.size = static_cast<uint8_t>(end - encoded.bytes);
  encoded.category = category;
  return encoded;
}

uint32_t InternedData::FrameIid(uint32_t index) {
  if (index >= frame_iids_.size()) frame_iids_.resize(table_.frames().size());
  uint32_t& iid = frame_iids_[index];
  if (iid != 0) return iid;
  const Frame& frame = table_.frames()[index];
  iid = ++last_frame_iid_;
  const auto intern = [&](Interner& interner, uint32_t id) {
    return id == 0 ? 0 : interner.IidOf(id, table_.strings()[id]);
  };
  pending_frames_.push_back({iid, intern(function_names_, frame.function_name), intern(source_paths_, frame.file_name),
                             frame.line, frame.address});
  return iid;
}

uint32_t InternedData::CallStackIid(uint32_t index) {
  if (index >= call_stack_iids_.size()) call_stack_iids_.resize(table_.call_stacks().size());
  uint32_t& iid = call_stack_iids_[index];
  if (iid != 0) return iid;
  std::vector<uint32_t> frames;
  for (const uint32_t frame : table_.call_stacks()[index]) frames.push_back(FrameIid(frame));
  iid = ++last_call_stack_iid_;
  pending_call_stacks_.push_back({iid, std::move(frames)});
  return iid;
}

uint32_t InternedData::CorrelationNameIid() {
  if (correlation_name_iid_ == 0) correlation_name_iid_ = annotation_names_.Add("correlation_id");
  return correlation_name_iid_;
}

const InternedData::LaunchBytes& InternedData::LaunchArguments(uint32_t launch) {
  if (launch >= launch_arguments_.size()) launch_arguments_.resize(table_.launches().size());
  LaunchBytes& encoded = launch_arguments_[launch];
  if (encoded.is_made) return encoded;
  const LaunchWords& words = table_.launches()[launch];
  const uint32_t present = words[0];  // then 3 words of grid, 3 of block, shared memory, registers

  uint8_t* end = encoded.bytes;
  const auto name_of = [&](uint32_t& iid, const char* name) {
    if (iid == 0) iid = annotation_names_.Add(name);
    return iid;
  };
  const auto add = [&](uint32_t name_iid, uint32_t value_field, uint64_t value) {
    uint8_t* annotation = wire::BeginNested(end, TrackEvent::kDebugAnnotationsFieldNumber);
    end = wire::PutVarInt(annotation, DebugAnnotation::kNameIidFieldNumber, name_iid);
    end = wire::PutVarInt(end, value_field, value);
    end = wire::EndNested(annotation, end);
  };
  // Many configurations share few grids and blocks.
  const auto text_iid = [&](const std::string& text) {
    uint32_t& iid = dimension_iids_[text];
    if (iid == 0) iid = annotation_values_.Add(text);
    return iid;
  };
  if ((present & kGrid) != 0) {
    add(name_of(launch_names_.grid, "grid_dim"), DebugAnnotation::kStringValueIidFieldNumber,
        text_iid(DimensionsText(&words[1])));
  }
  if ((present & kBlock) != 0) {
    add(name_of(launch_names_.block, "block_dim"), DebugAnnotation::kStringValueIidFieldNumber,
        text_iid(DimensionsText(&words[4])));
  }
  if ((present & kSharedMemory) != 0) {
    add(name_of(launch_names_.shared_memory, "shared_mem_bytes"), DebugAnnotation::kIntValueFieldNumber, words[7]);
  }
  if ((present & kRegisters) != 0) {
    add(name_of(launch_names_.registers, "registers_per_thread"), DebugAnnotation::kIntValueFieldNumber, words[8]);
  }
  encoded.size = static_cast<uint8_t>(end - encoded.bytes);
  encoded.is_made = true;
  return encoded;
}

bool InternedData::IsLarge() const {
  size_t entries = last_frame_iid_ + last_call_stack_iid_;
  size_t bytes = 0;
  for (const Interner* interner : {&event_names_, &categories_, &annotation_names_, &annotation_values_,
                                   &function_names_, &source_paths_}) {
    entries += interner->seen();
    bytes += interner->text_bytes();
  }
  return entries > kManyEntries || bytes > kManyBytes;
}

void InternedData::Forget() {
  first_string_ = table_.strings().first();
  for (Interner* interner : {&event_names_, &categories_, &annotation_names_, &annotation_values_, &function_names_,
                             &source_paths_}) {
    interner->Forget(first_string_);
  }
  name_bytes_ = {};
  frame_iids_ = {};
  last_frame_iid_ = 0;
  call_stack_iids_ = {};
  last_call_stack_iid_ = 0;
  launch_names_ = {};
  dimension_iids_.clear();
  launch_arguments_ = {};
  correlation_name_iid_ = 0;
}

void InternedData::WritePending(PacketWriter& packets) {
  const bool any = event_names_.has_pending() || categories_.has_pending() || annotation_names_.has_pending() ||
                   annotation_values_.has_pending() || !pending_call_stacks_.empty();
  if (!any) return;
  perfetto::protos::pbzero::InternedData* data = AddInternedData(packets);
  size_t bytes = 0;
  const auto add_each = [&](Interner& strings, auto add) {
    for (const Interner::Entry& entry : strings.TakePending()) {
      if (bytes + entry.text.size() > kMostPacketBytes) {
        data = AddInternedData(packets);
        bytes = 0;
      }
      bytes += entry.text.size();
      add(entry);
    }
  };
  const auto set_name = [](auto* message, const Interner::Entry& entry) {
    message->set_iid(entry.iid);
    message->set_name(entry.text);
  };
  const auto set_string = [](auto* message, const Interner::Entry& entry) {
    message->set_iid(entry.iid);
    message->set_str(entry.text);
  };
  add_each(event_names_, [&](auto& entry) { set_name(data->add_event_names(), entry); });
  add_each(categories_, [&](auto& entry) { set_name(data->add_event_categories(), entry); });
  add_each(annotation_names_, [&](auto& entry) { set_name(data->add_debug_annotation_names(), entry); });
  add_each(annotation_values_, [&](auto& entry) { set_string(data->add_debug_annotation_string_values(), entry); });
  add_each(function_names_, [&](auto& entry) { set_string(data->add_function_names(), entry); });
  add_each(source_paths_, [&](auto& entry) { set_string(data->add_source_paths(), entry); });
  for (const FrameEntry& entry : pending_frames_) {
    auto* frame = data->add_frames();
    frame->set_iid(entry.iid);
    if (entry.function_name != 0) frame->set_function_name_id(entry.function_name);
    if (entry.address != 0) frame->set_rel_pc(entry.address);
    if (entry.source_path != 0) frame->AppendVarInt(newer_fields::kFrameSourcePathIid, entry.source_path);
    if (entry.line != 0) frame->AppendVarInt(newer_fields::kFrameLineNumber, entry.line);
  }
  pending_frames_.clear();
  for (const CallStackEntry& entry : pending_call_stacks_) {
    auto* stack = data->add_callstacks();
    stack->set_iid(entry.iid);
    for (const uint32_t frame : entry.frames) stack->add_frame_ids(frame);
  }
  pending_call_stacks_.clear();
}

}  // namespace tracesmith
