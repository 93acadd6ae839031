#include "profile/cpu_profiles.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tracesmith {
namespace {

// As developer tools show a function without a name.
constexpr std::string_view kAnonymous = "(anonymous)";
constexpr uint32_t kNoId = UINT32_MAX;

// False if the sum has more than 64 bits.
bool AddTimes(int64_t a, int64_t b, int64_t* sum) {
  if (b > 0 ? a > INT64_MAX - b : a < INT64_MIN - b) return false;
  *sum = a + b;
  return true;
}

// Keys of objects that developer tools put around a profile.
bool IsWrapper(std::string_view key) { return key == "profile" || key == "cpuProfile" || key == "result"; }

// Whether the object that the cursor is in is a profile, or holds one.
bool HoldsProfile(JsonCursor* json) {
  bool has_start = false;
  bool has_samples = false;
  std::string_view key;
  while (json->NextKey(&key)) {
    if (key == "traceEvents") return false;
    if (key == "nodes" || key == "timeDeltas" || key == "head") return true;
    has_start |= key == "startTime";
    if (key == "samples" && json->Enter('[') && json->NextElement()) {
      // Samples beside the events of a trace are objects.
      if (json->Enter('{')) return false;
      has_samples = true;
      while (json->NextElement()) json->Skip();
    } else if (IsWrapper(key) && json->Enter('{')) {
      return HoldsProfile(json);
    }
  }
  return has_start || has_samples;
}

// Whether the arguments of an event hold a profile or a part of one.
bool HasProfileData(const ChromeEvent& event) {
  JsonCursor json(event.text);
  std::string_view key;
  if (!json.Enter('{')) return false;
  while (json.NextKey(&key)) {
    if (key != "args" || !json.Enter('{')) continue;
    while (json.NextKey(&key)) {
      if (key != "data" || !json.Enter('{')) continue;
      while (json.NextKey(&key)) {
        if (key == "cpuProfile" || key == "nodes" || key == "timeDeltas" || key == "samples") return true;
      }
    }
  }
  return false;
}

}  // namespace

bool CpuProfiles::IsProfile(const uint8_t* head, size_t size) {
  JsonCursor json(std::string_view(reinterpret_cast<const char*>(head), size));
  return json.Enter('{') && HoldsProfile(&json);
}

bool CpuProfiles::IsProfileEvent(const ChromeEvent& event) {
  const bool is_named = event.name == "Profile" || event.name == "ProfileChunk" || event.name == "CpuProfile";
  return is_named && (event.phase == 'P' || HasProfileData(event));
}

bool CpuProfiles::AddEvent(const ChromeEvent& event) {
  if (!IsProfileEvent(event)) return false;
  const bool is_whole = event.name == "CpuProfile";
  const bool is_start = event.name == "Profile" || is_whole;
  const EventId& id = event.id.kind != EventId::Kind::kNone           ? event.id
                      : event.id2_local.kind != EventId::Kind::kNone ? event.id2_local
                                                                     : event.id2_global;
  const std::string key = std::to_string(process_table_.ProcessOf(event.pid)) + " " + ProcessTable::TextOf(id);
  Open*& known = open_of_[key];
  // A second beginning with the same id is another profile.
  const bool is_again = known != nullptr && is_start && known->has_thread;
  if (known == nullptr || is_again || is_whole) {
    known = &open_.emplace_back();
    known->origin.offset = event.offset;
    known->origin.line = event.Line();
    const auto* text = reinterpret_cast<const uint8_t*>(event.text.data());
    known->origin.excerpt = Excerpt(text, text + event.text.size());
  }
  Open* open = known;
  if (is_start) {
    open->profile.thread = process_table_.ThreadOf(event.pid, event.tid);
    open->has_thread = true;
  }
  JsonCursor json(event.text);
  std::string_view name;
  const size_t first = open->profile.sampled.size();
  if (!json.Enter('{')) return true;
  while (json.NextKey(&name)) {
    if (name != "args" || !json.Enter('{')) continue;
    while (json.NextKey(&name)) {
      if (name == "data" && json.Enter('{')) ReadProfile(&json, open);
    }
  }
  const int64_t time = event.time.state == TimeState::kValid ? event.time.nanoseconds : 0;
  open->chunks.push_back({time, first, open->profile.sampled.size()});
  // If the beginning is missing, this is at least a thread of the same process.
  if (!open->has_thread && open->chunks.size() == 1) open->profile.thread = process_table_.ThreadOf(event.pid, event.tid);
  return true;
}

