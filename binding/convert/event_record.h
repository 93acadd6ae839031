#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/pod_vector.h"
#include "chrome_json/chrome_event.h"
#include "chrome_json/process_table.h"
#include "convert/compact_args.h"
#include "sorting/record_run.h"

namespace tracesmith {

// The role of an event on a timeline, with its phase.
enum class RecordKind : uint8_t {
  kComplete,      // X
  kBegin,         // B
  kEnd,           // E
  kAsyncBegin,    // b
  kAsyncEnd,      // e
  kAsyncInstant,  // n
  kInstant,       // i of a thread
  kProcessInstant,
  kGlobalInstant,
  kCounter,      // C
  kFlowStart,    // s
  kFlowStep,     // t
  kFlowEnd,      // f that binds to the slice around it
  kFlowEndNext,  // f that binds to the next slice of its thread
};

// The role of a slice in a flow.
enum class FlowRole : uint8_t { kNone, kStart, kStep, kEnd };

// The time in a SortKey, which has no sign. The reader of records subtracts the origin of the trace: SortTimeOf(0), or of
// the lowest time if that is below 0.
constexpr uint64_t SortTimeOf(int64_t nanoseconds) { return static_cast<uint64_t>(nanoseconds) ^ (uint64_t{1} << 63); }

// The reason of a finding, which is one only if the events at 0 lie years before the rest.
inline constexpr char kZeroTime[] = "a ts of 0, years before the other events";

// The rank in a SortKey of all but complete events. Events of one time are read in this order: complete events, the
// longest first, then all others as they came.
constexpr uint64_t kRestRank = UINT64_MAX;

// Of a complete event that does not say how long it took.
constexpr uint64_t kNoDuration = UINT64_MAX;

enum RecordFlag : uint8_t {
  kHasName = 1,
  kHasCategory = 2,
  kOfProcess = 4,  // kAsync..., kCounter: the track belongs to the process
  kInBytes = 8,    // kCounter: the unit of the values
  kHasPlace = 16,  // an EventPlace lies in the place of the arguments, which were skipped
};

// Where an event lies in the text.
struct EventPlace {
  uint64_t offset;
  uint64_t size;
};

// An event in a RecordSorter, which has its time in the key. Behind this head follow, in this order: the name, if its
// id is 0; the category, if its id is 0; 8 bytes with the key of the flow, if the event has a role in one; the
// arguments, as ArgRecorder writes them. The only argument of a counter is its value.
struct EventRecord {
  uint64_t duration;       // kComplete: ns, or kNoDuration; kEnd, kFlow...: the offset of the event in the text
  uint64_t key;            // kAsync..., kCounter, kFlow...: a hash of everything that identifies the track or flow;
                           // kComplete, kBegin: the offset of the event in the text
  uint32_t owner;          // the number of the thread; of the process for kAsync..., kProcessInstant and kCounter;
                           // of kGlobalInstant nothing
  uint32_t name_id;        // of the TextPool; 0: see name_size
  uint32_t category_id;    // the same
  uint32_t name_size;      // of the name behind the head
  uint32_t category_size;  // of the category behind the head
  RecordKind kind;
  FlowRole flow_role;  // of the event itself, by its `bind_id`
  uint8_t flags;

  bool has_name() const { return (flags & kHasName) != 0; }
  bool has_category() const { return (flags & kHasCategory) != 0; }
  bool is_of_process() const { return (flags & kOfProcess) != 0; }
  bool is_in_bytes() const { return (flags & kInBytes) != 0; }
  bool has_process_owner() const {
    return kind == RecordKind::kAsyncBegin || kind == RecordKind::kAsyncEnd || kind == RecordKind::kAsyncInstant ||
           kind == RecordKind::kProcessInstant || kind == RecordKind::kCounter;
  }
  bool has_thread_owner() const { return !has_process_owner() && kind != RecordKind::kGlobalInstant; }
};

// A record that is read back. Views are valid as long as the record.
class EventView {
 public:
  EventView(const Record& record, uint64_t origin)
      : time(std::min(record.key.time - origin, kMaxInt64)), args_end(record.data + record.size) {
    std::memcpy(&head, record.data, sizeof(head));
    const uint8_t* at = record.data + sizeof(head);
    name = {head.name_id, {reinterpret_cast<const char*>(at), head.name_size}};
    at += head.name_size;
    category = {head.category_id, {reinterpret_cast<const char*>(at), head.category_size}};
    at += head.category_size;
    if (head.flow_role != FlowRole::kNone) {
      std::memcpy(&flow_key, at, sizeof(flow_key));
      at += sizeof(flow_key);
    }
    args = at;
  }

  // Numbers that are equal for equal texts; 0 if there is none.
  uint64_t NameIdentity() const { return head.has_name() ? IdentityOf(name) : 0; }
  uint64_t CategoryIdentity() const { return head.has_category() ? IdentityOf(category) : 0; }

  uint64_t time;
  EventRecord head;
  CompactText name;      // if head.has_name()
  CompactText category;  // if head.has_category()
  uint64_t flow_key = 0;
  const uint8_t* args;
  const uint8_t* args_end;

 private:
  static constexpr uint64_t kInline = uint64_t{1} << 63;

  // A text either has an id in all records or in none.
  static uint64_t IdentityOf(const CompactText& text) { return text.id != 0 ? text.id : HashOf(text.text) | kInline; }
};

// Problem: several threads parse blocks at a time, but numbers of processes and some ranks depend on the blocks before.
// A ParsedBlock holds the events of one TextBlock as far as they do not depend on other blocks. An EventParser fills
// it, an EventCollector turns it into records; the caller keeps a few and fills them again and again.
struct ParsedBlock {
  // An event whose owner is a number of the block's own ProcessTable, and whose key is not yet mixed with the process.
  struct Event {
    SortKey key;
    EventRecord head;
    uint32_t begin;  // in `bytes`, of the rest of the record
    uint32_t size;
  };
  // A metadata event.
  struct Naming {
    enum class Kind : uint8_t { kProcessName, kProcessLabel, kProcessSortIndex, kThreadName, kThreadSortIndex };
    Kind kind;
    uint32_t owner;  // a process or thread of the block
    std::string text;
    int64_t sort_index;  // kAbsent if the text is no number
  };
  static constexpr bool IsOfThread(Naming::Kind kind) { return kind >= Naming::Kind::kThreadName; }
  // An event of a CPU profile, which CpuProfiles must read in the order of the trace.
  struct ProfileEvent {
    ChromeEvent event;
    // The size of `process_table` before it.
    size_t process_count;
    size_t thread_count;
  };

  // Counts of events by phase. The last two are texts of several characters, and no phase.
  static constexpr size_t kOtherPhases = 128;
  static constexpr size_t kNoPhase = 129;
  using Phases = std::array<uint64_t, kNoPhase + 1>;

  PodVector<Event> events;
  PodVector<uint8_t> bytes;
  ProcessTable process_table;
  std::vector<Naming> namings;
  std::vector<ProfileEvent> profile_events;
  std::deque<std::string> profile_texts;  // the texts of profile_events
  int64_t lowest_time = 0;                // ns; 0 if none is below
  uint64_t event_count = 0;               // of all events, also those that have no record
  Phases phases{};
  bool needs_links = false;

  void Clear() {
    events.Truncate(0);
    bytes.Truncate(0);
    process_table.Clear();
    namings.clear();
    profile_events.clear();
    profile_texts.clear();
    lowest_time = 0;
    event_count = 0;
    phases = {};
    needs_links = false;
  }
};

}  // namespace tracesmith
