#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "batch/layout.h"
#include "chrome_json/findings.h"
#include "convert/event_record.h"
#include "convert/text_pool.h"
#include "sorting/record_sorter.h"

namespace tracesmith {

// Ids of arrows begin above this, apart from the ids that a trace has itself, and have no gaps.
constexpr uint64_t kFirstArrow = uint64_t{1} << 63;

// The end or a flow of a slice, which only later events tell. Slices, and instants of async tracks, are numbered from 0
// in the order of time; a link's SortKey has this number in place of the time.
struct LinkRecord {
  enum class Kind : uint8_t {
    kEnd,   // the end of a begun slice; the arguments of the end follow
    kFlow,  // an arrow from or to the slice
  };
  uint64_t length;   // kEnd: ns
  uint64_t flow_id;  // kFlow
  Kind kind;
  AttrType flow_type;  // kFlow
};

// Problem: an end and the slices of a flow belong together with events that may be gigabytes away. A Linker reads the
// sorted records of a trace once, pairs ends with begins as Perfetto's importer does, and finds the slices of flows. It
// writes its results as LinkRecords, sorted by slice, which TraceBuilder then reads beside the records.
//
// It keeps nothing about slices that have ended. The sorters are the caller's, except one for flows. One thread at a
// time may use it.
class Linker {
 public:
  // `links` and `texts` must outlive the linker. `options` are those of its own sorter for flows. `origin` is that
  // of EventView.
  Linker(RecordSorter& links, const TextPool& texts, const RecordSorter::Options& options, uint64_t origin)
      : links_(links), texts_(texts), origin_(origin), flows_(options) {}

  // Adds the next record in order.
  void Add(const Record& record);
  // Draws the arrows. The caller must not add records afterwards.
  IoStatus Finish();

  uint64_t unmatched() const { return unmatched_; }
  // Ends that no begin fits and that ended the innermost slice that nothing else ends.
  const Findings& findings() const { return findings_; }
  uint64_t drawn_flows() const { return drawn_; }
  uint64_t undrawn_flows() const { return undrawn_; }

 private:
  static constexpr uint64_t kNoSlice = UINT64_MAX;
  static constexpr uint64_t kNoEnd = UINT64_MAX;
  static constexpr uint64_t kNeverEnds = UINT64_MAX - 1;

  // The texts that an end and its begin have in common, see EventView::NameIdentity().
  struct Label {
    uint64_t name;
    uint64_t category;
  };
  struct Open {
    uint64_t number;
    uint64_t begin;
    uint64_t end;  // kNoEnd: not known yet; kNeverEnds: of a complete event without a duration
    Label label;
  };
  // An end that no open slice fits. A begin of the same time may follow, which it then ends. Else it ends the innermost
  // slice before it that no later end fits; only the end of the trace tells which.
  struct StrayEnd {
    uint64_t time;
    uint64_t next_slice;  // the number of the first slice behind it
    uint64_t offset;      // in the text
    Label label;
    std::string name;
    std::string args;
  };
  // A slice of a flow in the flows' sorter: sorted by flow, then by time.
  struct FlowPoint {
    uint64_t slice;
    FlowRole role;
  };
  struct WaitingFlow {
    uint64_t key;
    uint64_t order;
  };
  struct Thread {
    std::vector<Open> open;
    std::vector<StrayEnd> stray_ends;  // in their order
    std::vector<WaitingFlow> waiting;  // ends of flows that bind to the next slice
  };

  static Label LabelOf(const EventView& event);
  static bool Matches(const Label& end, const Label& begin);
  void Begin(Thread& thread, const EventView& event);
  void End(Thread& thread, const EventView& event);
  void Bind(Thread& thread, const EventView& event);
  // Returns the number of the next slice, and adds its own role in a flow.
  uint64_t Number(const EventView& event);
  void DropEnded(Thread& thread, uint64_t time);
  void AddStray(Thread& thread, const EventView& event, const Label& label);
  // Calls use(const StrayEnd&, const Open*) for each stray end and the slice that it ends if no more ends come.
  template <typename Use>
  static void MatchStrays(const Thread& thread, Use use);
  static void DropUselessStrays(Thread& thread, uint64_t time);
  void EndByStrays(const Thread& thread);
  void AddEnd(uint64_t slice, uint64_t length, const char* args, size_t size);
  void AddPoint(uint64_t key, uint64_t order, const FlowPoint& point);
  void AddFlow(uint64_t slice, AttrType type, uint64_t id);

  RecordSorter& links_;
  const TextPool& texts_;
  const uint64_t origin_;
  RecordSorter flows_;
  std::vector<Thread> threads_;
  std::unordered_map<uint64_t, Thread> async_;  // by key, as long as a slice is open
  uint64_t next_slice_ = 0;
  uint64_t flow_order_ = 0;
  uint64_t unmatched_ = 0;
  Findings findings_;
  uint64_t drawn_ = 0;
  uint64_t undrawn_ = 0;
};

}  // namespace tracesmith