bool CpuProfiles::ReadFile(JsonCursor* json, std::string_view process_name) {
  EventId one;
  one.kind = EventId::Kind::kInteger;
  one.integer = 1;
  Open* open = &open_.emplace_back();
  open->origin.line = 1;
  open->has_thread = true;
  open->profile.thread = process_table_.ThreadOf(one, one);
  process_table_.thread(open->profile.thread).name = "main";
  process_table_.process(process_table_.ProcessOf(one)).name = process_name;
  if (json->Enter('{')) ReadProfile(json, open);
  open->chunks.push_back({0, 0, open->profile.sampled.size()});
  if (json->is_cut()) Note(*open, FindingCategory::kDamaged, "the text ends before the profile does");
  return !open->profile.nodes.empty();
}

// Reads the fields of a profile, behind its opening brace; a chunk has some of them in an object of their own.
void CpuProfiles::ReadProfile(JsonCursor* json, Open* open) {
  const size_t first = open->profile.sampled.size();
  ReadFields(json, open);
  const size_t samples = open->profile.sampled.size() - first;
  PodVector<int64_t>& deltas = open->profile.times;
  const size_t given = deltas.size() - first;
  if (given < samples) Note(*open, FindingCategory::kRepaired, "samples without timeDeltas: at the time of the one before");
  if (given > samples) Note(*open, FindingCategory::kDropped, "timeDeltas without samples");
  while (deltas.size() < first + samples) deltas.Add(0);
  deltas.Truncate(first + samples);
}

void CpuProfiles::ReadFields(JsonCursor* json, Open* open) {
  std::string_view key;
  // Wrappers within each other.
  size_t depth = 1;
  while (depth > 0) {
    if (!json->NextKey(&key)) {
      --depth;
    } else if (!IsWrapper(key)) {
      ReadField(json, key, open);
    } else if (json->Enter('{')) {
      ++depth;
    }
  }
}

void CpuProfiles::ReadField(JsonCursor* json, std::string_view key, Open* open) {
  if (key == "startTime") {
    int64_t start;
    if (!json->Time(&start)) return Note(*open, FindingCategory::kRepaired, "a startTime of a profile that is no number");
    if (!open->has_start) open->start = start;
    open->has_start = true;
  } else if (key == "nodes" && json->Enter('[')) {
    while (json->NextElement()) ReadNode(json, open);
  } else if (key == "samples" && json->Enter('[')) {
    while (json->NextElement()) {
      uint32_t id;
      open->profile.sampled.Add(ReadId(json, open, &id) ? id : kNoId);
    }
  } else if (key == "head" && json->Enter('{')) {
    ReadTree(json, open);
  } else if ((key == "timeDeltas" || key == "timestamps") && json->Enter('[')) {
    open->has_timestamps |= key == "timestamps";
    while (json->NextElement()) {
      int64_t delta;
      const bool is_time = json->Time(&delta);
      if (!is_time) Note(*open, FindingCategory::kRepaired, "a time delta that is no number: taken as 0");
      open->profile.times.Add(is_time ? delta : 0);
    }
  }
}

void CpuProfiles::ReadNode(JsonCursor* json, Open* open) {
  if (!json->Enter('{')) return Note(*open, FindingCategory::kDropped, "a node that is no object");
  uint32_t id = kNoId;
  ProfileNode node{kNoId, 0};
  bool has_frame = false;
  const size_t first_child = open->children.size();
  std::string_view key;
  while (json->NextKey(&key)) {
    if (key == "id") {
      ReadId(json, open, &id);
    } else if (key == "parent") {
      ReadId(json, open, &node.parent);
    } else if (key == "callFrame" && json->Enter('{')) {
      node.frame = ReadFrame(json);
      has_frame = true;
    } else if (key == "children" && json->Enter('[')) {
      while (json->NextElement()) {
        uint32_t child;
        if (ReadId(json, open, &child)) open->children.push_back({child, kNoId});
      }
    }
  }
  for (size_t i = first_child; i < open->children.size(); ++i) open->children[i].second = id;
  if (id == kNoId) return Note(*open, FindingCategory::kDropped, "a node without an id");
  if (!has_frame) node.frame = FrameOf({TextId(kAnonymous), 0, 0});
  AddNode(open, id, node);
}

void CpuProfiles::AddNode(Open* open, uint32_t id, const ProfileNode& node) {
  const auto number = static_cast<uint32_t>(open->profile.nodes.size());
  if (!open->node_of.emplace(id, number).second) {
    return Note(*open, FindingCategory::kDropped, "a node whose id another one has");
  }
  open->profile.nodes.Add(node);
}

