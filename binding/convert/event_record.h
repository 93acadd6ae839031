#pragma once

#include <cstddef>
#include <cstdint>

namespace tracesmith {

// What an event is on a timeline.
enum class RecordKind : uint8_t {
  kComplete,      // X
  kBegin,         // B
  kEnd,           // E
  kAsyncBegin,    // b
  kAsyncEnd,      // e
  kAsyncInstant,  // n
  kInstant,       // of a thread
  kProcessInstant,
  kGlobalInstant,
  kCounter,
  kFlowStart,  // s
  kFlowStep,   // t
  kFlowEnd,    // f that binds to the slice around it
  kFlowEndNext,  // f that binds to the next slice of its thread
};

// The rank of an end in a SortKey once there was a complete event: at one time ends come first, then complete
// events, the longest before the others, then the rest as it came, as in Perfetto's importer.
constexpr uint64_t kEndRank = 0;

enum RecordFlag : uint8_t {
  kHasName = 1,
  kHasCategory = 2,
  kOfProcess = 4,  // the track of kAsync... belongs to the process
};

// The head of a record in a RecordSorter, whose key has the time in ns. Behind it come the name and the
// category where their ids are 0 and their sizes are not, a key of 8 bytes where there is a bound flow, then the arguments, as ArgRecorder
// writes them.
struct EventRecord {
  uint64_t duration;  // of kComplete: ns
  uint64_t key;       // of what has an id: what belongs together, mixed
  uint32_t thread;    // or the process, of what is not of a thread
  uint32_t name;      // ids of the pool
  uint32_t category;
  uint32_t name_size;  // of texts that follow; with an id 0 and a size 0 there is none
  uint32_t category_size;
  RecordKind kind;
  // Of a flow that the event itself begins, continues or ends (`bind_id`): a RecordKind, else kComplete. Its key
  // comes behind the texts.
  RecordKind bound_flow;
  uint8_t flags;

  bool has_name() const { return (flags & kHasName) != 0; }
  bool has_category() const { return (flags & kHasCategory) != 0; }
  bool is_of_process() const { return (flags & kOfProcess) != 0; }
};

inline size_t FlowSizeOf(const EventRecord& record) {
  return record.bound_flow == RecordKind::kComplete ? 0 : sizeof(uint64_t);
}

}  // namespace tracesmith
