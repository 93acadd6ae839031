#include "convert/linker.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tracesmith {
namespace {

constexpr char kEndsAnother[] = "an end whose begin has another name: it ends the innermost open slice";

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
      async_processes_.Add(event.head.key, event.head.owner);
      return Begin(async_[event.head.key], event);
    case RecordKind::kAsyncEnd: {
      async_processes_.Add(event.head.key, event.head.owner);
      const auto found = async_.find(event.head.key);
      if (found == async_.end()) {
        ++unmatched_;
        return;
      }
      End(found->second, event);
      if (!found->second.open.empty()) return;
      FinishMoments(found->second);
      async_.erase(found);
      return;
    }
    case RecordKind::kAsyncInstant:
      async_processes_.Add(event.head.key, event.head.owner);
      Number(event);
      return;
    default:
      return;
  }
}

uint64_t Linker::Number(const EventView& event) {
  const uint64_t number = next_slice_++;
  if (event.head.flow_role != FlowRole::kNone) {
    arrows_.Add(event.flow_key, flow_order_++, {number, event.time, event.time, event.head.flow_role});
  }
  return number;
}

// Ended slices may stay below open ones. One that ends at this time stays: flow events of that time may bind to it.
void Linker::DropEnded(Thread& thread, uint64_t time) {
  while (!thread.open.empty() && thread.open.back().end < time) thread.open.pop_back();
}

void Linker::Begin(Thread& thread, const EventView& event) {
  const uint64_t time = event.time;
  const uint64_t number = Number(event);
  const auto is_over = [time](const Open& slice) {
    return slice.end < time || (slice.end == time && slice.begin < time);
  };
  while (!thread.open.empty() && is_over(thread.open.back())) thread.open.pop_back();
  if (!thread.waiting_for_next.empty() || !thread.waiting_for_begin.empty()) {
    BindWaiting(thread, {number, time, kNoEnd, event.head.key, {}});
  }
  if (event.head.kind == RecordKind::kComplete) {
    const uint64_t duration = event.head.duration;
    const uint64_t end = duration == kNoDuration ? kNeverEnds : time + duration;
    thread.open.push_back({number, time, end, event.head.key, {}});
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
  thread.open.push_back({number, time, kNoEnd, event.head.key, label});
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
    if (found->begin == time) {
      AddMoment(thread, found->number, time);
    } else {
      PlaceInside(thread, *found, time);
    }
    if (thread.last_end != time || found->number > thread.last_ended.number) thread.last_ended = *found;
    thread.last_end = time;
    thread.open.erase(std::next(found).base());
    return;
  }
  ++unmatched_;
  if (event.head.kind == RecordKind::kEnd) AddStray(thread, event, label);
}

// Of slices without length the order in the file says which is in which: one that ends behind the begin of a later one
// contains it.
void Linker::AddMoment(Thread& thread, uint64_t number, uint64_t time) {
  if (thread.moment_time != time) FinishMoments(thread);
  thread.moment_time = time;
  Moment moment{number};
  const bool is_latest = thread.moments.empty() || thread.moments[thread.latest_moment].number < number;
  if (is_latest) {
    thread.latest_moment = thread.moments.size();
  } else {
    moment.flags |= kIsHeld;
    ++thread.moments[thread.latest_moment].released;
  }
  thread.moments.push_back(moment);
}

// A slice that ends contains those without length that were there before its end.
void Linker::PlaceInside(Thread& thread, const Open& around, uint64_t time) {
  if (thread.moment_time != time) return;
  for (Moment& moment : thread.moments) {
    if (moment.number > around.number) moment.flags |= kIsInside;
  }
}

