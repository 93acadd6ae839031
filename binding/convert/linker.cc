#include "convert/linker.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tracesmith {
namespace {

constexpr char kEndsAnother[] = "an end whose begin has another name: it ends the innermost open slice";

template <typename T>
void AddStruct(RecordSorter& sorter, SortKey key, const T& head, const char* more = nullptr, size_t size = 0) {
  sorter.Add(key, reinterpret_cast<const uint8_t*>(&head), sizeof(head), reinterpret_cast<const uint8_t*>(more), size);
}

}  // namespace

// A name or category that is absent on either side matches any.
bool Linker::Matches(const Label& end, const Label& begin) {
  const auto fits = [](uint64_t a, uint64_t b) { return a == 0 || b == 0 || a == b; };
  return fits(end.name, begin.name) && fits(end.category, begin.category);
}

// The category of an async event is part of its key.
Linker::Label Linker::LabelOf(const EventView& event) {
  const bool is_async = event.head.kind == RecordKind::kAsyncBegin || event.head.kind == RecordKind::kAsyncEnd;
  return {event.NameIdentity(), is_async ? 0 : event.CategoryIdentity()};
}

void Linker::Add(const Record& record) {
  const EventView event(record, origin_);
  switch (event.head.kind) {
    case RecordKind::kComplete:
    case RecordKind::kBegin:
    case RecordKind::kEnd:
    case RecordKind::kFlowStart:
    case RecordKind::kFlowStep:
    case RecordKind::kFlowEnd:
    case RecordKind::kFlowEndNext: {
      const RecordKind kind = event.head.kind;
      if (event.head.owner >= threads_.size()) threads_.resize(event.head.owner + 1);
      Thread& thread = threads_[event.head.owner];
      if (kind == RecordKind::kEnd) return End(thread, event);
      if (kind == RecordKind::kComplete || kind == RecordKind::kBegin) return Begin(thread, event);
      return Bind(thread, event);
    }
    case RecordKind::kAsyncBegin:
      return Begin(async_[event.head.key], event);
    case RecordKind::kAsyncEnd: {
      const auto found = async_.find(event.head.key);
      if (found == async_.end()) {
        ++unmatched_;
        return;
      }
      End(found->second, event);
      if (found->second.open.empty()) async_.erase(found);
      return;
    }
    case RecordKind::kAsyncInstant:
      Number(event);
      return;
    default:
      return;
  }
}

uint64_t Linker::Number(const EventView& event) {
  const uint64_t number = next_slice_++;
  if (event.head.flow_role != FlowRole::kNone) {
    AddPoint(event.flow_key, flow_order_++, {number, event.head.flow_role});
  }
  return number;
}

// Ended slices may stay below open ones.
void Linker::DropEnded(Thread& thread, uint64_t time) {
  const auto is_over = [time](const Open& slice) {
    return slice.end < time || (slice.end == time && slice.begin < time);
  };
  while (!thread.open.empty() && is_over(thread.open.back())) thread.open.pop_back();
}

void Linker::Begin(Thread& thread, const EventView& event) {
  const uint64_t time = event.time;
  const uint64_t number = Number(event);
  DropEnded(thread, time);
  for (const WaitingFlow& flow : thread.waiting) AddPoint(flow.key, flow.order, {number, FlowRole::kEnd});
  thread.waiting.clear();
  if (event.head.kind == RecordKind::kComplete) {
    const uint64_t duration = event.head.duration;
    thread.open.push_back({number, time, duration == kNoDuration ? kNeverEnds : time + duration, {}});
    return;
  }
  const Label label = LabelOf(event);
  if (event.head.kind == RecordKind::kBegin) {
    const auto end = std::find_if(thread.stray_ends.begin(), thread.stray_ends.end(), [&](const StrayEnd& stray) {
      return stray.time == time && Matches(stray.label, label);
    });
    if (end != thread.stray_ends.end()) {
      AddEnd(number, 0, end->args.data(), end->args.size());
      thread.stray_ends.erase(end);
      --unmatched_;
      return;
    }
  }
  thread.open.push_back({number, time, kNoEnd, label});
}

// An end closes the latest open slice that matches.
void Linker::End(Thread& thread, const EventView& event) {
  const uint64_t time = event.time;
  const Label label = LabelOf(event);
  const auto* args = reinterpret_cast<const char*>(event.args);
  const auto size = static_cast<size_t>(event.args_end - event.args);
  DropEnded(thread, time);
  const auto found = std::find_if(thread.open.rbegin(), thread.open.rend(), [&](const Open& slice) {
    return slice.end == kNoEnd && Matches(label, slice.label);
  });
  if (found != thread.open.rend()) {
    AddEnd(found->number, time - found->begin, args, size);
    thread.open.erase(std::next(found).base());
    return;
  }
  ++unmatched_;
  if (event.head.kind == RecordKind::kEnd) AddStray(thread, event, label);
}

