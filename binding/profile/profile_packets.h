#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace tracesmith {

struct ThreadIds {
  int32_t pid;
  int32_t tid;
};

// What a sequence of samples has not had yet. Each has an iid of its own kind, from 1.
struct NewFrames {
  struct Text {
    uint32_t iid;
    std::string_view text;
  };
  struct Frame {
    uint32_t iid;
    uint32_t function;  // iids; a file of 0: none
    uint32_t file;
    uint32_t line;  // from 1; 0: unknown
  };
  std::vector<Text> functions;
  std::vector<Text> files;
  std::vector<Frame> frames;
  // Stacks follow each other, in iids and in frames; the innermost frame of each is its first.
  uint32_t first_stack = 0;
  std::vector<uint32_t> stack_sizes;
  std::vector<uint32_t> stack_frames;
};

// Packets with the samples of CPU profiles, each profile as a sequence of its own: a reader takes all samples of a
// sequence for those of one thread. Times are whole microseconds, as the format has them.
class ProfilePackets {
 public:
  ProfilePackets();
  ~ProfilePackets();
  ProfilePackets(const ProfilePackets&) = delete;
  ProfilePackets& operator=(const ProfilePackets&) = delete;

  // Says that the clock of samples is that of events.
  void AddClocks();
  // Begins the sequence of a profile, whose time stands at that of its first sample.
  void AddThread(size_t profile, ThreadIds ids, int64_t time);
  // Samples by the iids of their stacks. Each difference is added to the time of the sequence; one more than there
  // are samples brings it to where the next run begins.
  void AddSamples(size_t profile, const NewFrames& news, const std::vector<uint32_t>& stacks,
                  const std::vector<int64_t>& differences);

  // Gives the packets, whole ones, and forgets them.
  std::vector<uint8_t> Take();

 private:
  struct Trace;
  std::unique_ptr<Trace> trace_;
};

}  // namespace tracesmith
