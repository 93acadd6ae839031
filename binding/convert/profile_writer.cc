#include "profile_writer.h"

#include <perfetto.h>

#include <queue>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "../encoder/newer_fields.h"
#include "../encoder/track_table.h"

namespace tracesmith {
namespace {

using perfetto::protos::pbzero::BUILTIN_CLOCK_BOOTTIME;
using perfetto::protos::pbzero::BUILTIN_CLOCK_MONOTONIC;
using perfetto::protos::pbzero::TracePacket;

constexpr size_t kSliceSize = 64 * 1024;
constexpr size_t kFlushSize = 256 * 1024;
// Of one packet.
constexpr size_t kMostSamples = 256;
constexpr size_t kMostNewFrames = size_t{1} << 16;

uint32_t SequenceOf(size_t profile) { return kFreeSequenceId + static_cast<uint32_t>(profile); }

class ProfileWriter {
 public:
  using Take = std::function<bool(const uint8_t*, size_t)>;
  ProfileWriter(const CpuProfiles& profiles, const Take& take)
      : profiles_(profiles), take_(take), trace_(kSliceSize, kSliceSize), sequences_(profiles.profiles().size()) {}

  bool Write(const std::function<ThreadIds(uint32_t)>& ids_of);

 private:
  struct Sequence {
    size_t next = 0;  // sample
    // By what they are in the profile; 0 for what was not written yet.
    std::vector<uint32_t> stack_of;  // by node
    std::unordered_map<uint32_t, uint32_t> frame_of;
    std::unordered_map<uint32_t, uint32_t> function_of;
    std::unordered_map<uint32_t, uint32_t> file_of;
    uint32_t stacks = 0;
  };
  // What a packet brings that the sequence has not had yet.
  struct News {
    std::vector<std::pair<uint32_t, uint32_t>> functions;  // iid and text
    std::vector<std::pair<uint32_t, uint32_t>> files;
    std::vector<uint32_t> frames;
    std::vector<uint32_t> stack_sizes;
    std::vector<uint32_t> stack_frames;
  };

  void WriteClocks();
  void WriteThread(size_t profile, ThreadIds ids);
  void WriteRun(size_t profile, int64_t until);
  void Intern(size_t profile, uint32_t node);
  uint32_t FrameIid(Sequence* sequence, uint32_t frame);
  void WriteNews(const Sequence& sequence, TracePacket* packet);
  bool Flush();
  int64_t TimeOf(size_t profile, size_t sample) const { return profiles_.profiles()[profile].times[sample] / 1000; }

