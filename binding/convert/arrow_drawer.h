#pragma once

#include <cstdint>
#include <vector>

#include "convert/event_record.h"
#include "convert/link_record.h"
#include "sorting/record_sorter.h"

namespace tracesmith {

// One event of a flow, at the slice that it binds to.
struct FlowPoint {
  static constexpr uint64_t kNoSlice = UINT64_MAX;

  uint64_t slice;  // its number, or kNoSlice: it binds to none
  uint64_t begin;  // of the slice, ns
  uint64_t time;   // of the event, ns
  FlowRole role;
};

// Arrows of a trace. Each arrow counts once.
struct ArrowCounts {
  uint64_t drawn = 0;
  uint64_t backward = 0;  // of those, from the slice that it should arrive at, since that begins first
  // Not drawn: no slice to leave from; none to arrive at; to a slice that begins too long before.
  uint64_t start_missing = 0;
  uint64_t end_missing = 0;
  uint64_t backwards = 0;

  uint64_t undrawn() const { return start_missing + end_missing + backwards; }
};

// Problem: the events of a flow are gigabytes apart, and come mixed with those of all others. An ArrowDrawer sorts them
// by flow, and draws the arrows of one flow after the other: from its start or last step to each following step and
// end. A start behind an end begins the flow anew, since programs use their ids again. Other starts of a flow that goes on
// mean nothing.
//
// Readers draw an arrow from the slice that begins first. Clocks of two devices differ a little: an end shortly before its
// start is an arrow that points the wrong way, and better than none.
class ArrowDrawer {
 public:
  // `links` must outlive it. `options` are those of its own sorter.
  ArrowDrawer(RecordSorter& links, const RecordSorter::Options& options) : links_(links), points_(options) {}

  // Adds a point; `order` is the place of the event in the trace.
  void Add(uint64_t flow, uint64_t order, const FlowPoint& point);
  // Draws the arrows. The caller must not add points afterwards.
  IoStatus Finish();

  const ArrowCounts& counts() const { return counts_; }

 private:
  // What is known of a flow.
  struct Flow {
    bool has_start = false;
    bool has_arrow = false;  // from the start, drawn or not
    bool has_end = false;
    FlowPoint from{};              // the start or the last step
    std::vector<FlowPoint> early;  // steps and ends before the first start
  };

  void AddTo(Flow* flow, const FlowPoint& point);
  void Start(Flow* flow, const FlowPoint& point);
  void FinishFlow(const Flow& flow);
  bool HaveSlices(const FlowPoint& from, const FlowPoint& to);
  void DrawEarly(const FlowPoint& from, const FlowPoint& to);
  void Draw(const FlowPoint& from, const FlowPoint& to);
  void AddLink(uint64_t slice, AttrType type, uint64_t id);

  RecordSorter& links_;
  RecordSorter points_;
  ArrowCounts counts_;
};

}  // namespace tracesmith