void Linker::FinishMoments(Thread& thread) {
  for (const Moment& moment : thread.moments) {
    const uint8_t flags = moment.flags | (moment.released != 0 ? kReleases : 0);
    if (flags == 0) continue;
    AddStruct(links_, {moment.number, 2}, LinkRecord{moment.released, flags, LinkRecord::Kind::kPlace, AttrType::kEnd});
  }
  thread.moments.clear();
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

void Linker::SetSlice(WaitingFlow* flow, const Open& slice) {
  flow->point.slice = slice.number;
  flow->point.begin = slice.begin;
  flow->offset = slice.offset;
}

// Of the slices that begin at the time of a flow event, the first that stands behind it in the file; null if there is
// none yet. Complete events come first in the order of records, wherever they stand in the file.
const Linker::Open* Linker::NextOf(const Thread& thread, const EventView& event) {
  const uint64_t offset = event.head.duration;
  const Open* next = nullptr;
  for (auto slice = thread.open.rbegin(); slice != thread.open.rend() && slice->begin == event.time; ++slice) {
    if (slice->offset > offset && (next == nullptr || slice->offset < next->offset)) next = &*slice;
  }
  return next;
}

// The innermost slice around a time, also one that ends there; null if there is none. Slices that are over must be dropped.
const Linker::Open* Linker::InnermostAt(const Thread& thread, uint64_t time) {
  const Open* open = thread.open.empty() ? nullptr : &thread.open.back();
  const bool is_last = open == nullptr || (open->end == time && open->number < thread.last_ended.number);
  return thread.last_end == time && is_last ? &thread.last_ended : open;
}

// Gives a slice that begins to the flow events that have waited for it.
void Linker::BindWaiting(Thread& thread, const Open& begun) {
  for (WaitingFlow& flow : thread.waiting_for_begin) {
    if (flow.point.time == begun.begin) SetSlice(&flow, begun);
  }
  BindAtTime(thread);
  for (WaitingFlow& flow : thread.waiting_for_next) {
    const bool is_earlier = flow.point.begin == begun.begin && begun.offset < flow.offset;
    if (flow.point.slice == FlowPoint::kNoSlice || is_earlier) SetSlice(&flow, begun);
    arrows_.Add(flow.flow, flow.order, flow.point);
  }
  thread.waiting_for_next.clear();
}

void Linker::BindAtTime(Thread& thread) {
  for (const WaitingFlow& flow : thread.waiting_for_begin) arrows_.Add(flow.flow, flow.order, flow.point);
  thread.waiting_for_begin.clear();
}

// A start, a step, and an end with a binding point belong to the innermost slice around them. A slice reaches to its end,
// unless another begins there.
void Linker::Bind(Thread& thread, const EventView& event) {
  const uint64_t order = flow_order_++;
  const uint64_t time = event.time;
  const RecordKind kind = event.head.kind;
  if (!thread.waiting_for_begin.empty() && thread.waiting_for_begin.front().point.time < time) BindAtTime(thread);
  DropEnded(thread, time);
  const FlowRole role = kind == RecordKind::kFlowStart  ? FlowRole::kStart
                        : kind == RecordKind::kFlowStep ? FlowRole::kStep
                                                        : FlowRole::kEnd;
  WaitingFlow flow{event.head.key, order, 0, {FlowPoint::kNoSlice, 0, time, role}};
  if (kind == RecordKind::kFlowEndNext) {
    const Open* next = NextOf(thread, event);
    if (next != nullptr) SetSlice(&flow, *next);
    thread.waiting_for_next.push_back(flow);
    return;
  }
  const Open* around = InnermostAt(thread, time);
  if (around != nullptr) SetSlice(&flow, *around);
  const bool is_inside = around != nullptr && (around->begin == time || around->end > time) && around != &thread.last_ended;
  if (is_inside) return arrows_.Add(flow.flow, flow.order, flow.point);
  thread.waiting_for_begin.push_back(flow);
}

void Linker::AddEnd(uint64_t slice, uint64_t length, const char* args, size_t size) {
  AddStruct(links_, {slice, 0}, LinkRecord{length, 0, LinkRecord::Kind::kEnd, AttrType::kEnd}, args, size);
}

IoStatus Linker::Finish() {
  for (auto& [key, thread] : async_) FinishMoments(thread);
  for (Thread& thread : threads_) {
    FinishMoments(thread);
    BindAtTime(thread);
    for (const WaitingFlow& flow : thread.waiting_for_next) arrows_.Add(flow.flow, flow.order, flow.point);
    EndByStrays(thread);
  }
  threads_ = {};
  async_ = {};
  return arrows_.Finish();
}

}  // namespace tracesmith
