#include "profile/profile_packets.h"

#include <perfetto.h>

#include "proto/newer_fields.h"
#include "proto/sequences.h"

namespace tracesmith {
namespace {

using perfetto::protos::pbzero::BUILTIN_CLOCK_BOOTTIME;
using perfetto::protos::pbzero::BUILTIN_CLOCK_MONOTONIC;
using perfetto::protos::pbzero::InternedString;
using perfetto::protos::pbzero::TracePacket;

constexpr size_t kPieceSize = 64 * 1024;

uint32_t SequenceOf(size_t profile) { return kFreeSequenceId + static_cast<uint32_t>(profile); }

void SetText(const NewFrames::Text& entry, InternedString* message) {
  message->set_iid(entry.iid);
  message->set_str(reinterpret_cast<const uint8_t*>(entry.text.data()), entry.text.size());
}

void AddNews(const NewFrames& news, TracePacket* packet) {
  if (news.stack_sizes.empty()) return;
  auto* data = packet->set_interned_data();
  for (const auto& entry : news.functions) SetText(entry, data->add_function_names());
  for (const auto& entry : news.files) SetText(entry, data->add_source_paths());
  for (const auto& known : news.frames) {
    auto* frame = data->add_frames();
    frame->set_iid(known.iid);
    frame->set_function_name_id(known.function);
    if (known.file != 0) frame->AppendVarInt(newer_fields::kFrameSourcePathIid, known.file);
    if (known.line != 0) frame->AppendVarInt(newer_fields::kFrameLineNumber, known.line);
  }
  uint32_t iid = news.first_stack;
  size_t begin = 0;
  for (const uint32_t size : news.stack_sizes) {
    auto* stack = data->add_callstacks();
    stack->set_iid(iid++);
    // The format has the outermost frame first.
    for (size_t i = begin + size; i > begin; --i) stack->add_frame_ids(news.stack_frames[i - 1]);
    begin += size;
  }
}

}  // namespace

struct ProfilePackets::Trace {
  TracePacket* AddPacket(size_t profile) {
    auto* packet = message->add_packet();
    packet->set_trusted_packet_sequence_id(SequenceOf(profile));
    return packet;
  }

  protozero::HeapBuffered<perfetto::protos::pbzero::Trace> message{kPieceSize, kPieceSize};
};

ProfilePackets::ProfilePackets() : trace_(std::make_unique<Trace>()) {}

ProfilePackets::~ProfilePackets() = default;

// Samples are in the monotonic clock, events in that of the boot: here they are one.
void ProfilePackets::AddClocks() {
  auto* snapshot = trace_->AddPacket(0)->set_clock_snapshot();
  for (const auto id : {BUILTIN_CLOCK_BOOTTIME, BUILTIN_CLOCK_MONOTONIC}) {
    auto* clock = snapshot->add_clocks();
    clock->set_clock_id(static_cast<uint32_t>(id));
    clock->set_timestamp(0);
  }
  snapshot->set_primary_trace_clock(BUILTIN_CLOCK_BOOTTIME);
}

void ProfilePackets::AddThread(size_t profile, ThreadIds ids, int64_t time) {
  auto* packet = trace_->AddPacket(profile);
  packet->set_sequence_flags(TracePacket::SEQ_INCREMENTAL_STATE_CLEARED);
  packet->set_first_packet_on_sequence(true);
  auto* thread = packet->set_thread_descriptor();
  thread->set_pid(ids.pid);
  thread->set_tid(ids.tid);
  thread->set_reference_timestamp_us(time);
}

void ProfilePackets::AddSamples(size_t profile, const NewFrames& news, const std::vector<uint32_t>& stacks,
                                const std::vector<int64_t>& differences) {
  auto* packet = trace_->AddPacket(profile);
  packet->set_sequence_flags(TracePacket::SEQ_NEEDS_INCREMENTAL_STATE);
  AddNews(news, packet);
  auto* samples = packet->set_streaming_profile_packet();
  for (const uint32_t stack : stacks) samples->add_callstack_iid(stack);
  for (const int64_t difference : differences) samples->add_timestamp_delta_us(difference);
}

std::vector<uint8_t> ProfilePackets::Take() {
  std::vector<uint8_t> packets = trace_->message.SerializeAsArray();
  trace_->message.Reset();
  return packets;
}

}  // namespace tracesmith