// Reads the tree of an old profile, behind its opening brace. Functions stand in the nodes themselves, and their lines
// count from 1. Calls may nest deeper than the stack of this thread could.
void CpuProfiles::ReadTree(JsonCursor* json, Open* open) {
  struct Level {
    uint32_t node;
    ProfileFrame frame;
    bool is_in_children;
  };
  std::vector<Level> levels;
  const auto begin_node = [&] {
    const auto node = static_cast<uint32_t>(open->profile.nodes.size());
    if (!levels.empty()) open->callers.emplace_back(node, levels.back().node);
    open->profile.nodes.Add({kNoId, 0});
    levels.push_back({node, {TextId(kAnonymous), 0, 0}, false});
  };
  begin_node();
  std::string_view key;
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.is_in_children) {
      level.is_in_children = json->NextElement();
      if (!level.is_in_children) continue;
      if (json->Enter('{')) {
        begin_node();
      } else {
        Note(*open, FindingCategory::kDropped, "a node that is no object");
      }
    } else if (!json->NextKey(&key)) {
      open->profile.nodes[level.node].frame = FrameOf(level.frame);
      levels.pop_back();
    } else if (key == "id") {
      uint32_t id;
      if (!ReadId(json, open, &id) || !open->node_of.emplace(id, level.node).second) {
        Note(*open, FindingCategory::kDropped, "a node without an id of its own");
      }
    } else if (key == "children") {
      level.is_in_children = json->Enter('[');
    } else {
      ReadFrameField(json, key, 0, &level.frame);
    }
  }
}

// An id may be a number, a text that spells one, or any other text.
bool CpuProfiles::ReadId(JsonCursor* json, Open* open, uint32_t* id) {
  if (!json->IsText()) return json->Id(id);
  std::string_view text;
  if (!json->Text(&text) || text.empty()) return false;
  if (JsonCursor(text).Id(id) && std::to_string(*id) == text) return true;
  constexpr uint32_t kFirstText = uint32_t{1} << 31;  // V8 counts from 1
  const auto next = static_cast<uint32_t>(kFirstText + open->id_of.size());
  *id = open->id_of.emplace(text, next).first->second;
  return true;
}

uint32_t CpuProfiles::ReadFrame(JsonCursor* json) {
  ProfileFrame frame{0, 0, 0};
  std::string_view key;
  // Lines count from 0; -1 if they are unknown.
  while (json->NextKey(&key)) ReadFrameField(json, key, 1, &frame);
  if (frame.function == 0) frame.function = TextId(kAnonymous);
  return FrameOf(frame);
}

// `line_shift` is added to lines, so that they count from 1.
void CpuProfiles::ReadFrameField(JsonCursor* json, std::string_view key, uint32_t line_shift, ProfileFrame* frame) {
  std::string_view text;
  if (key == "functionName") {
    if (json->Text(&text) && !text.empty()) frame->function = TextId(text);
  } else if (key == "url") {
    if (json->Text(&text) && !text.empty()) frame->file = TextId(text);
  } else if (key == "lineNumber") {
    uint32_t line;
    if (json->Id(&line) && line < INT32_MAX) frame->line = line + line_shift;
  }
}

uint32_t CpuProfiles::FrameOf(const ProfileFrame& frame) {
  const auto number = static_cast<uint32_t>(frames_.size());
  const auto [found, is_new] = frame_ids_.emplace(std::make_tuple(frame.function, frame.file, frame.line), number);
  if (is_new) frames_.Add(frame);
  return found->second;
}

uint32_t CpuProfiles::TextId(std::string_view text) {
  const auto found = text_ids_.find(text);
  if (found != text_ids_.end()) return found->second;
  const std::string& kept = texts_.emplace_back(text);
  const auto id = static_cast<uint32_t>(texts_.size());
  text_ids_.emplace(kept, id);
  return id;
}

uint32_t CpuProfiles::AddFrame(std::string_view function, std::string_view file, uint32_t line) {
  return FrameOf({TextId(function.empty() ? kAnonymous : function), file.empty() ? 0 : TextId(file), line});
}

void CpuProfiles::AddProfile(CpuProfile profile) {
  if (profile.times.empty()) return;
  SortSamples(&profile);
  profiles_.push_back(std::move(profile));
}

void CpuProfiles::SortSamples(CpuProfile* profile) {
  if (std::is_sorted(profile->times.begin(), profile->times.end())) return;
  std::vector<std::pair<int64_t, uint32_t>> samples;
  for (size_t i = 0; i < profile->times.size(); ++i) samples.emplace_back(profile->times[i], profile->sampled[i]);
  std::stable_sort(samples.begin(), samples.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < samples.size(); ++i) {
    profile->times[i] = samples[i].first;
    profile->sampled[i] = samples[i].second;
  }
}

