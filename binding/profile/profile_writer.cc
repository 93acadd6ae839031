#include "profile/profile_writer.h"

#include <perfetto.h>

#include <queue>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "proto/newer_fields.h"
#include "proto/sequences.h"

namespace tracesmith {
namespace {

using perfetto::protos::pbzero::BUILTIN_CLOCK_BOOTTIME;
using perfetto::protos::pbzero::BUILTIN_CLOCK_MONOTONIC;
using perfetto::protos::pbzero::BuiltinClock;
using perfetto::protos::pbzero::InternedString;
using perfetto::protos::pbzero::TracePacket;

constexpr size_t kSliceSize = 64 * 1024;
constexpr size_t kFlushSize = 256 * 1024;
// Of one packet.
constexpr size_t kMaxSamples = 256;
constexpr size_t kMaxNewFrames = size_t{1} << 16;

// Interned data that a sequence did not have yet. Functions, files, frames and stacks each have iids of their own, from
// 1.
struct NewFrames {
  struct Text {
    uint32_t iid;
    std::string_view text;
  };
  struct Frame {
    uint32_t iid;
    uint32_t function;  // an iid
    uint32_t file;      // an iid; 0: none
    uint32_t line;      // from 1; 0: unknown
  };
  std::vector<Text> functions;
  std::vector<Text> files;
  std::vector<Frame> frames;
  // The stacks have consecutive iids. Their frames lie one stack behind the other, the innermost frame first.
  uint32_t first_stack = 0;
  std::vector<uint32_t> stack_sizes;
  std::vector<uint32_t> stack_frames;
};

void SetText(const NewFrames::Text& entry, InternedString* message) {
  message->set_iid(entry.iid);
  message->set_str(reinterpret_cast<const uint8_t*>(entry.text.data()), entry.text.size());
}

void AddFrames(const NewFrames& news, TracePacket* packet) {
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

// Times are whole microseconds, as the format has them.
class ProfileWriter {
 public:
  using Output = std::function<bool(const uint8_t*, size_t)>;
  ProfileWriter(const std::vector<CpuProfile>& profiles, const CpuProfiles& source, const Output& output, uint64_t shift)
      : profiles_(profiles), source_(source), output_(output), shift_(shift), sequences_(profiles_.size()) {}

  bool Write(const std::function<ThreadIds(uint32_t)>& ids_of);

 private:
  struct Sequence {
    size_t next = 0;  // sample
    // The iids of the profile's nodes, frames and texts; 0 if it has none yet.
    std::vector<uint32_t> stack_of;  // by node
    std::unordered_map<uint32_t, uint32_t> frame_of;
    std::unordered_map<uint32_t, uint32_t> function_of;
    std::unordered_map<uint32_t, uint32_t> file_of;
    uint32_t stacks = 0;
  };

  TracePacket* AddPacket(size_t profile) {
    auto* packet = trace_->add_packet();
    packet->set_trusted_packet_sequence_id(kFreeSequenceId + static_cast<uint32_t>(profile));
    return packet;
  }
  void AddClocks();
  void AddThread(size_t profile, ThreadIds ids);
  void WriteSamples(size_t profile, int64_t until);
  uint32_t StackIid(size_t profile, uint32_t node);
  uint32_t FrameIid(Sequence* sequence, uint32_t frame);
  uint32_t TextIid(uint32_t text, std::unordered_map<uint32_t, uint32_t>* known, std::vector<NewFrames::Text>* news);
  bool Flush();
  int64_t TimeOf(size_t profile, size_t sample) const { return profiles_[profile].times[sample] / 1000; }

  const std::vector<CpuProfile>& profiles_;
  const CpuProfiles& source_;  // of texts and frames
  const Output& output_;
  const uint64_t shift_;  // of times of samples to those of the trace, ns
  protozero::HeapBuffered<perfetto::protos::pbzero::Trace> trace_{kSliceSize, kSliceSize};
  size_t written_ = 0;  // bytes since the last flush, roughly
  std::vector<Sequence> sequences_;
  NewFrames news_;
};

// Equates the clock of samples, which is always the monotonic one, with that of the trace.
void ProfileWriter::AddClocks() {
  auto* snapshot = AddPacket(0)->set_clock_snapshot();
  for (const BuiltinClock id : {BUILTIN_CLOCK_BOOTTIME, BUILTIN_CLOCK_MONOTONIC}) {
    auto* clock = snapshot->add_clocks();
    clock->set_clock_id(static_cast<uint32_t>(id));
    clock->set_timestamp(id == BUILTIN_CLOCK_BOOTTIME ? shift_ : 0);
  }
  snapshot->set_primary_trace_clock(BUILTIN_CLOCK_BOOTTIME);
}

// Begins the sequence of a profile and sets its time to that of the first sample.
void ProfileWriter::AddThread(size_t profile, ThreadIds ids) {
  auto* packet = AddPacket(profile);
  packet->set_sequence_flags(TracePacket::SEQ_INCREMENTAL_STATE_CLEARED);
  packet->set_first_packet_on_sequence(true);
  auto* thread = packet->set_thread_descriptor();
  thread->set_pid(ids.pid);
  thread->set_tid(ids.tid);
  thread->set_reference_timestamp_us(TimeOf(profile, 0));
}

// A reader reads a packet of samples as a whole, at the time of the first one. So each packet ends before the next
// sample of another profile: then the reader's table has all samples in the order of time.
bool ProfileWriter::Write(const std::function<ThreadIds(uint32_t)>& ids_of) {
  if (sequences_.empty()) return true;
  AddClocks();
  using Next = std::pair<int64_t, size_t>;  // time, profile
  std::priority_queue<Next, std::vector<Next>, std::greater<Next>> next;
  for (size_t i = 0; i < sequences_.size(); ++i) {
    AddThread(i, ids_of(profiles_[i].thread));
    sequences_[i].stack_of.resize(profiles_[i].nodes.size());
    next.push({TimeOf(i, 0), i});
  }
  while (!next.empty()) {
    const size_t i = next.top().second;
    next.pop();
    WriteSamples(i, next.empty() ? INT64_MAX : next.top().first);
    if (sequences_[i].next < profiles_[i].times.size()) next.push({TimeOf(i, sequences_[i].next), i});
    if (written_ > kFlushSize && !Flush()) return false;
  }
  return Flush();
}

// Writes a packet of samples up to that time, by the iids of their stacks. The sequence's time is already that of the
// first sample; each difference is added to it. One difference more than there are samples moves it to the first sample
// of the next packet.
void ProfileWriter::WriteSamples(size_t profile, int64_t until) {
  const CpuProfile& samples = profiles_[profile];
  Sequence& sequence = sequences_[profile];
  const size_t count = samples.times.size();
  const size_t first = sequence.next;
  size_t end = first;
  std::vector<uint32_t> stacks;
  std::vector<int64_t> differences;
  do {
    stacks.push_back(StackIid(profile, samples.sampled[end]));
    differences.push_back(end == first ? 0 : TimeOf(profile, end) - TimeOf(profile, end - 1));
    ++end;
  } while (end < count && stacks.size() < kMaxSamples && news_.stack_frames.size() < kMaxNewFrames &&
           TimeOf(profile, end) <= until);
  if (end < count) differences.push_back(TimeOf(profile, end) - TimeOf(profile, end - 1));
  sequence.next = end;
  auto* packet = AddPacket(profile);
  packet->set_sequence_flags(TracePacket::SEQ_NEEDS_INCREMENTAL_STATE);
  AddFrames(news_, packet);
  auto* written = packet->set_streaming_profile_packet();
  for (const uint32_t stack : stacks) written->add_callstack_iid(stack);
  for (const int64_t difference : differences) written->add_timestamp_delta_us(difference);
  constexpr size_t kSampleSize = 8;
  constexpr size_t kFrameSize = 3;
  written_ += stacks.size() * kSampleSize + news_.stack_frames.size() * kFrameSize;
  news_ = NewFrames();
}

uint32_t ProfileWriter::StackIid(size_t profile, uint32_t node) {
  Sequence& sequence = sequences_[profile];
  uint32_t& iid = sequence.stack_of[node];
  if (iid != 0) return iid;
  iid = ++sequence.stacks;
  if (news_.stack_sizes.empty()) news_.first_stack = iid;
  const PodVector<ProfileNode>& nodes = profiles_[profile].nodes;
  const size_t first = news_.stack_frames.size();
  for (uint32_t at = node; at != kNoNode; at = nodes[at].parent) {
    news_.stack_frames.push_back(FrameIid(&sequence, nodes[at].frame));
  }
  news_.stack_sizes.push_back(static_cast<uint32_t>(news_.stack_frames.size() - first));
  return iid;
}

uint32_t ProfileWriter::FrameIid(Sequence* sequence, uint32_t number) {
  uint32_t& iid = sequence->frame_of[number];
  if (iid != 0) return iid;
  iid = static_cast<uint32_t>(sequence->frame_of.size());
  const ProfileFrame& frame = source_.frame(number);
  const uint32_t function = TextIid(frame.function, &sequence->function_of, &news_.functions);
  const uint32_t file = TextIid(frame.file, &sequence->file_of, &news_.files);
  news_.frames.push_back({iid, function, file, frame.line});
  return iid;
}

// Returns 0 for no text.
uint32_t ProfileWriter::TextIid(uint32_t text, std::unordered_map<uint32_t, uint32_t>* known,
                                std::vector<NewFrames::Text>* news) {
  if (text == 0) return 0;
  const auto [entry, is_new] = known->emplace(text, static_cast<uint32_t>(known->size() + 1));
  if (is_new) {
    news->push_back({entry->second, source_.text(text)});
    written_ += source_.text(text).size();
  }
  return entry->second;
}

bool ProfileWriter::Flush() {
  written_ = 0;
  const std::vector<uint8_t> packets = trace_.SerializeAsArray();
  trace_.Reset();
  return packets.empty() || output_(packets.data(), packets.size());
}

// The profiles with the samples that stay.
std::vector<CpuProfile> ProfilesWith(const CpuProfiles& profiles, uint64_t shift, const SampleFilter& keeps) {
  std::vector<CpuProfile> kept;
  for (const CpuProfile& profile : profiles.profiles()) {
    CpuProfile part;
    part.thread = profile.thread;
    for (size_t i = 0; i < profile.times.size(); ++i) {
      if (!keeps(profile.thread, profile.times[i] + static_cast<int64_t>(shift))) continue;
      part.times.Add(profile.times[i]);
      part.sampled.Add(profile.sampled[i]);
    }
    if (part.times.empty()) continue;
    for (const ProfileNode& node : profile.nodes) part.nodes.Add(node);
    kept.push_back(std::move(part));
  }
  return kept;
}

}  // namespace

bool WriteProfiles(const CpuProfiles& profiles, const std::function<ThreadIds(uint32_t)>& ids_of,
                   const std::function<bool(const uint8_t*, size_t)>& output, uint64_t shift,
                   const SampleFilter& keeps) {
  if (!keeps) return ProfileWriter(profiles.profiles(), profiles, output, shift).Write(ids_of);
  return ProfileWriter(ProfilesWith(profiles, shift, keeps), profiles, output, shift).Write(ids_of);
}

}  // namespace tracesmith