  const CpuProfiles& profiles_;
  const Take& take_;
  protozero::HeapBuffered<TraceMessage> trace_;
  size_t written_ = 0;  // roughly, since the last flush
  std::vector<Sequence> sequences_;
  News news_;
};

// A packet of samples is read as a whole at the time of its first one. So it holds as many as come before the
// next sample of another profile: then samples are in the order of time in the reader's table too.
bool ProfileWriter::Write(const std::function<ThreadIds(uint32_t)>& ids_of) {
  if (sequences_.empty()) return true;
  WriteClocks();
  using Next = std::pair<int64_t, size_t>;  // time, profile
  std::priority_queue<Next, std::vector<Next>, std::greater<Next>> next;
  for (size_t i = 0; i < sequences_.size(); ++i) {
    const CpuProfile& profile = profiles_.profiles()[i];
    WriteThread(i, ids_of(profile.thread));
    sequences_[i].stack_of.resize(profile.nodes.size());
    next.push({TimeOf(i, 0), i});
  }
  while (!next.empty()) {
    const size_t i = next.top().second;
    next.pop();
    WriteRun(i, next.empty() ? INT64_MAX : next.top().first);
    if (sequences_[i].next < profiles_.profiles()[i].times.size()) next.push({TimeOf(i, sequences_[i].next), i});
    if (written_ > kFlushSize && !Flush()) return false;
  }
  return Flush();
}

// Samples are in the monotonic clock, events in that of the boot: here they are one.
void ProfileWriter::WriteClocks() {
  auto* packet = trace_->add_packet();
  packet->set_trusted_packet_sequence_id(SequenceOf(0));
  auto* snapshot = packet->set_clock_snapshot();
  for (const auto id : {BUILTIN_CLOCK_BOOTTIME, BUILTIN_CLOCK_MONOTONIC}) {
    auto* clock = snapshot->add_clocks();
    clock->set_clock_id(static_cast<uint32_t>(id));
    clock->set_timestamp(0);
  }
  snapshot->set_primary_trace_clock(BUILTIN_CLOCK_BOOTTIME);
}

void ProfileWriter::WriteThread(size_t profile, ThreadIds ids) {
  auto* packet = trace_->add_packet();
  packet->set_trusted_packet_sequence_id(SequenceOf(profile));
  packet->set_sequence_flags(TracePacket::SEQ_INCREMENTAL_STATE_CLEARED);
  packet->set_first_packet_on_sequence(true);
  auto* thread = packet->set_thread_descriptor();
  thread->set_pid(ids.pid);
  thread->set_tid(ids.tid);
  thread->set_reference_timestamp_us(TimeOf(profile, 0));
}

// Samples up to that time. The first is where the sequence's time stands; a difference behind the last one
// brings it to where the next packet begins.
void ProfileWriter::WriteRun(size_t profile, int64_t until) {
  const CpuProfile& samples = profiles_.profiles()[profile];
  Sequence& sequence = sequences_[profile];
  const size_t count = samples.times.size();
  const size_t first = sequence.next;
  size_t end = first;
  do {
    Intern(profile, samples.sampled[end]);
    ++end;
  } while (end < count && end - first < kMostSamples && news_.stack_frames.size() < kMostNewFrames &&
           TimeOf(profile, end) <= until);
  sequence.next = end;
  auto* packet = trace_->add_packet();
  packet->set_trusted_packet_sequence_id(SequenceOf(profile));
  packet->set_sequence_flags(TracePacket::SEQ_NEEDS_INCREMENTAL_STATE);
  WriteNews(sequence, packet);
  auto* run = packet->set_streaming_profile_packet();
  for (size_t i = first; i < end; ++i) run->add_callstack_iid(sequence.stack_of[samples.sampled[i]]);
  for (size_t i = first; i < end; ++i) {
    run->add_timestamp_delta_us(i == first ? 0 : TimeOf(profile, i) - TimeOf(profile, i - 1));
  }
  if (end < count) run->add_timestamp_delta_us(TimeOf(profile, end) - TimeOf(profile, end - 1));
  constexpr size_t kSampleSize = 8;
  written_ += (end - first) * kSampleSize;
}

void ProfileWriter::Intern(size_t profile, uint32_t node) {
  Sequence& sequence = sequences_[profile];
  if (sequence.stack_of[node] != 0) return;
  sequence.stack_of[node] = ++sequence.stacks;
  const PodVector<ProfileNode>& nodes = profiles_.profiles()[profile].nodes;
  const size_t first = news_.stack_frames.size();
  for (uint32_t at = node; at != kNoNode; at = nodes[at].parent) {
    news_.stack_frames.push_back(FrameIid(&sequence, nodes[at].frame));
  }
  news_.stack_sizes.push_back(static_cast<uint32_t>(news_.stack_frames.size() - first));
}

uint32_t ProfileWriter::FrameIid(Sequence* sequence, uint32_t frame) {
  uint32_t& iid = sequence->frame_of[frame];
  if (iid != 0) return iid;
  iid = static_cast<uint32_t>(sequence->frame_of.size());
  news_.frames.push_back(frame);
  const auto intern = [](std::unordered_map<uint32_t, uint32_t>* known, uint32_t text,
                         std::vector<std::pair<uint32_t, uint32_t>>* news) {
    if (text == 0 || !known->emplace(text, static_cast<uint32_t>(known->size() + 1)).second) return;
    news->push_back({static_cast<uint32_t>(known->size()), text});
  };
  intern(&sequence->function_of, profiles_.frame(frame).function, &news_.functions);
  intern(&sequence->file_of, profiles_.frame(frame).file, &news_.files);
  return iid;
}

void ProfileWriter::WriteNews(const Sequence& sequence, TracePacket* packet) {
  if (news_.stack_sizes.empty()) return;
  auto* data = packet->set_interned_data();
  const auto add_text = [&](auto* message, const std::pair<uint32_t, uint32_t>& entry) {
    const std::string_view text = profiles_.text(entry.second);
    message->set_iid(entry.first);
    message->set_str(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    written_ += text.size();
  };
  for (const auto& entry : news_.functions) add_text(data->add_function_names(), entry);
  for (const auto& entry : news_.files) add_text(data->add_source_paths(), entry);
  for (const uint32_t number : news_.frames) {
    const ProfileFrame& known = profiles_.frame(number);
    auto* frame = data->add_frames();
    frame->set_iid(sequence.frame_of.at(number));
    frame->set_function_name_id(sequence.function_of.at(known.function));
    if (known.file != 0) frame->AppendVarInt(newer_fields::kFrameSourcePathIid, sequence.file_of.at(known.file));
    if (known.line != 0) frame->AppendVarInt(newer_fields::kFrameLineNumber, known.line);
  }
  // The outermost frame first.
  uint32_t iid = sequence.stacks - static_cast<uint32_t>(news_.stack_sizes.size());
  size_t begin = 0;
  for (const uint32_t size : news_.stack_sizes) {
    auto* stack = data->add_callstacks();
    stack->set_iid(++iid);
    for (size_t i = begin + size; i > begin; --i) stack->add_frame_ids(news_.stack_frames[i - 1]);
    begin += size;
  }
  constexpr size_t kFrameSize = 3;
  written_ += news_.stack_frames.size() * kFrameSize;
  news_ = News();
}

bool ProfileWriter::Flush() {
  bool goes_on = true;
  // A piece may end inside a packet: what is taken must be whole ones.
  const std::vector<uint8_t> packets = trace_.SerializeAsArray();
  if (!packets.empty()) goes_on = take_(packets.data(), packets.size());
  trace_.Reset();
  written_ = 0;
  return goes_on;
}

}  // namespace

bool WriteProfiles(const CpuProfiles& profiles, const std::function<ThreadIds(uint32_t)>& ids_of,
                   const std::function<bool(const uint8_t*, size_t)>& take) {
  return ProfileWriter(profiles, take).Write(ids_of);
}

}  // namespace tracesmith
