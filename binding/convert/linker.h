#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

#include "batch/layout.h"
#include "sorting/record_sorter.h"
#include "convert/event_record.h"

namespace tracesmith {

// What is known of a slice only once later events were seen. Slices, and instants of async tracks, are
// numbered from 0 in the order of time; the number is the time of a link's key.
struct LinkRecord {
  enum class Kind : uint8_t {
    kEnd,   // the end of what was begun; the arguments of the end follow
    kFlow,  // an arrow that leaves, arrives or goes on
  };
  uint64_t value;  // kEnd: the length in ns; kFlow: the id
  Kind kind;
  AttrType flow_type;
};

// Goes once through the sorted records of a trace, pairs begins with ends, and finds the slices that flows
// bind to. What it finds are links, which are sorted by slice: nothing is kept of what is over.
class Linker {
 public:
  // `links` must outlive the linker. The options are of a sorter of its own, for the flows.
  Linker(RecordSorter& links, const RecordSorter::Options& options) : links_(links), flows_(options) {}

  // The records, in order.
  void Take(const Record& record);
  // After the last: draws the arrows.
  IoStatus Finish();

  uint64_t unmatched() const { return unmatched_; }
  uint64_t drawn_flows() const { return drawn_; }
  uint64_t undrawn_flows() const { return undrawn_; }

 private:
  static constexpr uint64_t kNoSlice = UINT64_MAX;

  struct Open {
    uint64_t number;
    uint64_t begin;
    uint64_t end;  // UINT64_MAX: begun, not ended yet
    uint64_t name;      // identities, 0 for none
    uint64_t category;
  };
  // An end that came before its begin at one time, as it does where they are sorted by phase.
  struct EarlyEnd {
    uint64_t time;
    uint64_t name;
    uint64_t category;
    std::string args;
  };
  // An end of an arrow in the flows' sorter: by flow, then in the order of time.
  struct FlowPoint {
    uint64_t slice;
    RecordKind kind;
  };
  struct WaitingFlow {
    uint64_t key;
    uint64_t order;
  };
  struct Thread {
    std::vector<Open> open;
    std::vector<EarlyEnd> early_ends;
    std::vector<WaitingFlow> waiting;  // for the next slice
  };

  void Begin(Thread& thread, const Record& record, const EventRecord& event);
  void End(Thread& thread, const Record& record, const EventRecord& event);
  void Bind(Thread& thread, uint64_t time, const EventRecord& event);
  // The number of the next slice, with what flow it is bound to.
  uint64_t Number(const Record& record, const EventRecord& event);
  void DropEnded(Thread& thread, uint64_t time);
  void AddEnd(uint64_t slice, uint64_t length, const char* args, size_t size);
  void AddPoint(uint64_t key, uint64_t order, const FlowPoint& point);
  void AddFlow(uint64_t slice, AttrType type, uint64_t id);
  void Draw(const FlowPoint& from, const FlowPoint& to);

  RecordSorter& links_;
  RecordSorter flows_;
  std::vector<Thread> threads_;
  std::unordered_map<uint64_t, Thread> async_;  // by key, while anything is open
  uint64_t next_slice_ = 0;
  uint64_t flow_order_ = 0;
  uint64_t next_arrow_ = 0;
  uint64_t unmatched_ = 0;
  uint64_t drawn_ = 0;
  uint64_t undrawn_ = 0;
};

// Where the key of a bound flow lies in a record, and where the arguments do.
inline const uint8_t* FlowOf(const Record& record, const EventRecord& event) {
  return record.data + sizeof(EventRecord) + event.name_size + event.category_size;
}
inline const uint8_t* ArgsOf(const Record& record, const EventRecord& event) {
  return FlowOf(record, event) + FlowSizeOf(event);
}
inline EventRecord HeadOf(const Record& record) {
  EventRecord event;
  std::memcpy(&event, record.data, sizeof(event));
  return event;
}

}  // namespace tracesmith
