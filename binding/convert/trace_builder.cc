#include "convert/trace_builder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/limits.h"
#include "convert/link_record.h"

namespace tracesmith {
namespace {

constexpr int64_t kExplicitOrder = 3;  // ChildTracksOrdering of Perfetto

// Whether a native trace can have this id.
bool IsNative(const ProcessTable::Id& id) { return id.is_number && id.number > 0 && id.number <= INT32_MAX; }

int64_t AsRank(int64_t number) { return std::clamp<int64_t>(number, INT32_MIN, INT32_MAX); }

}  // namespace

// ---------------------------------------------------------------------- RowBatch

void RowBatch::Arguments(const uint8_t* begin, const uint8_t* end) {
  ArgCursor cursor(begin, end);
  CompactArg arg;
  while (cursor.Next(&arg)) {
    const bool has_key = arg.key.id != 0 || arg.key.text.data() != nullptr;
    const uint32_t key = has_key ? Text(arg.key) : 0;
    const bool is_text = arg.type == AttrType::kText || arg.type == AttrType::kJson;
    Attribute(key, arg.type, is_text ? Text(arg.text) : arg.value);
  }
}

uint32_t RowBatch::KnownText(std::string_view text) {
  const uint32_t known = known_->IdOf(text);
  if (known == 0) return 0;
  if (known > known_ids_.size()) known_ids_.push_back(NewText(text));
  return known_ids_[known - 1];
}

uint32_t RowBatch::NewText(std::string_view text) {
  if (!text.empty()) std::memcpy(text_bytes_.Extend(text.size()), text.data(), text.size());
  text_end_.Add(static_cast<uint32_t>(text_bytes_.size()));
  id_bytes_ += text.size();
  return ++last_id_;
}

BatchView RowBatch::View() const {
  BatchView view;
  view.rows = kind_.size();
  view.attrs = attr_head_.size();
  view.texts = text_end_.size();
  view.text_byte_count = text_bytes_.size();
  view.generation = generation_;
  view.kind = kind_.begin();
  view.channel = channel_.begin();
  view.flags = flags_.begin();
  view.track = track_.begin();
  view.name = name_.begin();
  view.category = category_.begin();
  view.attr_end = attr_end_.begin();
  view.time = time_.begin();
  view.extent = extent_.begin();
  view.attr_head = attr_head_.begin();
  view.attr_value = attr_value_.begin();
  view.text_bytes = text_bytes_.begin();
  view.text_end = text_end_.begin();
  return view;
}

void RowBatch::Clear() {
  for (PodVector<uint8_t>* column : {&kind_, &channel_, &flags_, &text_bytes_}) column->Truncate(0);
  for (PodVector<uint32_t>* column : {&track_, &name_, &category_, &attr_end_, &attr_head_, &text_end_}) {
    column->Truncate(0);
  }
  for (PodVector<uint64_t>* column : {&time_, &extent_, &attr_value_}) column->Truncate(0);
  if (last_id_ < kMaxIds && id_bytes_ < kMaxIdBytes) return;
  ++generation_;
  last_id_ = 0;
  id_bytes_ = 0;
  ids_.clear();
  known_ = std::make_unique<TextPool>();
  known_ids_.clear();
}

// -------------------------------------------------------------------- TrackMaker

TrackMaker::TrackMaker(RowBatch& batch, const ProcessTable& process_table, std::vector<std::string> gpu_names,
                       GpuEvents gpu_events)
    : batch_(batch),
      process_table_(process_table),
      gpu_names_(std::move(gpu_names)),
      gpu_events_(gpu_events),
      of_process_(process_table.processes().size(), kNone),
      of_thread_(process_table.threads().size(), kNone),
      pids_(process_table.processes().size(), 0),
      tids_(process_table.threads().size(), 0) {
  for (const ProcessTable::Process& process : process_table.processes()) used_ids_.insert(process.id.number);
  for (const ProcessTable::Thread& thread : process_table.threads()) used_ids_.insert(thread.id.number);
}

void TrackMaker::DefineAll() {
  for (uint32_t i = 0; i < of_process_.size(); ++i) {
    if (process_table_.GpuOf(i) < 0) OfProcess(i);
  }
  DefineGpus();
  for (uint32_t i = 0; i < of_thread_.size(); ++i) {
    if (process_table_.GpuOf(process_table_.threads()[i].process) < 0) OfThread(i);
  }
}

void TrackMaker::DefineGpus() {
  const std::vector<ProcessTable::Process>& processes = process_table_.processes();
  std::vector<uint32_t> gpus;
  for (uint32_t i = 0; i < processes.size(); ++i) {
    if (process_table_.GpuOf(i) >= 0 && processes[i].has_gpu_work) gpus.push_back(i);
  }
  const auto place_of = [&](uint32_t i) {
    const int64_t index = processes[i].sort_index;
    return std::pair(index == ProcessTable::kAbsent ? 0 : index, processes[i].id.number);
  };
  std::sort(gpus.begin(), gpus.end(), [&](uint32_t a, uint32_t b) { return place_of(a) < place_of(b); });
  for (const uint32_t gpu : gpus) OfProcess(gpu);
}

uint32_t TrackMaker::Define(TrackKind kind, uint32_t parent, uint32_t name) {
  const uint32_t track = tracks_++;
  batch_.BeginRow(RowKind::kTrack, static_cast<uint8_t>(kind), track, name, parent == kNone ? 0 : parent + 1, 0);
  return track;
}

void TrackMaker::Property(TrackProperty property, int64_t value) {
  batch_.Attribute(static_cast<uint32_t>(property), AttrType::kInt, static_cast<uint64_t>(value));
}

void TrackMaker::Property(TrackProperty property, std::string_view text) {
  batch_.Attribute(static_cast<uint32_t>(property), AttrType::kText, batch_.NewText(text));
}

int64_t TrackMaker::NativeId(const ProcessTable::Id& id, int64_t* chosen) {
  if (*chosen != 0) return *chosen;
  if (IsNative(id)) return *chosen = id.number;
  while (used_ids_.count(next_substitute_) != 0) ++next_substitute_;
  return *chosen = next_substitute_++;
}

ThreadIds TrackMaker::IdsOfThread(uint32_t index) {
  const int64_t pid = PidOf(process_table_.threads()[index].process);
  return {static_cast<int32_t>(pid), static_cast<int32_t>(TidOf(index))};
}

uint32_t TrackMaker::NameOf(const ProcessTable::Entry& entry, const char* kind) {
  std::string name = entry.name;
  if (name.empty() && !IsNative(entry.id)) name = (entry.id.is_number ? kind : "") + entry.id.text;
  return name.empty() ? 0 : batch_.NewText(name);
}

uint32_t TrackMaker::OfProcess(uint32_t index) {
  if (of_process_[index] != kNone) return of_process_[index];
  const int64_t gpu = process_table_.GpuOf(index);
  if (gpu >= 0) return of_process_[index] = DefineGpu(index, gpu);
  const ProcessTable::Process& process = process_table_.processes()[index];
  of_process_[index] = Define(TrackKind::kProcess, kNone, NameOf(process, ""));
  Property(TrackProperty::kPid, PidOf(index));
  if (process.sort_index != ProcessTable::kAbsent) Property(TrackProperty::kSortIndex, process.sort_index);
  for (const std::string& label : process.labels) Property(TrackProperty::kLabel, label);
  if (!IsNative(process.id) && !process.name.empty()) Property(TrackProperty::kLabel, "pid " + process.id.text);
  return of_process_[index];
}

uint32_t TrackMaker::OfThread(uint32_t index) {
  if (of_thread_[index] != kNone) return of_thread_[index];
  const ProcessTable::Thread& thread = process_table_.threads()[index];
  const uint32_t process = OfProcess(thread.process);
  if (process_table_.GpuOf(thread.process) >= 0) return of_thread_[index] = DefineStream(index);
  of_thread_[index] = Define(TrackKind::kThread, process, NameOf(thread, "tid "));
  Property(TrackProperty::kTid, TidOf(index));
  if (thread.sort_index != ProcessTable::kAbsent) Property(TrackProperty::kSortIndex, thread.sort_index);
  return of_thread_[index];
}

uint32_t TrackMaker::DefineGpu(uint32_t index, int64_t number) {
  const uint32_t track = Define(TrackKind::kPlain, kNone, batch_.NewText("GPU " + std::to_string(number)));
  Property(TrackProperty::kGpu, number);
  Property(TrackProperty::kRank, AsRank(number));
  Property(TrackProperty::kChildOrdering, kExplicitOrder);
  const ProcessTable::Process& process = process_table_.processes()[index];
  const bool is_known = static_cast<size_t>(number) < gpu_names_.size();
  std::string description = is_known ? gpu_names_[static_cast<size_t>(number)] : std::string();
  if (!process.name.empty()) description += (description.empty() ? "" : ", ") + process.name;
  if (!description.empty()) Property(TrackProperty::kDescription, description);
  return track;
}

uint32_t TrackMaker::DefineStream(uint32_t index) {
  const ProcessTable::Thread& thread = process_table_.threads()[index];
  const ProcessTable::Id& id = thread.id;
  // Kineto puts what concerns the whole device on a thread of its own, which is no stream.
  const bool is_named = !thread.name.empty() && (!id.is_number || id.number < 0);
  const std::string name = is_named ? thread.name : "Stream " + id.text;
  const uint32_t track = Define(TrackKind::kPlain, of_process_[thread.process], batch_.NewText(name));
  if (id.is_number) {
    Property(TrackProperty::kRank, AsRank(id.number));
    if (id.number >= 0 && id.number <= INT32_MAX) Property(TrackProperty::kGpuStream, id.number);
  }
  Property(TrackProperty::kGpuEvents, static_cast<int64_t>(gpu_events_));
  if (!thread.name.empty() && !is_named) Property(TrackProperty::kDescription, thread.name);
  return track;
}

uint32_t TrackMaker::Global() {
  if (global_ == kNone) global_ = Define(TrackKind::kPlain, kNone, batch_.NewText("Global instants"));
  return global_;
}

uint32_t TrackMaker::Keyed(TrackKind kind, uint64_t key, uint32_t process, uint32_t name, std::string_view unit) {
  const auto [found, is_new] = of_key_.emplace(key, 0);
  if (is_new) {
    const uint32_t parent = process == kNone ? kNone : OfProcess(process);
    found->second = Define(kind, parent, name);
    if (!unit.empty()) Property(TrackProperty::kUnit, unit);
  }
  return found->second;
}

// ------------------------------------------------------------------ TraceBuilder

bool TraceBuilder::Flush() {
  if (batch_.rows() == 0) return true;
  const bool goes_on = output_(batch_.View());
  batch_.Clear();
  return goes_on;
}

void TraceBuilder::AddMetadata(const uint8_t* begin, const uint8_t* end) {
  batch_.BeginRow(RowKind::kMetadata, 0, 0, 0, 0, 0);
  batch_.Arguments(begin, end);
}

uint32_t TraceBuilder::TrackOf(const EventRecord& event, uint32_t name) {
  switch (event.kind) {
    case RecordKind::kAsyncBegin:
    case RecordKind::kAsyncInstant:
    case RecordKind::kAsyncEnd:
      return tracks_.Async(event.key, async_processes_.of_key.at(event.key), name);
    case RecordKind::kProcessInstant:
      return tracks_.OfProcess(event.owner);
    case RecordKind::kGlobalInstant:
      return tracks_.Global();
    case RecordKind::kCounter:
      return tracks_.Counter(event.key, event.owner, name, event.is_in_bytes() ? "bytes" : "");
    default:
      return tracks_.OfThread(event.owner);
  }
}

bool TraceBuilder::Add(const Record& record) {
  const EventView event(record, origin_);
  switch (event.head.kind) {
    case RecordKind::kComplete:
    case RecordKind::kBegin:
    case RecordKind::kAsyncBegin:
      AddRow(RowKind::kSlice, event);
      AddLinks();
      break;
    case RecordKind::kAsyncInstant:
      AddRow(RowKind::kInstant, event);
      AddLinks();
      break;
    case RecordKind::kInstant:
    case RecordKind::kProcessInstant:
    case RecordKind::kGlobalInstant:
      AddRow(RowKind::kInstant, event);
      break;
    case RecordKind::kCounter: {
      CompactArg value;
      ArgCursor(event.args, event.args_end).Next(&value);
      batch_.BeginRow(RowKind::kCounter, 0, TrackOf(event.head, NameOf(event)), 0, 0, event.time);
      batch_.SetValue(AsDouble(value.value));
      break;
    }
    default:
      return true;  // the links have its meaning
  }
  return !batch_.IsFull() || Flush();
}

void TraceBuilder::AddRow(RowKind kind, const EventView& event) {
  const uint32_t name = NameOf(event);
  const uint32_t track = TrackOf(event.head, name);
  batch_.BeginRow(kind, 0, track, name, CategoryOf(event), event.time);
  const bool has_length = event.head.kind == RecordKind::kComplete && event.head.duration != kNoDuration;
  if (has_length) batch_.SetLength(std::min(event.head.duration, kMaxInt64 - event.time));
  keeps_place_ = event.head.kind == RecordKind::kBegin || event.head.kind == RecordKind::kAsyncBegin;
  if (keeps_place_) batch_.AddFlags(kKeepsPlace);
  batch_.Arguments(event.args, event.args_end);
}

// Adds the links of the last row.
void TraceBuilder::AddLinks() {
  const uint64_t number = next_slice_++;
  for (; has_link_ && link_.key.time == number; has_link_ = links_.Next(&link_)) {
    LinkRecord link;
    std::memcpy(&link, link_.data, sizeof(link));
    if (link.kind == LinkRecord::Kind::kFlow) {
      batch_.Attribute(0, link.flow_type, link.flow_id);
    } else if (link.kind == LinkRecord::Kind::kPlace) {
      if ((link.flow_id & kReleases) != 0) batch_.SetLength(link.length);
      batch_.AddFlags(static_cast<uint8_t>(link.flow_id | kKeepsPlace));
    } else {
      batch_.SetLength(link.length);
      if (keeps_place_) batch_.AddFlags(kKeepsPlace);
      batch_.Arguments(link_.data + sizeof(link), link_.data + link_.size);
    }
  }
}

}  // namespace tracesmith
