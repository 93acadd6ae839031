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

#include "chrome_json/chrome_event.h"
#include "chrome_json/findings.h"
#include "base/pod_vector.h"
#include "chrome_json/identities.h"
#include "chrome_json/json_pieces.h"

namespace tracesmith {

// A function of a call stack. Texts are ids of CpuProfiles; 0: none.
struct ProfileFrame {
  uint32_t function;
  uint32_t file;
  uint32_t line;  // from 1; 0: unknown
};

// A place in the tree of calls.
struct ProfileNode {
  uint32_t parent;  // a node, or kNoNode
  uint32_t frame;
};
constexpr uint32_t kNoNode = UINT32_MAX;

// The samples of one thread.
struct CpuProfile {
  uint32_t thread = 0;  // of Identities
  PodVector<ProfileNode> nodes;
  // Of each sample, in the order of time: ns, and its node.
  PodVector<int64_t> times;
  PodVector<uint32_t> sampled;
};

// Collects V8's CPU profiles: whole files (.cpuprofile), and events of phase P, which bring them in chunks. A
// sample takes 12 bytes (28 while it is sorted), a node some 50, and each function that is named is kept once:
// a profiler of every millisecond fills 43 MB in an hour. That is not part of the budget for what is sorted.
class CpuProfiles {
 public:
  // They must outlive this.
  explicit CpuProfiles(Identities& identities) : identities_(identities) {}

  // Whether a text whose beginning this is is a profile, and not a trace.
  static bool IsProfile(const uint8_t* head, size_t size);

  // Whether an event of phase P is part of a profile.
  static bool IsPart(const ChromeEvent& event);
  // Takes in such a part; false for an event that is none.
  bool Take(const ChromeEvent& event);
  // A profile that is a text of its own, of a process and thread made for it. False: it has no nodes.
  bool ReadFile(JsonPieces* pieces, std::string_view process_name);
  // Says when each sample was, and who called whom. Nothing can be taken in afterwards.
  void Finish();

  // Those with samples.
  const std::vector<CpuProfile>& profiles() const { return profiles_; }
  const ProfileFrame& frame(uint32_t frame) const { return frames_[frame]; }
  size_t frames() const { return frames_.size(); }
  std::string_view text(uint32_t text) const { return texts_[text - 1]; }
  uint64_t samples() const;
  const Findings& findings() const { return findings_; }

 private:
  struct Chunk {
    int64_t time;  // of its event: chunks may come in any order
    size_t first_sample;
    size_t end_sample;
  };
  // A profile of which more may come. Nodes name their parents, and samples their nodes, by id.
  struct Open {
    CpuProfile profile;
    bool has_thread = false;
    bool has_start = false;
    int64_t start = 0;
    std::unordered_map<uint32_t, uint32_t> node_of;
    std::vector<std::pair<uint32_t, uint32_t>> children;  // ids of a child and its parent
    std::vector<Chunk> chunks;
    Finding origin{};  // where it was begun
  };

  void ReadProfile(JsonPieces* pieces, Open* open);
  void ReadField(JsonPieces* pieces, std::string_view key, Open* open);
  void ReadNode(JsonPieces* pieces, Open* open);
  uint32_t ReadFrame(JsonPieces* pieces);
  uint32_t FrameOf(const ProfileFrame& frame);
  uint32_t TextId(std::string_view text);
  void LinkNodes(Open* open);
  void PlaceSamples(Open* open);
  void Note(const Open& open, FindingCategory category, const char* reason);

  Identities& identities_;
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
