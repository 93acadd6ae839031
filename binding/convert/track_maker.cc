#include "convert/track_maker.h"

#include <algorithm>
#include <utility>

namespace tracesmith {
namespace {

constexpr int64_t kFirstSubstitute = 1'000'000'000;
constexpr int64_t kExplicitOrder = 3;  // ChildTracksOrdering of Perfetto

// An id that a native trace can have.
bool IsNative(bool is_number, int64_t number) { return is_number && number > 0 && number <= INT32_MAX; }

int64_t AsRank(int64_t number) { return std::clamp<int64_t>(number, INT32_MIN, INT32_MAX); }

}  // namespace

TrackMaker::TrackMaker(RowBatch& batch, const Identities& identities, std::vector<std::string> gpu_names, GpuEvents gpu_events)
    : batch_(batch),
      identities_(identities),
      gpu_names_(std::move(gpu_names)),
      gpu_events_(gpu_events),
      of_process_(identities.processes().size(), kNone),
      of_thread_(identities.threads().size(), kNone),
      pids_(identities.processes().size(), 0),
      tids_(identities.threads().size(), 0),
      next_substitute_(kFirstSubstitute) {
  for (const Identities::Process& process : identities.processes()) used_ids_.insert(process.number);
  for (const Identities::Thread& thread : identities.threads()) used_ids_.insert(thread.number);
}

void TrackMaker::DefineAll() {
  for (uint32_t i = 0; i < of_process_.size(); ++i) {
    if (identities_.GpuOf(i) < 0) OfProcess(i);
  }
  for (uint32_t i = 0; i < of_thread_.size(); ++i) {
    if (identities_.GpuOf(identities_.threads()[i].process) < 0) OfThread(i);
  }
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

int64_t TrackMaker::Substitute() {
  while (used_ids_.count(next_substitute_) != 0) ++next_substitute_;
  return next_substitute_++;
}

int64_t TrackMaker::PidOf(uint32_t index) {
  const Identities::Process& process = identities_.processes()[index];
  if (pids_[index] == 0) pids_[index] = IsNative(process.is_number, process.number) ? process.number : Substitute();
  return pids_[index];
}

int64_t TrackMaker::TidOf(uint32_t index) {
  const Identities::Thread& thread = identities_.threads()[index];
  if (tids_[index] == 0) tids_[index] = IsNative(thread.is_number, thread.number) ? thread.number : Substitute();
  return tids_[index];
}

TrackMaker::NativeIds TrackMaker::IdsOfThread(uint32_t index) {
  const int64_t pid = PidOf(identities_.threads()[index].process);
  return {pid, TidOf(index)};
}

uint32_t TrackMaker::OfProcess(uint32_t index) {
  if (of_process_[index] != kNone) return of_process_[index];
  const int64_t gpu = identities_.GpuOf(index);
  if (gpu >= 0) return of_process_[index] = DefineGpu(index, gpu);
  const Identities::Process& process = identities_.processes()[index];
  const bool is_native = IsNative(process.is_number, process.number);
  const uint32_t name = !process.name.empty() ? batch_.NewText(process.name) : is_native ? 0 : TextOrNone(process.id);
  of_process_[index] = Define(TrackKind::kProcess, kNone, name);
  Property(TrackProperty::kPid, PidOf(index));
  if (process.sort_index != Identities::kAbsent) Property(TrackProperty::kSortIndex, process.sort_index);
  for (const std::string& label : process.labels) Property(TrackProperty::kLabel, label);
  if (!is_native && !process.name.empty()) Property(TrackProperty::kLabel, "pid " + process.id);
  return of_process_[index];
}

uint32_t TrackMaker::OfThread(uint32_t index) {
  if (of_thread_[index] == kNone) DefineThread(index);
  return of_thread_[index];
}

void TrackMaker::DefineThread(uint32_t index) {
  const Identities::Thread& thread = identities_.threads()[index];
  const uint32_t process = OfProcess(thread.process);
  if (identities_.GpuOf(thread.process) >= 0) {
    of_thread_[index] = DefineStream(index);
    return;
  }
  const bool is_native = IsNative(thread.is_number, thread.number);
  const uint32_t name = !thread.name.empty() ? batch_.NewText(thread.name) : is_native ? 0 : TextOrNone(thread.id);
  of_thread_[index] = Define(TrackKind::kThread, process, name);
  Property(TrackProperty::kTid, TidOf(index));
  if (thread.sort_index != Identities::kAbsent) Property(TrackProperty::kSortIndex, thread.sort_index);
}

uint32_t TrackMaker::DefineGpu(uint32_t index, int64_t number) {
  const uint32_t track = Define(TrackKind::kPlain, kNone, batch_.NewText("GPU " + std::to_string(number)));
  Property(TrackProperty::kGpu, number);
  Property(TrackProperty::kRank, AsRank(number));
  Property(TrackProperty::kChildOrdering, kExplicitOrder);
  const Identities::Process& process = identities_.processes()[index];
  const bool is_known = static_cast<size_t>(number) < gpu_names_.size();
  std::string description = is_known ? gpu_names_[static_cast<size_t>(number)] : std::string();
  if (!process.name.empty()) description += (description.empty() ? "" : ", ") + process.name;
  if (!description.empty()) Property(TrackProperty::kDescription, description);
  return track;
}

uint32_t TrackMaker::DefineStream(uint32_t index) {
  const Identities::Thread& thread = identities_.threads()[index];
  const uint32_t track = Define(TrackKind::kPlain, of_process_[thread.process], batch_.NewText("Stream " + thread.id));
  if (thread.is_number) {
    Property(TrackProperty::kRank, AsRank(thread.number));
    if (thread.number >= 0 && thread.number <= INT32_MAX) Property(TrackProperty::kGpuStream, thread.number);
  }
  Property(TrackProperty::kGpuEvents, static_cast<int64_t>(gpu_events_));
  if (!thread.name.empty()) Property(TrackProperty::kDescription, thread.name);
  return track;
}

uint32_t TrackMaker::Global() {
  if (global_ == kNone) global_ = Define(TrackKind::kPlain, kNone, batch_.NewText("Global instants"));
  return global_;
}

uint32_t TrackMaker::Async(uint64_t key, uint32_t process, uint32_t name) {
  const auto [found, is_new] = of_key_.emplace(key, 0);
  if (is_new) {
    const uint32_t parent = process == kNone ? kNone : OfProcess(process);
    found->second = Define(TrackKind::kPlain, parent, name);
  }
  return found->second;
}

uint32_t TrackMaker::Counter(uint64_t key, uint32_t process, uint32_t name) {
  const auto [found, is_new] = of_key_.emplace(~key, 0);
  if (is_new) {
    const uint32_t parent = OfProcess(process);
    found->second = Define(TrackKind::kCounter, parent, name);
  }
  return found->second;
}

}  // namespace tracesmith
