#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "chrome_json/findings.h"
#include "convert/arrow_drawer.h"
#include "convert/event_record.h"
#include "convert/link_record.h"
#include "convert/text_pool.h"
#include "sorting/record_sorter.h"

namespace tracesmith {

// By key of async events: their process, or kSeveral.
struct AsyncProcesses {
  static constexpr uint32_t kSeveral = UINT32_MAX;

  void Add(uint64_t key, uint32_t process) {
    const auto [found, is_new] = of_key.emplace(key, process);
    if (!is_new && found->second != process) found->second = kSeveral;
  }

  std::unordered_map<uint64_t, uint32_t> of_key;
};

// Problem: an end and the slices of a flow belong together with events that may be gigabytes away. A Linker reads the
// sorted records of a trace once, pairs ends with begins as Perfetto's importer does, and finds the slices of flows, whose
// arrows its ArrowDrawer draws. It writes its results as LinkRecords, sorted by slice, which TraceBuilder then reads
// beside the records.
//
// It keeps nothing about slices that have ended. The sorters are the caller's, except one for flows. One thread at a
// time may use it.
class Linker {
 public:
  // `links` and `texts` must outlive the linker. `options` are those of its own sorter for flows. `origin` is that
  // of EventView.
  Linker(RecordSorter& links, const TextPool& texts, const RecordSorter::Options& options, uint64_t origin)
      : links_(links), texts_(texts), origin_(origin), arrows_(links, options) {}

  // Adds the next record in order.
  void Add(const Record& record);
  // Draws the arrows. The caller must not add records afterwards.
  IoStatus Finish();

  uint64_t unmatched() const { return unmatched_; }
  // Ends that no begin fits and that ended the innermost slice that nothing else ends.
  const Findings& findings() const { return findings_; }
  const ArrowCounts& arrows() const { return arrows_.counts(); }
  // The processes of async events.
  AsyncProcesses TakeAsyncProcesses() { return std::move(async_processes_); }

 private:
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
    uint64_t offset;  // in the text
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
  // A flow event whose slice may come later.
  struct WaitingFlow {
    uint64_t flow;
    uint64_t order;
    uint64_t offset;  // of the best slice so far, in the text
    FlowPoint point;  // at that slice, or none
  };
  // A slice without length, of a begin and an end.
  struct Moment {
    uint64_t number;
    uint64_t released = 0;  // held slices that end behind it
    uint8_t flags = 0;      // RowFlag
  };
  struct Thread {
    std::vector<Open> open;
    std::vector<Moment> moments;  // of one time
    uint64_t moment_time = 0;
    size_t latest_moment = 0;  // the one that begins last
    std::vector<StrayEnd> stray_ends;  // in their order
    std::vector<WaitingFlow> waiting_for_next;  // ends of flows that bind to the next slice
    // At one time, and not inside a slice: they bind to one that begins at that time, else to one that ended then.
    std::vector<WaitingFlow> waiting_for_begin;
    Open last_ended{};  // by an end: of those that ended at one time the innermost
    uint64_t last_end = kNoEnd;
  };

  static Label LabelOf(const EventView& event);
  static bool Matches(const Label& end, const Label& begin);
  void Begin(Thread& thread, const EventView& event);
  void End(Thread& thread, const EventView& event);
  void Bind(Thread& thread, const EventView& event);
  static void SetSlice(WaitingFlow* flow, const Open& slice);
  static const Open* NextOf(const Thread& thread, const EventView& event);
  static const Open* InnermostAt(const Thread& thread, uint64_t time);
  void BindWaiting(Thread& thread, const Open& begun);
  void BindAtTime(Thread& thread);
  // Returns the number of the next slice, and adds its own role in a flow.
  uint64_t Number(const EventView& event);
  static void DropEnded(Thread& thread, uint64_t time);
  void AddMoment(Thread& thread, uint64_t number, uint64_t time);
  static void PlaceInside(Thread& thread, const Open& around, uint64_t time);
  void FinishMoments(Thread& thread);
  void AddStray(Thread& thread, const EventView& event, const Label& label);
  // Calls use(const StrayEnd&, const Open*) for each stray end and the slice that it ends if no more ends come.
  template <typename Use>
  static void MatchStrays(const Thread& thread, Use use);
  static void DropUselessStrays(Thread& thread, uint64_t time);
  void EndByStrays(const Thread& thread);
  void AddEnd(uint64_t slice, uint64_t length, const char* args, size_t size);
  RecordSorter& links_;
  const TextPool& texts_;
  const uint64_t origin_;
  ArrowDrawer arrows_;
  std::vector<Thread> threads_;
  std::unordered_map<uint64_t, Thread> async_;  // by key, as long as a slice is open
  AsyncProcesses async_processes_;
  uint64_t next_slice_ = 0;
  uint64_t flow_order_ = 0;
  uint64_t unmatched_ = 0;
  Findings findings_;
};

}  // namespace tracesmith
