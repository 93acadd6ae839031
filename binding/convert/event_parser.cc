#include "convert/event_parser.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/bits.h"
#include "base/limits.h"
#include "profile/cpu_profiles.h"

namespace tracesmith {
namespace {

// The longest first, of all those without an end.
uint64_t RankOfComplete(uint64_t duration) { return duration == kNoDuration ? 0 : kTimeLimit - duration; }

TimeState EndOf(const TimeValue& time, const TimeValue& duration, int64_t* end) {
  if (time.is_finer || duration.is_finer) return AddMicroseconds(time, duration, end);
  if (time.nanoseconds > 0 && duration.nanoseconds > static_cast<int64_t>(kMaxInt64) - time.nanoseconds) return TimeState::kOverflow;
  *end = time.nanoseconds + duration.nanoseconds;
  return TimeState::kValid;
}

// A text is a hexadecimal number, with 0x or without, or else any other id.
bool ReadFlowId(const EventId& id, uint64_t* value) {
  std::string_view digits;
  switch (id.kind) {
    case EventId::Kind::kInteger:
      *value = static_cast<uint64_t>(id.integer);
      return true;
    case EventId::Kind::kUnsigned:
      *value = id.unsigned_integer;
      return true;
    case EventId::Kind::kText:
      digits = id.text;
      if (digits.substr(0, 2) == "0x" || digits.substr(0, 2) == "0X") digits.remove_prefix(2);
      if (!ParseHexDigits(digits, value)) *value = HashOf(id.text);
      return true;
    default:
      return false;
  }
}

// A number and a text that spells it are different ids.
uint64_t KeyOf(const EventId& id) {
  const auto kind = static_cast<uint64_t>(id.kind);
  if (id.kind == EventId::Kind::kInteger) return MixHash(static_cast<uint64_t>(id.integer), kind);
  if (id.kind == EventId::Kind::kUnsigned) return MixHash(id.unsigned_integer, kind);
  return MixHash(HashOf(id.text), kind);
}

// Findings keep pointers to their reasons, so these texts stay for ever.
const char* ReasonOfPhase(char phase) {
  static const std::vector<std::string>* const kReasons = [] {
    auto* reasons = new std::vector<std::string>;
    for (size_t i = 0; i < ParsedBlock::kOtherPhases; ++i) {
      reasons->push_back(std::string("events of phase ") + static_cast<char>(i));
    }
    return reasons;
  }();
  const auto index = static_cast<unsigned char>(phase);
  const bool is_printable = index > ' ' && index < 127;
  return is_printable ? (*kReasons)[index].c_str() : "events of unknown phases";
}

using NamingKind = ParsedBlock::Naming::Kind;

struct NamingEvent {
  std::string_view name;
  NamingKind kind;
  std::string_view arg;
};

constexpr NamingEvent kNamings[] = {
    {"process_name", NamingKind::kProcessName, "name"},
    {"process_labels", NamingKind::kProcessLabel, "labels"},
    {"process_sort_index", NamingKind::kProcessSortIndex, "sort_index"},
    {"thread_name", NamingKind::kThreadName, "name"},
    {"thread_sort_index", NamingKind::kThreadSortIndex, "sort_index"},
};

bool HasId(const ChromeEvent& event) {
  for (const EventId& id : {event.id, event.id2_local, event.id2_global}) {
    if (id.kind != EventId::Kind::kNone) return true;
  }
  return false;
}

// The old async events, which are told apart by their names, too. T with an id is a step, like p.
bool IsOldAsync(char phase) { return phase == 'S' || phase == 'T' || phase == 'p' || phase == 'F'; }

bool IsGpuWork(std::string_view category) {
  return category == "kernel" || category == "gpu_memcpy" || category == "gpu_memset" || category == "gpu_user_annotation";
}

}  // namespace

void EventParser::Parse(const TextBlock& text, ParsedBlock* block) {
  block->Clear();
  block_ = block;
  args_.ExchangeBytes(&block->bytes);
  reader_.Read(text, &args_, [this](const ChromeEvent& event) { ParseEvent(event); });
  args_.ExchangeBytes(&block->bytes);
}

void EventParser::ParseEvent(const ChromeEvent& event) {
  // Some writers leave `{}` in the place of an event.
  if (event.phase == 0 && !event.has_args && event.name.data() == nullptr && event.text.size() < 3) return;
  ++block_->event_count;
  const auto phase = static_cast<unsigned char>(event.phase);
  const bool is_other = event.phase == kOtherPhase || phase >= ParsedBlock::kOtherPhases;
  ++block_->phases[event.phase == 0 ? ParsedBlock::kNoPhase : is_other ? ParsedBlock::kOtherPhases : phase];
  if (CpuProfiles::IsProfileEvent(event)) return AddProfileEvent(event);
  switch (event.phase) {
    case 'X':
      return AddComplete(event);
    case 'B':
      return AddBeginOrEnd(event, RecordKind::kBegin);
    case 'E':
      return AddBeginOrEnd(event, RecordKind::kEnd);
    case 'b':
      return AddAsync(event, RecordKind::kAsyncBegin);
    case 'e':
      return AddAsync(event, RecordKind::kAsyncEnd);
    case 'n':
      return AddAsync(event, RecordKind::kAsyncInstant);
    case 'S':
      return AddAsync(event, RecordKind::kAsyncBegin);
    case 'F':
      return AddAsync(event, RecordKind::kAsyncEnd);
    case 'p':
      return AddAsync(event, RecordKind::kAsyncInstant);
    case 'T':
      if (HasId(event)) return AddAsync(event, RecordKind::kAsyncInstant);
      return reader_.Note(event, FindingCategory::kIgnored, ReasonOfPhase(event.phase));
    case 'i':
    case 'I':
    case 'R':
      return AddInstant(event);
    case 'C':
      return AddCounters(event);
    case 's':
    case 't':
    case 'f':
      return AddFlowPoint(event);
    case 'M':
      return AddMetadata(event);
    case 0:
      return Drop(event, "no phase");
    default:
      return reader_.Note(event, FindingCategory::kIgnored, ReasonOfPhase(event.phase));
  }
}

bool EventParser::HasTime(const ChromeEvent& event) {
  const TimeState state = event.time.state;
  if (state == TimeState::kValid) return true;
  Drop(event, state == TimeState::kNone       ? "no ts"
              : state == TimeState::kOverflow ? "a ts beyond 2^63 ns"
                                              : "a ts that is no number");
  return false;
}

void EventParser::AddComplete(const ChromeEvent& event) {
  if (!HasTime(event)) return;
  const TimeValue& thread_duration = event.thread_duration;
  const bool has_only_thread_duration = event.duration.state == TimeState::kNone &&
                                        thread_duration.state == TimeState::kValid && thread_duration.nanoseconds >= 0;
  const TimeValue& duration = has_only_thread_duration ? thread_duration : event.duration;
  if (duration.state == TimeState::kInvalid) return Drop(event, "a dur that is no number");
  if (duration.state == TimeState::kValid && duration.nanoseconds < 0) return Drop(event, "a dur below 0");
  uint64_t length = kNoDuration;
  if (duration.state != TimeState::kNone) {
    // Neighbours that touch in the file touch in the trace: the end is rounded, not the duration.
    int64_t end = 0;
    TimeState state = duration.state;
    if (state == TimeState::kValid) state = EndOf(event.time, duration, &end);
    if (state == TimeState::kOverflow) return Drop(event, "an end beyond 2^63 ns");
    length = static_cast<uint64_t>(end) - static_cast<uint64_t>(event.time.nanoseconds);
  }
  EventRecord record{};
  record.kind = RecordKind::kComplete;
  record.duration = length;
  record.key = event.offset;
  record.owner = block_->process_table.ThreadOf(event.pid, event.tid);
  if (IsGpuWork(event.category)) {
    ProcessTable& table = block_->process_table;
    table.process(table.thread(record.owner).process).has_gpu_work = true;
  }
  BindFlow(event, &record);
  Add(event, RankOfComplete(length), record, event.name, event.category);
}

void EventParser::AddBeginOrEnd(const ChromeEvent& event, RecordKind kind) {
  if (!HasTime(event)) return;
  block_->needs_links = true;
  EventRecord record{};
  record.kind = kind;
  record.owner = block_->process_table.ThreadOf(event.pid, event.tid);
  if (kind == RecordKind::kBegin) BindFlow(event, &record);
  (kind == RecordKind::kEnd ? record.duration : record.key) = event.offset;
  Add(event, kRestRank, record, event.name, event.category);
}

void EventParser::AddAsync(const ChromeEvent& event, RecordKind kind) {
  if (!HasTime(event)) return;
  const bool is_local = event.id2_local.kind != EventId::Kind::kNone;
  const EventId& id = is_local                                       ? event.id2_local
                      : event.id2_global.kind != EventId::Kind::kNone ? event.id2_global
                                                                      : event.id;
  if (id.kind == EventId::Kind::kNone) return Drop(event, "an async event without an id");
  block_->needs_links = true;
  EventRecord record{};
  record.kind = kind;
  record.flags = is_local ? kOfProcess : 0;
  record.owner = block_->process_table.ProcessOf(event.pid);
  record.key = MixHash(KeyOf(id), HashOf(event.category));
  if (IsOldAsync(event.phase)) record.key = MixHash(record.key, HashOf(event.name));
  if (!event.id_scope.empty()) record.key = MixHash(record.key, HashOf(event.id_scope));
  if (kind != RecordKind::kAsyncEnd) BindFlow(event, &record);
  Add(event, kRestRank, record, event.name, event.category);
}

void EventParser::AddInstant(const ChromeEvent& event) {
  if (!HasTime(event)) return;
  EventRecord record{};
  if (event.scope == "g") {
    record.kind = RecordKind::kGlobalInstant;
    // Perfetto's importer shows its thread, too. Kineto has instants of no process: their pid is an empty text.
    const bool has_pid = event.pid.kind != EventId::Kind::kText || !event.pid.text.empty();
    if (has_pid) block_->process_table.ThreadOf(event.pid, event.tid);
  } else if (event.scope == "p") {
    record.kind = RecordKind::kProcessInstant;
    record.owner = block_->process_table.ProcessOf(event.pid);
  } else {
    record.kind = RecordKind::kInstant;
    record.owner = block_->process_table.ThreadOf(event.pid, event.tid);
  }
  if (event.name != "[memory]") return Add(event, kRestRank, record, event.name, event.category);
  const MemoryArgs memory = ReadMemoryArgs();
  Add(event, kRestRank, record, event.name, event.category);
  AddMemory(event, memory);
}

// NaN for what is no number.
double EventParser::NumberOf(const CompactArg& arg) const {
  if (arg.type == AttrType::kInt) return static_cast<double>(static_cast<int64_t>(arg.value));
  if (arg.type == AttrType::kUint) return static_cast<double>(arg.value);
  if (arg.type == AttrType::kDouble) return AsDouble(arg.value);
  if (arg.type != AttrType::kText) return std::nan("");
  const std::string number(TextIn(texts_, arg.text));
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  return number.empty() || end != number.c_str() + number.size() ? std::nan("") : value;
}

// Kineto's profiler of memory tells with each allocation what is allocated and reserved then.
void EventParser::AddMemory(const ChromeEvent& event, const MemoryArgs& memory) {
  ProcessTable& table = block_->process_table;
  EventId device = event.pid;
  if (memory.IsOfGpu()) {
    device = {};
    device.kind = EventId::Kind::kInteger;
    device.integer = static_cast<int64_t>(memory.device);
  }
  for (const auto& [name, value] : {std::pair("allocated", memory.allocated), std::pair("reserved", memory.reserved)}) {
    if (!std::isfinite(value)) continue;
    EventRecord record{};
    record.kind = RecordKind::kCounter;
    record.flags = kOfProcess | kInBytes;
    record.owner = table.ProcessOf(device);
    if (memory.IsOfGpu()) table.process(record.owner).has_gpu_work = true;
    record.key = MixHash(HashOf(name), kInBytes);
    args_.Double({}, value);
    Add(event, kRestRank, record, name, {});
  }
}

EventParser::MemoryArgs EventParser::ReadMemoryArgs() const {
  MemoryArgs memory;
  ArgCursor cursor(args_.data(), args_.data() + args_.size());
  CompactArg arg;
  while (cursor.Next(&arg)) {
    const std::string_view key = TextIn(texts_, arg.key);
    double* value = key == "Total Allocated"  ? &memory.allocated
                    : key == "Total Reserved" ? &memory.reserved
                    : key == "Device Type"    ? &memory.device_type
                    : key == "Device Id"      ? &memory.device
                                              : nullptr;
    if (value != nullptr) *value = NumberOf(arg);
  }
  return memory;
}

// Each number among the arguments is a track.
void EventParser::AddCounters(const ChromeEvent& event) {
  if (!HasTime(event)) return;
  counter_args_.assign(args_.data(), args_.data() + args_.size());
  args_.Reset();
  ArgCursor cursor(counter_args_.data(), counter_args_.data() + counter_args_.size());
  CompactArg arg;
  size_t depth = 0;
  size_t values = 0;
  bool has_others = false;
  while (cursor.Next(&arg)) {
    if (arg.type == AttrType::kEnd) --depth;
    if (arg.type == AttrType::kDict || arg.type == AttrType::kArray) ++depth;
    const bool begins = arg.type == AttrType::kDict || arg.type == AttrType::kArray;
    if (depth != (begins ? 1 : 0) || arg.type == AttrType::kEnd) continue;
    const double value = NumberOf(arg);
    if (!std::isfinite(value)) {
      has_others = true;
      continue;
    }
    counter_name_.assign(event.name);
    if (event.id.kind != EventId::Kind::kNone) counter_name_ += " id: " + ProcessTable::TextOf(event.id);
    counter_name_.append(" ").append(TextIn(texts_, arg.key));
    EventRecord record{};
    record.kind = RecordKind::kCounter;
    record.flags = kOfProcess;
    record.owner = block_->process_table.ProcessOf(event.pid);
    record.key = HashOf(counter_name_);
    args_.Double({}, value);
    Add(event, kRestRank, record, counter_name_, {});
    ++values;
  }
  if (values == 0) return Drop(event, "a counter without a number");
  if (has_others) reader_.Note(event, FindingCategory::kRepaired, "values of a counter that are no numbers");
}

void EventParser::AddFlowPoint(const ChromeEvent& event) {
  if (!HasTime(event)) return;
  uint64_t id;
  if (!ReadFlowId(event.id, &id)) {
    return Drop(event, event.id.kind == EventId::Kind::kNone ? "a flow event without an id" : "a flow's id that is no integer");
  }
  block_->needs_links = true;
  EventRecord record{};
  record.kind = event.phase == 's'                                   ? RecordKind::kFlowStart
                : event.phase == 't'                                 ? RecordKind::kFlowStep
                : event.bind_point == "e" ? RecordKind::kFlowEnd : RecordKind::kFlowEndNext;
  record.duration = event.offset;
  record.owner = block_->process_table.ThreadOf(event.pid, event.tid);
  record.key = MixHash(MixHash(id, HashOf(event.category)), HashOf(event.name));
  args_.Reset();
  Add(event, kRestRank, record, {}, {});
}

// In the second version of flows the slice itself has a role. Their ids differ from those of flow events: the 2 below.
void EventParser::BindFlow(const ChromeEvent& event, EventRecord* record) {
  if (!event.flow_in && !event.flow_out) return;
  uint64_t id;
  if (!ReadFlowId(event.bind_id, &id)) {
    return reader_.Note(event, FindingCategory::kRepaired, "flow_in or flow_out without a bind_id: no arrow");
  }
  record->flow_role = !event.flow_in ? FlowRole::kStart : event.flow_out ? FlowRole::kStep : FlowRole::kEnd;
  flow_key_ = MixHash(id, 2);
  block_->needs_links = true;
}

void EventParser::AddMetadata(const ChromeEvent& event) {
  ProcessTable& table = block_->process_table;
  for (const auto& [name, kind, arg] : kNamings) {
    if (event.name != name) continue;
    const bool is_of_thread = ParsedBlock::IsOfThread(kind);
    const uint32_t owner = is_of_thread ? table.ThreadOf(event.pid, event.tid) : table.ProcessOf(event.pid);
    ParsedBlock::Naming naming{kind, owner, TextOfArg(arg), ProcessTable::kAbsent};
    char* end = nullptr;
    const double index = std::strtod(naming.text.c_str(), &end);
    const bool is_index = !naming.text.empty() && *end == 0 && std::fabs(index) <= INT32_MAX;
    if (is_index) naming.sort_index = static_cast<int64_t>(index);
    block_->namings.push_back(std::move(naming));
  }
}

// Copies the event and the texts that a profile reads: they are not valid any more when it is collected.
void EventParser::AddProfileEvent(const ChromeEvent& event) {
  ChromeEvent kept = event;
  for (std::string_view* text : {&kept.name, &kept.text, &kept.pid.text, &kept.tid.text, &kept.id.text,
                                 &kept.id2_local.text, &kept.id2_global.text}) {
    if (text->data() != nullptr) *text = block_->profile_texts.emplace_back(*text);
  }
  const ProcessTable& table = block_->process_table;
  block_->profile_events.push_back({kept, table.processes().size(), table.threads().size()});
}

std::string EventParser::TextOfArg(std::string_view key) {
  ArgCursor cursor(args_.data(), args_.data() + args_.size());
  CompactArg arg;
  while (cursor.Next(&arg)) {
    const std::string_view name = TextIn(texts_, arg.key);
    if (name != key) continue;
    switch (arg.type) {
      case AttrType::kText:
        return std::string(TextIn(texts_, arg.text));
      case AttrType::kInt:
        return std::to_string(static_cast<int64_t>(arg.value));
      case AttrType::kUint:
        return std::to_string(arg.value);
      case AttrType::kBool:
        return arg.value != 0 ? "true" : "false";
      case AttrType::kDouble:
        return std::to_string(AsDouble(arg.value));
      default:
        return {};
    }
  }
  return {};
}

void EventParser::Add(const ChromeEvent& event, uint64_t rank, EventRecord record, std::string_view name,
                      std::string_view category) {
  if (event.are_args_skipped) {
    record.flags |= kHasPlace;
    const EventPlace place{event.offset, event.text.size()};
    args_.Replace(reinterpret_cast<const uint8_t*>(&place), sizeof(place));
  }
  // An empty text is the same as none.
  if (!name.empty()) {
    record.flags |= kHasName;
    record.name_id = texts_.IdOf(name);
    record.name_size = record.name_id == 0 ? static_cast<uint32_t>(name.size()) : 0;
  }
  if (!category.empty()) {
    record.flags |= kHasCategory;
    record.category_id = texts_.IdOf(category);
    record.category_size = record.category_id == 0 ? static_cast<uint32_t>(category.size()) : 0;
  }
  const size_t flow = record.flow_role == FlowRole::kNone ? 0 : sizeof(flow_key_);
  if (const size_t more = record.name_size + record.category_size + flow) {
    uint8_t* at = args_.InsertInFront(more);
    if (record.name_size != 0) std::memcpy(at, name.data(), record.name_size);
    at += record.name_size;
    if (record.category_size != 0) std::memcpy(at, category.data(), record.category_size);
    at += record.category_size;
    if (flow != 0) std::memcpy(at, &flow_key_, flow);
  }
  const auto size = static_cast<uint32_t>(args_.size());
  const int64_t time = event.time.nanoseconds;
  if (time < block_->lowest_time) block_->lowest_time = time;
  if (time == 0) reader_.Note(event, FindingCategory::kRepaired, kZeroTime);
  const SortKey key{SortTimeOf(time), rank};
  block_->events.Add({key, record, static_cast<uint32_t>(args_.Keep()), size});
}

}  // namespace tracesmith