void CpuProfiles::Finish() {
  for (Open& open : open_) {
    if (open.profile.sampled.empty()) continue;
    if (!open.has_thread) {
      Note(open, FindingCategory::kRepaired, "chunks of a CPU profile without its beginning: the thread is that of the first");
    }
    if (!open.has_start && !open.has_timestamps) {
      Note(open, FindingCategory::kRepaired, "a CPU profile without startTime: it begins with its first event");
    }
    LinkNodes(&open);
    PlaceSamples(&open);
    if (!open.profile.sampled.empty()) profiles_.push_back(std::move(open.profile));
  }
  open_of_.clear();
  open_.clear();
}

// Replaces ids by numbers of nodes. Removes one caller from nodes that call each other in a circle.
void CpuProfiles::LinkNodes(Open* open) {
  PodVector<ProfileNode>& nodes = open->profile.nodes;
  const auto number_of = [open](uint32_t id) {
    const auto found = open->node_of.find(id);
    return found == open->node_of.end() ? kNoNode : found->second;
  };
  for (const auto& [child, parent] : open->children) {
    const uint32_t node = number_of(child);
    if (node != kNoNode && nodes[node].parent == kNoId) nodes[node].parent = parent;
  }
  for (ProfileNode& node : nodes) {
    if (node.parent == kNoId) continue;
    node.parent = number_of(node.parent);
    if (node.parent == kNoNode) Note(*open, FindingCategory::kRepaired, "a node whose parent is unknown: it has no caller");
  }
  for (const auto& [node, caller] : open->callers) nodes[node].parent = caller;
  // Visits each node once: a walk ends at a node of an earlier walk, or, in a circle, at one of its own.
  std::vector<uint32_t> walk_of(nodes.size(), kNoNode);
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    for (uint32_t at = i; walk_of[at] == kNoNode;) {
      walk_of[at] = i;
      const uint32_t parent = nodes[at].parent;
      if (parent == kNoNode) break;
      if (walk_of[parent] == i) {
        nodes[at].parent = kNoNode;
        Note(*open, FindingCategory::kRepaired, "nodes that call each other in a circle");
        break;
      }
      at = parent;
    }
  }
}

// Replaces differences by times and ids by numbers of nodes, and sorts the samples.
void CpuProfiles::PlaceSamples(Open* open) {
  std::stable_sort(open->chunks.begin(), open->chunks.end(), [](const Chunk& a, const Chunk& b) { return a.time < b.time; });
  struct Sample {
    int64_t time;
    uint32_t node;
  };
  PodVector<Sample> samples;
  CpuProfile& profile = open->profile;
  int64_t time = open->has_start ? open->start : open->chunks[0].time;
  for (const Chunk& chunk : open->chunks) {
    for (size_t i = chunk.first_sample; i < chunk.end_sample; ++i) {
      if (open->has_timestamps) {
        time = profile.times[i];
      } else if (!AddTimes(time, profile.times[i], &time)) {
        Note(*open, FindingCategory::kDropped, "a sample beyond 2^63 ns");
        continue;
      }
      const auto node = open->node_of.find(profile.sampled[i]);
      if (node == open->node_of.end()) {
        Note(*open, FindingCategory::kDropped, "a sample of an unknown node");
      } else if (time < 0) {
        Note(*open, FindingCategory::kDropped, "a sample below 0");
      } else {
        samples.Add({time, node->second});
      }
    }
  }
  const auto is_earlier = [](const Sample& a, const Sample& b) { return a.time < b.time; };
  if (!std::is_sorted(samples.begin(), samples.end(), is_earlier)) {
    std::stable_sort(samples.begin(), samples.end(), is_earlier);
  }
  profile.times.Truncate(0);
  profile.sampled.Truncate(0);
  for (const Sample& sample : samples) {
    profile.times.Add(sample.time);
    profile.sampled.Add(sample.node);
  }
}

uint64_t CpuProfiles::samples() const {
  return std::accumulate(profiles_.begin(), profiles_.end(), uint64_t{0},
                         [](uint64_t sum, const CpuProfile& profile) { return sum + profile.times.size(); });
}

void CpuProfiles::Note(const Open& open, FindingCategory category, const char* reason) {
  Finding* finding = findings_.Count(category, reason, open.origin.offset);
  if (finding == nullptr) return;
  finding->line = open.origin.line;
  finding->excerpt = open.origin.excerpt;
}

}  // namespace tracesmith
