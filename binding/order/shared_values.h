#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "batch/layout.h"

namespace tracesmith {

using LaunchWords = std::array<uint32_t, kLaunchWords>;

struct LaunchHash {
  size_t operator()(const LaunchWords& words) const;
};

struct Frame {
  uint32_t function_name;  // string ids
  uint32_t file_name;
  uint32_t line;
  uint64_t address;

  bool operator<(const Frame& other) const;
};

using CallStack = std::vector<uint32_t>;  // indices of frames, the outermost first

// Launch configurations and call stacks, which many events share: each distinct one once, by its index.
class SharedValues {
 public:
  const std::vector<LaunchWords>& launches() const { return launches_; }
  const std::vector<Frame>& frames() const { return frames_; }
  const std::vector<CallStack>& call_stacks() const { return call_stacks_; }

  // Each gives the index, new or known.
  uint32_t AddLaunch(const LaunchWords& words);
  uint32_t AddFrame(const Frame& frame);
  uint32_t AddCallStack(CallStack stack);

  // Whether there are so many that a stream should begin anew with those that it still needs.
  bool IsLarge() const;

 private:
  struct RecentLaunch {
    LaunchWords words;
    uint32_t index_plus_one;  // 0 for an empty place
  };

  std::vector<LaunchWords> launches_;
  std::unordered_map<LaunchWords, uint32_t, LaunchHash> launch_indices_;
  std::vector<RecentLaunch> recent_launches_;
  std::vector<Frame> frames_;
  std::map<Frame, uint32_t> frame_indices_;
  std::vector<CallStack> call_stacks_;
  std::map<CallStack, uint32_t> call_stack_indices_;
};

}  // namespace tracesmith
