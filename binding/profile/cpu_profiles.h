#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/pod_vector.h"
#include "chrome_json/chrome_event.h"
#include "chrome_json/findings.h"
#include "chrome_json/json_cursor.h"
#include "chrome_json/process_table.h"

namespace tracesmith {

// A function of a call stack. Texts are ids of CpuProfiles; 0: none.
struct ProfileFrame {
  uint32_t function;
  uint32_t file;
  uint32_t line;  // from 1; 0: unknown
};

// A node of the tree of calls.
struct ProfileNode {
  uint32_t parent;  // a node, or kNoNode
  uint32_t frame;
};
constexpr uint32_t kNoNode = UINT32_MAX;

// The samples of one thread.
struct CpuProfile {
  uint32_t thread = 0;  // of the ProcessTable
  PodVector<ProfileNode> nodes;
  // The time in ns and the node of each sample, in the order of time.
  PodVector<int64_t> times;
  PodVector<uint32_t> sampled;
};

// Problem: V8 writes CPU profiles as whole files (.cpuprofile) or as events of phase P, which arrive in chunks in any
// order, and samples have time differences and ids of nodes. CpuProfiles collects the profiles of an input and, in
// Finish(), computes the time of each sample and the caller of each node.
//
// It owns the profiles, in memory beside the sorters' budget: a sample takes 12 bytes (28 while it is sorted), a node
// about 50, and each function is kept once; one sample per millisecond fills 43 MB in an hour. One thread at a time may
// use it.
class CpuProfiles {
 public:
  // The table must outlive this.
  explicit CpuProfiles(ProcessTable& process_table) : process_table_(process_table) {}

  // Whether a text with this beginning is a profile, not a trace.
  static bool IsProfile(const uint8_t* head, size_t size);

  // Whether an event belongs to a profile: by its name if its phase is P, else by what it holds, too.
  static bool IsProfileEvent(const ChromeEvent& event);
  // Adds an event of a profile; false for any other event.
  bool AddEvent(const ChromeEvent& event);
  // Adds a profile that is a file of its own, with a process and thread made for it. False if it has no nodes.
  bool ReadFile(JsonCursor* json, std::string_view process_name);
  // Returns the frame of a function; an empty text is none.
  uint32_t AddFrame(std::string_view function, std::string_view file, uint32_t line);
  // Adds a profile with the numbers of its nodes' callers, and times in any order.
  void AddProfile(CpuProfile profile);
  // Computes times and callers. The caller must not add anything afterwards.
  void Finish();

  // The profiles that have samples.
  const std::vector<CpuProfile>& profiles() const { return profiles_; }
  const ProfileFrame& frame(uint32_t frame) const { return frames_[frame]; }
  size_t frames() const { return frames_.size(); }
  std::string_view text(uint32_t text) const { return texts_[text - 1]; }
  uint64_t samples() const;
  const Findings& findings() const { return findings_; }

 private:
  // The samples of one event.
  struct Chunk {
    int64_t time;  // of its event, by which chunks are sorted
    size_t first_sample;
    size_t end_sample;
  };
  // A profile that may grow. Nodes name their parents, and samples their nodes, by id.
  struct Open {
    CpuProfile profile;
    bool has_thread = false;
    bool has_start = false;
    int64_t start = 0;
    bool has_timestamps = false;  // `times` are times, not differences
    std::unordered_map<uint32_t, uint32_t> node_of;
    std::unordered_map<std::string, uint32_t> id_of;  // of ids that are texts, but no numbers
    std::vector<std::pair<uint32_t, uint32_t>> callers;  // numbers of a node in a tree and of the one around it
    std::vector<std::pair<uint32_t, uint32_t>> children;  // ids of a child and its parent
    std::vector<Chunk> chunks;
    Finding origin{};  // the place of its first event
  };

  void ReadProfile(JsonCursor* json, Open* open);
  void ReadFields(JsonCursor* json, Open* open);
  void ReadFrameField(JsonCursor* json, std::string_view key, uint32_t line_shift, ProfileFrame* frame);
  void ReadField(JsonCursor* json, std::string_view key, Open* open);
  void ReadNode(JsonCursor* json, Open* open);
  void ReadTree(JsonCursor* json, Open* open);
  bool ReadId(JsonCursor* json, Open* open, uint32_t* id);
  void AddNode(Open* open, uint32_t id, const ProfileNode& node);
  uint32_t ReadFrame(JsonCursor* json);
  uint32_t FrameOf(const ProfileFrame& frame);
  uint32_t TextId(std::string_view text);
  void LinkNodes(Open* open);
  void PlaceSamples(Open* open);
  static void SortSamples(CpuProfile* profile);
  void Note(const Open& open, FindingCategory category, const char* reason);

  ProcessTable& process_table_;
  std::deque<Open> open_;
  std::unordered_map<std::string, Open*> open_of_;  // by process and id
  std::deque<std::string> texts_;
  std::unordered_map<std::string_view, uint32_t> text_ids_;
  PodVector<ProfileFrame> frames_;
  std::map<std::tuple<uint32_t, uint32_t, uint32_t>, uint32_t> frame_ids_;
  std::vector<CpuProfile> profiles_;
  Findings findings_;
};

}  // namespace tracesmith
