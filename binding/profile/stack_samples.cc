#include "profile/stack_samples.h"

#include <map>
#include <utility>

#include "chrome_json/numbers.h"

namespace tracesmith {
namespace {

// A text or a number as it is written; empty for anything else.
std::string TextOrNumber(JsonCursor* json) {
  std::string_view text;
  if (json->IsText()) return json->Text(&text) ? std::string(text) : std::string();
  return json->Word();
}

}  // namespace

// Ids of threads and processes stand as texts or as numbers, which are the same.
EventId StackSamples::IdOf(const std::string& text) {
  EventId id;
  if (text.empty()) return id;
  id.kind = EventId::Kind::kText;
  id.text = text;
  return id;
}

void StackSamples::ReadFrames(std::string_view text) {
  JsonCursor json(text);
  std::string_view key;
  if (!json.Enter('{')) return;
  while (json.NextKey(&key)) {
    const std::string id(key);
    if (!json.Enter('{')) continue;
    std::string name;
    std::string file;
    std::string parent;
    uint32_t line = 0;
    while (json.NextKey(&key)) {
      if (key == "name") {
        name = TextOrNumber(&json);
      } else if (key == "parent") {
        parent = TextOrNumber(&json);
      } else if (key == "file" || key == "url") {
        file = TextOrNumber(&json);
      } else if (key == "line") {
        const std::string number = TextOrNumber(&json);
        if (!JsonCursor(number).Id(&line)) line = 0;
      }
    }
    frames_[id] = {profiles_.AddFrame(name, file, line), std::move(parent)};
  }
}

void StackSamples::ReadSamples(std::string_view text, uint64_t offset, uint64_t line) {
  const auto note = [&](FindingCategory category, const char* reason) {
    Finding* finding = findings_.Count(category, reason, offset);
    if (finding == nullptr) return;
    finding->line = line;
    const auto* begin = reinterpret_cast<const uint8_t*>(text.data());
    finding->excerpt = Excerpt(begin, begin + text.size());
  };
  JsonCursor json(text);
  if (!json.Enter('[')) return note(FindingCategory::kDropped, "samples that are no array");
  std::map<uint32_t, Stacks> stacks_of;  // by thread
  while (json.NextElement()) {
    if (!json.Enter('{')) {
      note(FindingCategory::kDropped, "a sample that is no object");
      continue;
    }
    std::string pid;
    std::string tid;
    std::string frame;
    std::string time_text;
    std::string_view key;
    while (json.NextKey(&key)) {
      if (key == "pid") {
        pid = TextOrNumber(&json);
      } else if (key == "tid") {
        tid = TextOrNumber(&json);
      } else if (key == "sf") {
        frame = TextOrNumber(&json);
      } else if (key == "ts") {
        time_text = TextOrNumber(&json);
      }
    }
    const TimeValue time = ParseMicroseconds(time_text);
    if (time.state != TimeState::kValid || time.nanoseconds < 0) {
      note(FindingCategory::kDropped, "a sample without a time");
      continue;
    }
    const uint32_t thread =
        pid.empty() ? process_table_.ThreadWithTid(IdOf(tid)) : process_table_.ThreadOf(IdOf(pid), IdOf(tid));
    Stacks& stacks = stacks_of[thread];
    const uint32_t node = NodeOf(&stacks, frame);
    if (node == kNoNode) {
      note(FindingCategory::kDropped, "a sample of an unknown stack frame");
      continue;
    }
    stacks.profile.times.Add(time.nanoseconds);
    stacks.profile.sampled.Add(node);
  }
  if (json.is_cut()) note(FindingCategory::kDamaged, "the text ends inside the samples");
  for (auto& [thread, stacks] : stacks_of) {
    stacks.profile.thread = thread;
    profiles_.AddProfile(std::move(stacks.profile));
  }
}

// Returns the node of a frame and makes those of its callers, the outermost first; kNoNode if the frame is unknown.
uint32_t StackSamples::NodeOf(Stacks* stacks, const std::string& id) {
  std::vector<const std::string*> missing;
  uint32_t parent = kNoNode;
  for (const std::string* at = &id;;) {
    const auto known = stacks->node_of.find(*at);
    if (known != stacks->node_of.end()) {
      parent = known->second;
      break;
    }
    const auto frame = frames_.find(*at);
    // More callers than there are frames: they call each other in a circle.
    if (frame == frames_.end() || missing.size() == frames_.size()) break;
    missing.push_back(&frame->first);
    at = &frame->second.parent;
  }
  for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
    const auto node = static_cast<uint32_t>(stacks->profile.nodes.size());
    if (!stacks->node_of.emplace(**at, node).second) continue;
    stacks->profile.nodes.Add({parent, frames_.at(**at).frame});
    parent = node;
  }
  const auto found = stacks->node_of.find(id);
  return found == stacks->node_of.end() ? kNoNode : found->second;
}

}  // namespace tracesmith
