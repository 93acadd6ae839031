#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "chrome_json/chrome_event.h"
#include "base/pod_vector.h"
#include "sorting/record.h"
#include "convert/event_record.h"
#include "chrome_json/identities.h"

namespace tracesmith {

// What the events of a block of text say, as far as it does not depend on those before: an EventParser fills
// it, an EventCollector takes it away. Kept for its memory.
struct ParsedBlock {
  // A record to be. Threads and processes are those of the block; keys are not yet mixed with the process.
  struct Item {
    SortKey key;
    EventRecord head;
    uint32_t begin;  // of what comes behind the head, in `bytes`
    uint32_t size;
  };
  // What a metadata event says.
  struct Naming {
    enum class Kind : uint8_t { kProcessName, kProcessLabel, kProcessSortIndex, kThreadName, kThreadSortIndex };
    Kind kind;
    uint32_t of;  // a process or thread of the block
    std::string text;
    int64_t sort_index;
  };
  // A part of a CPU profile, which is read when its turn comes.
  struct ProfilePart {
    ChromeEvent event;
    // Of the block, that were named before.
    size_t processes;
    size_t threads;
  };

  // Events by phase; the last two are other texts and none.
  static constexpr size_t kOtherPhases = 128;
  static constexpr size_t kNoPhase = 129;
  using Phases = std::array<uint64_t, kNoPhase + 1>;

  PodVector<Item> items;
  PodVector<uint8_t> bytes;
  Identities identities;
  std::vector<Naming> namings;
  std::vector<ProfilePart> profile_parts;
  std::deque<std::string> profile_texts;  // of their events
  uint64_t events = 0;
  Phases phases{};
  bool has_complete = false;
  bool needs_links = false;

  void Clear() {
    items.Truncate(0);
    bytes.Truncate(0);
    identities.Clear();
    namings.clear();
    profile_parts.clear();
    profile_texts.clear();
    events = 0;
    phases = {};
    has_complete = false;
    needs_links = false;
  }
};

}  // namespace tracesmith