// A thread keeps no more than some for each open slice.
void Linker::AddStray(Thread& thread, const EventView& event, const Label& label) {
  constexpr size_t kFewStrays = 16;
  if (thread.stray_ends.size() > kFewStrays + 2 * thread.open.size()) DropUselessStrays(thread, event.time);
  const std::string_view name = event.head.has_name() ? TextIn(texts_, event.name) : std::string_view();
  const auto* args = reinterpret_cast<const char*>(event.args);
  thread.stray_ends.push_back({event.time, next_slice_, event.head.duration, label, std::string(name),
                               std::string(args, static_cast<size_t>(event.args_end - event.args))});
}

// Like brackets: an end takes the innermost slice before it that no earlier stray end took.
template <typename Use>
void Linker::MatchStrays(const Thread& thread, Use use) {
  std::vector<const Open*> open;
  auto slice = thread.open.begin();
  for (const StrayEnd& stray : thread.stray_ends) {
    for (; slice != thread.open.end() && slice->number < stray.next_slice; ++slice) {
      if (slice->end == kNoEnd) open.push_back(&*slice);
    }
    use(stray, open.empty() ? nullptr : open.back());
    if (!open.empty()) open.pop_back();
  }
}

// An end that has no slice now never gets one: later ends only take slices away. Ends of this time are kept, since a begin
// may follow.
void Linker::DropUselessStrays(Thread& thread, uint64_t time) {
  std::vector<StrayEnd> kept;
  MatchStrays(thread, [&](const StrayEnd& stray, const Open* slice) {
    if (slice != nullptr || stray.time == time) kept.push_back(stray);
  });
  thread.stray_ends = std::move(kept);
}

void Linker::EndByStrays(const Thread& thread) {
  MatchStrays(thread, [this](const StrayEnd& stray, const Open* slice) {
    if (slice == nullptr) return;
    AddEnd(slice->number, stray.time - slice->begin, stray.args.data(), stray.args.size());
    --unmatched_;
    Finding* finding = findings_.Count(FindingCategory::kRepaired, kEndsAnother, stray.offset);
    const auto* name = reinterpret_cast<const uint8_t*>(stray.name.data());
    if (finding != nullptr) finding->excerpt = Excerpt(name, name + stray.name.size());
  });
}

void Linker::Bind(Thread& thread, const EventView& event) {
  const uint64_t order = flow_order_++;
  const RecordKind kind = event.head.kind;
  if (kind == RecordKind::kFlowEndNext) {
    thread.waiting.push_back({event.head.key, order});
    return;
  }
  DropEnded(thread, event.time);
  if (thread.open.empty()) {
    ++undrawn_;
    return;
  }
  const FlowRole role = kind == RecordKind::kFlowStart  ? FlowRole::kStart
                        : kind == RecordKind::kFlowStep ? FlowRole::kStep
                                                        : FlowRole::kEnd;
  AddPoint(event.head.key, order, {thread.open.back().number, role});
}

void Linker::AddEnd(uint64_t slice, uint64_t length, const char* args, size_t size) {
  AddStruct(links_, {slice, 0}, LinkRecord{length, 0, LinkRecord::Kind::kEnd, AttrType::kEnd}, args, size);
}

void Linker::AddPoint(uint64_t key, uint64_t order, const FlowPoint& point) { AddStruct(flows_, {key, order}, point); }

void Linker::AddFlow(uint64_t slice, AttrType type, uint64_t id) {
  AddStruct(links_, {slice, 1}, LinkRecord{0, id, LinkRecord::Kind::kFlow, type});
}

// Draws arrows as Perfetto's importer does: from the start or the last step to each following step and end. Ignores a
// second start of a flow.
IoStatus Linker::Finish() {
  for (const Thread& thread : threads_) {
    undrawn_ += thread.waiting.size();
    EndByStrays(thread);
  }
  threads_ = {};
  async_ = {};
  IoStatus status = flows_.Finish();
  Record record;
  uint64_t flow = 0;
  FlowPoint from{kNoSlice, FlowRole::kStart};
  bool is_used = true;
  const auto finish_flow = [&] { undrawn_ += is_used ? 0 : 1; };
  while (flows_.Next(&record)) {
    FlowPoint point;
    std::memcpy(&point, record.data, sizeof(point));
    if (from.slice == kNoSlice || record.key.time != flow) {
      finish_flow();
      flow = record.key.time;
      from = {kNoSlice, FlowRole::kStart};
      is_used = true;
    }
    const bool is_start = point.role == FlowRole::kStart;
    if (is_start && from.slice == kNoSlice) {
      from = point;
      is_used = false;
    } else if (is_start || from.slice == kNoSlice || from.slice == point.slice) {
      ++undrawn_;
    } else {
      const uint64_t id = kFirstArrow | ++drawn_;
      AddFlow(from.slice, AttrType::kFlow, id);
      // A reader takes the slice that it reads first for the start. So an arrow against the order of time must not have
      // a terminating flow.
      AddFlow(point.slice, from.slice < point.slice ? AttrType::kTerminatingFlow : AttrType::kFlow, id);
      is_used = true;
      if (point.role == FlowRole::kStep) from = point;
    }
  }
  finish_flow();
  return status.ok() ? flows_.status() : status;
}

}  // namespace tracesmith
