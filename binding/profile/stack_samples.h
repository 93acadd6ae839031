#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "chrome_json/findings.h"
#include "chrome_json/json_cursor.h"
#include "chrome_json/process_table.h"
#include "profile/cpu_profiles.h"

namespace tracesmith {

// Problem: Hermes and Chrome write samples of call stacks beside the events: `samples`, each with a time, a thread and a
// stack frame, and `stackFrames`, which name their callers. StackSamples reads both texts and adds a profile for each
// thread to CpuProfiles, whose Finish() must not have been called.
//
// It keeps one frame of each stack while it works. One thread at a time may use it.
class StackSamples {
 public:
  // Both must outlive this.
  StackSamples(ProcessTable& process_table, CpuProfiles& profiles) : process_table_(process_table), profiles_(profiles) {}

  // To be called before ReadSamples().
  void ReadFrames(std::string_view json);
  // The text begins at `offset` in the trace.
  void ReadSamples(std::string_view json, uint64_t offset, uint64_t line);

  const Findings& findings() const { return findings_; }

 private:
  struct Frame {
    uint32_t frame;  // of CpuProfiles
    std::string parent;
  };
  // The samples of a thread.
  struct Stacks {
    CpuProfile profile;
    std::unordered_map<std::string, uint32_t> node_of;  // by id of the frame
  };

  static EventId IdOf(const std::string& text);
  uint32_t NodeOf(Stacks* stacks, const std::string& id);

  ProcessTable& process_table_;
  CpuProfiles& profiles_;
  std::unordered_map<std::string, Frame> frames_;
  Findings findings_;
};

}  // namespace tracesmith
