#include "convert/linker.h"

#include <algorithm>

namespace tracesmith {
namespace {

// Keeps the ids of arrows apart from those that a trace gives itself.
constexpr uint64_t kFirstArrow = uint64_t{1} << 63;

template <typename T>
void AddStruct(RecordSorter& sorter, SortKey key, const T& head, const char* more = nullptr, size_t size = 0) {
  sorter.Add(key, reinterpret_cast<const uint8_t*>(&head), sizeof(head), reinterpret_cast<const uint8_t*>(more), size);
}

bool Matches(uint64_t wanted, uint64_t identity) { return wanted == 0 || wanted == identity; }

}  // namespace

void Linker::Take(const Record& record) {
  const EventRecord event = HeadOf(record);
  switch (event.kind) {
    case RecordKind::kComplete:
    case RecordKind::kBegin:
    case RecordKind::kEnd:
    case RecordKind::kFlowStart:
    case RecordKind::kFlowStep:
    case RecordKind::kFlowEnd:
    case RecordKind::kFlowEndNext: {
      if (event.thread >= threads_.size()) threads_.resize(event.thread + 1);
      Thread& thread = threads_[event.thread];
      if (event.kind == RecordKind::kEnd) return End(thread, record, event);
      if (event.kind == RecordKind::kComplete || event.kind == RecordKind::kBegin) return Begin(thread, record, event);
      return Bind(thread, record.key.time, event);
    }
    case RecordKind::kAsyncBegin:
      return Begin(async_[event.key], record, event);
    case RecordKind::kAsyncEnd: {
      const auto found = async_.find(event.key);
      if (found == async_.end()) {
        ++unmatched_;
        return;
      }
      End(found->second, record, event);
      if (found->second.open.empty()) async_.erase(found);
      return;
    }
    case RecordKind::kAsyncInstant:
      Number(record, event);
      return;
    default:
      return;
  }
}

uint64_t Linker::Number(const Record& record, const EventRecord& event) {
  const uint64_t number = next_slice_++;
  if (FlowSizeOf(event) != 0) {
    uint64_t key;
    std::memcpy(&key, FlowOf(record, event), sizeof(key));
    AddPoint(key, flow_order_++, {number, event.bound_flow});
  }
  return number;
}

// Those that ended may linger below later ones.
void Linker::DropEnded(Thread& thread, uint64_t time) {
  const auto is_over = [time](const Open& slice) {
    return slice.end < time || (slice.end == time && slice.begin < time);
  };
  while (!thread.open.empty() && is_over(thread.open.back())) thread.open.pop_back();
}

void Linker::Begin(Thread& thread, const Record& record, const EventRecord& event) {
  const uint64_t time = record.key.time;
  const uint64_t number = Number(record, event);
  DropEnded(thread, time);
  for (const WaitingFlow& flow : thread.waiting) AddPoint(flow.key, flow.order, {number, RecordKind::kFlowEnd});
  thread.waiting.clear();
  if (event.kind == RecordKind::kComplete) {
    thread.open.push_back({number, time, time + event.duration, 0, 0});
    return;
  }
  const bool is_async = event.kind == RecordKind::kAsyncBegin;
  const uint64_t name = is_async ? event.duration : event.key;
  const uint64_t category = is_async ? 0 : event.duration;
  for (auto end = thread.early_ends.begin(); end != thread.early_ends.end(); ++end) {
    if (end->time != time || !Matches(end->name, name) || !Matches(end->category, category)) continue;
    AddEnd(number, 0, end->args.data(), end->args.size());
    thread.early_ends.erase(end);
    --unmatched_;
    return;
  }
  thread.open.push_back({number, time, UINT64_MAX, name, category});
}

// An end closes the latest that is open and has its name and category; what it does not say matches any.
void Linker::End(Thread& thread, const Record& record, const EventRecord& event) {
  const uint64_t time = record.key.time;
  const bool is_async = event.kind == RecordKind::kAsyncEnd;
  const uint64_t name = is_async ? event.duration : event.key;
  const uint64_t category = is_async ? 0 : event.duration;
  const uint8_t* begin = ArgsOf(record, event);
  const auto* args = reinterpret_cast<const char*>(begin);
  const auto size = static_cast<size_t>(record.data + record.size - begin);
  DropEnded(thread, time);
  const auto found = std::find_if(thread.open.rbegin(), thread.open.rend(), [&](const Open& slice) {
    return slice.end == UINT64_MAX && Matches(name, slice.name) && Matches(category, slice.category);
  });
  if (found != thread.open.rend()) {
    AddEnd(found->number, time - found->begin, args, size);
    thread.open.erase(std::next(found).base());
    return;
  }
  ++unmatched_;
  if (is_async) return;
  auto& early = thread.early_ends;
  early.erase(std::remove_if(early.begin(), early.end(), [time](const EarlyEnd& end) { return end.time != time; }), early.end());
  early.push_back({time, name, category, std::string(args, size)});
}

void Linker::Bind(Thread& thread, uint64_t time, const EventRecord& event) {
  const uint64_t order = flow_order_++;
  if (event.kind == RecordKind::kFlowEndNext) {
    thread.waiting.push_back({event.key, order});
    return;
  }
  DropEnded(thread, time);
  if (thread.open.empty()) {
    ++undrawn_;
    return;
  }
  AddPoint(event.key, order, {thread.open.back().number, event.kind});
}

void Linker::AddEnd(uint64_t slice, uint64_t length, const char* args, size_t size) {
  AddStruct(links_, {slice, 0}, LinkRecord{length, LinkRecord::Kind::kEnd, AttrType::kEnd}, args, size);
}

void Linker::AddPoint(uint64_t key, uint64_t order, const FlowPoint& point) { AddStruct(flows_, {key, order}, point); }

void Linker::AddFlow(uint64_t slice, AttrType type, uint64_t id) {
  AddStruct(links_, {slice, 1}, LinkRecord{id, LinkRecord::Kind::kFlow, type});
}

// As Perfetto's importer draws them: from the start or the last step to each step and end that comes. A
// second start of a flow means nothing.
IoStatus Linker::Finish() {
  for (const Thread& thread : threads_) undrawn_ += thread.waiting.size();
  threads_ = {};
  async_ = {};
  IoStatus status = flows_.Finish();
  Record record;
  uint64_t flow = 0;
  FlowPoint from{kNoSlice, RecordKind::kFlowStart};
  bool is_used = true;
  const auto finish_flow = [&] { undrawn_ += is_used ? 0 : 1; };
  while (flows_.Next(&record)) {
    FlowPoint point;
    std::memcpy(&point, record.data, sizeof(point));
    if (from.slice == kNoSlice || record.key.time != flow) {
      finish_flow();
      flow = record.key.time;
      from = {kNoSlice, RecordKind::kFlowStart};
      is_used = true;
    }
    if (point.kind == RecordKind::kFlowStart) {
      if (from.slice != kNoSlice) {
        ++undrawn_;
        continue;
      }
      from = point;
      is_used = false;
      continue;
    }
    if (from.slice == kNoSlice || from.slice == point.slice) {
      ++undrawn_;
      continue;
    }
    Draw(from, point);
    is_used = true;
    if (point.kind == RecordKind::kFlowStep) from = point;
  }
  finish_flow();
  return status.ok() ? flows_.status() : status;
}

// A reader takes the slice that it sees first for the start, so only an arrow against the order of time
// must not say where it ends.
void Linker::Draw(const FlowPoint& from, const FlowPoint& to) {
  const uint64_t id = kFirstArrow | ++next_arrow_;
  ++drawn_;
  AddFlow(from.slice, AttrType::kFlow, id);
  AddFlow(to.slice, from.slice < to.slice ? AttrType::kTerminatingFlow : AttrType::kFlow, id);
}

}  // namespace tracesmith
