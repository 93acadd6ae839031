#include "profile/profile_writer.h"

#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tracesmith {
namespace {

constexpr size_t kFlushSize = 256 * 1024;
// Of one packet.
constexpr size_t kMostSamples = 256;
constexpr size_t kMostNewFrames = size_t{1} << 16;

class ProfileWriter {
 public:
  using Take = std::function<bool(const uint8_t*, size_t)>;
  ProfileWriter(const CpuProfiles& profiles, const Take& take)
      : profiles_(profiles), take_(take), sequences_(profiles.profiles().size()) {}

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

  void WriteRun(size_t profile, int64_t until);
  uint32_t StackIid(size_t profile, uint32_t node);
  uint32_t FrameIid(Sequence* sequence, uint32_t frame);
  uint32_t TextIid(uint32_t text, std::unordered_map<uint32_t, uint32_t>* known, std::vector<NewFrames::Text>* news);
  bool Flush();
  int64_t TimeOf(size_t profile, size_t sample) const { return profiles_.profiles()[profile].times[sample] / 1000; }

  const CpuProfiles& profiles_;
  const Take& take_;
  ProfilePackets packets_;
  size_t written_ = 0;  // roughly, since the last flush
  std::vector<Sequence> sequences_;
  NewFrames news_;
};

// A packet of samples is read as a whole at the time of its first one. So it holds as many as come before the
// next sample of another profile: then samples are in the order of time in the reader's table too.
bool ProfileWriter::Write(const std::function<ThreadIds(uint32_t)>& ids_of) {
  if (sequences_.empty()) return true;
  packets_.AddClocks();
  using Next = std::pair<int64_t, size_t>;  // time, profile
  std::priority_queue<Next, std::vector<Next>, std::greater<Next>> next;
  for (size_t i = 0; i < sequences_.size(); ++i) {
    const CpuProfile& profile = profiles_.profiles()[i];
    packets_.AddThread(i, ids_of(profile.thread), TimeOf(i, 0));
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

// Samples up to that time. The first is where the sequence's time stands; a difference behind the last one
// brings it to where the next packet begins.
void ProfileWriter::WriteRun(size_t profile, int64_t until) {
  const CpuProfile& samples = profiles_.profiles()[profile];
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
  } while (end < count && stacks.size() < kMostSamples && news_.stack_frames.size() < kMostNewFrames &&
           TimeOf(profile, end) <= until);
  if (end < count) differences.push_back(TimeOf(profile, end) - TimeOf(profile, end - 1));
  sequence.next = end;
  packets_.AddSamples(profile, news_, stacks, differences);
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
  const PodVector<ProfileNode>& nodes = profiles_.profiles()[profile].nodes;
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
  const ProfileFrame& frame = profiles_.frame(number);
  const uint32_t function = TextIid(frame.function, &sequence->function_of, &news_.functions);
  const uint32_t file = TextIid(frame.file, &sequence->file_of, &news_.files);
  news_.frames.push_back({iid, function, file, frame.line});
  return iid;
}

// 0 for no text.
uint32_t ProfileWriter::TextIid(uint32_t text, std::unordered_map<uint32_t, uint32_t>* known,
                                std::vector<NewFrames::Text>* news) {
  if (text == 0) return 0;
  const auto [entry, is_new] = known->emplace(text, static_cast<uint32_t>(known->size() + 1));
  if (is_new) {
    news->push_back({entry->second, profiles_.text(text)});
    written_ += profiles_.text(text).size();
  }
  return entry->second;
}

bool ProfileWriter::Flush() {
  written_ = 0;
  const std::vector<uint8_t> packets = packets_.Take();
  return packets.empty() || take_(packets.data(), packets.size());
}

}  // namespace

bool WriteProfiles(const CpuProfiles& profiles, const std::function<ThreadIds(uint32_t)>& ids_of,
                   const std::function<bool(const uint8_t*, size_t)>& take) {
  return ProfileWriter(profiles, take).Write(ids_of);
}

}  // namespace tracesmith
