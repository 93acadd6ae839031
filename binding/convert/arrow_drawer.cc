#include "convert/arrow_drawer.h"

#include <cstring>

namespace tracesmith {
namespace {

// Two slices whose begins are further apart are no matter of clocks that differ.
constexpr uint64_t kMaxSkew = 1'000'000;  // ns

// A flow that never starts must not fill the memory.
constexpr size_t kMaxEarly = 64;

}  // namespace

void ArrowDrawer::Add(uint64_t flow, uint64_t order, const FlowPoint& point) { AddStruct(points_, {flow, order}, point); }

IoStatus ArrowDrawer::Finish() {
  const IoStatus status = points_.Finish();
  Record record;
  uint64_t key = 0;
  Flow flow;
  while (points_.Next(&record)) {
    if (record.key.time != key) {
      FinishFlow(flow);
      key = record.key.time;
      flow = {};
    }
    FlowPoint point;
    std::memcpy(&point, record.data, sizeof(point));
    AddTo(&flow, point);
  }
  FinishFlow(flow);
  return status.ok() ? points_.status() : status;
}

void ArrowDrawer::AddTo(Flow* flow, const FlowPoint& point) {
  if (point.role == FlowRole::kStart) return Start(flow, point);
  if (!flow->has_start) {
    if (flow->early.size() < kMaxEarly) return flow->early.push_back(point);
    ++counts_.start_missing;
    return;
  }
  if (HaveSlices(flow->from, point)) Draw(flow->from, point);
  flow->has_arrow = true;
  if (point.role == FlowRole::kStep) {
    flow->from = point;
  } else {
    flow->has_end = true;
  }
}

void ArrowDrawer::Start(Flow* flow, const FlowPoint& point) {
  const bool is_lost = flow->has_start && flow->from.slice == FlowPoint::kNoSlice;
  if (flow->has_start && !flow->has_end && !is_lost) {
    ++counts_.end_missing;
    return;
  }
  if (is_lost) FinishFlow(*flow);
  flow->has_start = true;
  flow->has_arrow = !flow->early.empty();
  flow->has_end = false;
  flow->from = point;
  for (const FlowPoint& to : flow->early) {
    DrawEarly(point, to);
    flow->has_end |= to.role == FlowRole::kEnd;
  }
  flow->early.clear();
}

void ArrowDrawer::FinishFlow(const Flow& flow) {
  counts_.start_missing += flow.early.size();
  if (!flow.has_start || flow.has_arrow) return;
  ++(flow.from.slice == FlowPoint::kNoSlice ? counts_.start_missing : counts_.end_missing);
}

// Counts an arrow that lacks a slice.
bool ArrowDrawer::HaveSlices(const FlowPoint& from, const FlowPoint& to) {
  if (from.slice == FlowPoint::kNoSlice) {
    ++counts_.start_missing;
  } else if (to.slice == FlowPoint::kNoSlice) {
    ++counts_.end_missing;
  } else {
    return true;
  }
  return false;
}

// The start comes behind the end.
void ArrowDrawer::DrawEarly(const FlowPoint& from, const FlowPoint& to) {
  if (!HaveSlices(from, to)) return;
  const uint64_t distance = from.begin < to.begin ? to.begin - from.begin : from.begin - to.begin;
  const bool is_forward = from.time == to.time && from.begin <= to.begin;
  if (is_forward || distance <= kMaxSkew) return Draw(from, to);
  ++counts_.backwards;
}

// Both slices have the same flow id. It ends at the later one, unless readers might read that one first.
void ArrowDrawer::Draw(const FlowPoint& from, const FlowPoint& to) {
  const uint64_t id = kFirstArrow | ++counts_.drawn;
  if (to.slice < from.slice) ++counts_.backward;
  const bool ends = from.begin < to.begin || from.slice == to.slice;
  AddLink(from.slice, AttrType::kFlow, id);
  AddLink(to.slice, ends ? AttrType::kTerminatingFlow : AttrType::kFlow, id);
}

void ArrowDrawer::AddLink(uint64_t slice, AttrType type, uint64_t id) {
  AddStruct(links_, {slice, 1}, LinkRecord{0, id, LinkRecord::Kind::kFlow, type});
}

}  // namespace tracesmith
