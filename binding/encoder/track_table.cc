#include "encoder/track_table.h"

#include <algorithm>
#include <string_view>

#include "encoder/derived_ids.h"
#include "proto/newer_fields.h"

namespace tracesmith {
namespace {

using perfetto::protos::pbzero::CounterDescriptor;

constexpr int64_t kAbsent = INT64_MIN;

int DigitOf(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// "GPU-8a1b2c3d-...", as drivers print it, as the 16 bytes that it stands for; anything else as it is.
std::string UuidBytes(const std::string& text) {
  std::string bytes;
  int high = -1;
  for (size_t i = text.compare(0, 4, "GPU-") == 0 ? 4 : 0; i < text.size(); ++i) {
    if (text[i] == '-') continue;
    const int digit = DigitOf(text[i]);
    if (digit < 0) return text;
    if (high >= 0) bytes.push_back(static_cast<char>(high * 16 + digit));
    high = high < 0 ? digit : -1;
  }
  return bytes.size() == 16 && high < 0 ? bytes : text;
}

}  // namespace

void TrackTable::AddNew(PacketWriter& packets) {
  const size_t first = tracks_.size();
  const std::vector<Track>& tracks = table_.tracks();
  for (size_t i = first; i < tracks.size(); ++i) taken_.insert(PrescribedUuid(tracks[i]));
  for (size_t i = first; i < tracks.size(); ++i) {
    const uint64_t prescribed = PrescribedUuid(tracks[i]);
    const bool as_prescribed = prescribed != 0 && given_.insert(prescribed).second;
    // A process takes the number that its uuid stands for, so that the others do not depend on it.
    if (derives_processes_ && as_prescribed) ++next_uuid_;
    tracks_.push_back(EntryOf(tracks[i], as_prescribed ? prescribed : NewUuid()));
  }
  const bool has_sort_index = std::any_of(tracks.begin() + static_cast<ptrdiff_t>(first), tracks.end(), [this](const Track& track) {
    return PropertyOf(track, TrackProperty::kSortIndex, kAbsent) != kAbsent;
  });
  if (has_sort_index) WriteRoot(packets);
  for (size_t i = first; i < tracks.size(); ++i) WriteDescriptor(tracks[i], tracks_[i], packets);
}

uint64_t TrackTable::PrescribedUuid(const Track& track) const {
  if (!derives_processes_ || track.kind != TrackKind::kProcess) return track.prescribed_uuid;
  const std::string_view name = track.name == 0 ? std::string_view() : table_.strings()[track.name];
  return DerivedIds::OfProcess(PropertyOf(track, TrackProperty::kPid, 0), name);
}

// Asks for the order of processes and threads by their ranks, once.
void TrackTable::WriteRoot(PacketWriter& packets) {
  if (is_root_written_) return;
  is_root_written_ = true;
  TrackDescriptor* descriptor = packets.AddPacket()->set_track_descriptor();
  descriptor->set_uuid(0);
  descriptor->set_child_ordering(TrackDescriptor::EXPLICIT);
  descriptor->AppendVarInt(newer_fields::kTrackDescriptorProcessOrdering, newer_fields::kOrderingExplicit);
  descriptor->AppendVarInt(newer_fields::kTrackDescriptorThreadOrdering, newer_fields::kOrderingExplicit);
}

uint64_t TrackTable::NewUuid() {
  while (!taken_.insert(next_uuid_).second) ++next_uuid_;
  given_.insert(next_uuid_);
  return next_uuid_++;
}

TrackTable::Entry TrackTable::EntryOf(const Track& track, uint64_t uuid) const {
  const int64_t rank = PropertyOf(track, TrackProperty::kRank, kAbsent);
  Entry entry{uuid, 0, {}, rank, PropertyOf(track, TrackProperty::kPid, 0), {}, {}};
  if (track.name != 0) entry.name = std::string(table_.strings()[track.name]);
  const bool is_parent_of_lanes = track.kind == TrackKind::kThread || track.kind == TrackKind::kProcess;
  if (is_parent_of_lanes) {
    entry.lane_parent = uuid;
  } else if (track.parent >= 0) {
    entry.lane_parent = tracks_[static_cast<size_t>(track.parent)].uuid;
  }
  if (track.parent >= 0 && track.kind != TrackKind::kProcess) {
    entry.pid = tracks_[static_cast<size_t>(track.parent)].pid;
  }
  const int64_t stream = PropertyOf(track, TrackProperty::kGpuStream, kAbsent);
  const int64_t gpu = PropertyOf(track, TrackProperty::kGpu, kAbsent);
  if (gpu != kAbsent) {
    entry.gpu_stream.gpu = static_cast<int32_t>(gpu);
    entry.gpu = {TextOf(track, TrackProperty::kGpuVendor), TextOf(track, TrackProperty::kGpuArchitecture)};
  } else if (stream != kAbsent && track.parent >= 0) {
    const auto parent = static_cast<uint32_t>(track.parent);
    entry.gpu_stream = {tracks_[parent].gpu_stream.gpu, static_cast<int32_t>(stream), parent};
  }
  return entry;
}

int64_t TrackTable::PropertyOf(const Track& track, TrackProperty property, int64_t absent) const {
  for (uint32_t i = track.attr_begin; i < track.attr_end; ++i) {
    const Attr& attr = table_.attrs()[i];
    if (attr.key == static_cast<uint32_t>(property)) return static_cast<int64_t>(attr.value);
  }
  return absent;
}

std::vector<std::string> TrackTable::TextsOf(const Track& track, TrackProperty property) const {
  std::vector<std::string> texts;
  for (uint32_t i = track.attr_begin; i < track.attr_end; ++i) {
    const Attr& attr = table_.attrs()[i];
    if (attr.key != static_cast<uint32_t>(property) || attr.type != AttrType::kText) continue;
    texts.emplace_back(table_.strings()[static_cast<uint32_t>(attr.value)]);
  }
  return texts;
}

std::string TrackTable::TextOf(const Track& track, TrackProperty property) const {
  const std::vector<std::string> texts = TextsOf(track, property);
  return texts.empty() ? std::string() : texts.front();
}

void TrackTable::WriteDescriptor(const Track& track, const Entry& entry, PacketWriter& packets) {
  if (PropertyOf(track, TrackProperty::kGpu, kAbsent) != kAbsent) WriteGpuInfo(track, entry, packets);
  TracePacket* packet = track.kind == TrackKind::kThread ? packets.AddThreadPacket() : packets.AddPacket();
  TrackDescriptor* descriptor = packet->set_track_descriptor();
  descriptor->set_uuid(entry.uuid);
  const auto ordering = PropertyOf(track, TrackProperty::kChildOrdering, 0);
  if (ordering >= TrackDescriptor::LEXICOGRAPHIC && ordering <= TrackDescriptor::EXPLICIT) {
    descriptor->set_child_ordering(static_cast<TrackDescriptor::ChildTracksOrdering>(ordering));
  }
  const int64_t rank = entry.rank != kAbsent ? entry.rank : PropertyOf(track, TrackProperty::kSortIndex, kAbsent);
  if (rank != kAbsent) descriptor->set_sibling_order_rank(static_cast<int32_t>(rank));
  const std::string description = TextOf(track, TrackProperty::kDescription);
  if (!description.empty()) descriptor->AppendString(newer_fields::kTrackDescriptorDescription, description);

  if (track.kind == TrackKind::kProcess) return WriteProcess(track, entry, descriptor);
  if (track.parent >= 0) descriptor->set_parent_uuid(tracks_[static_cast<size_t>(track.parent)].uuid);
  if (track.kind == TrackKind::kThread) return WriteThread(track, entry, descriptor);
  if (track.name != 0) descriptor->set_name(entry.name);
  if (track.kind == TrackKind::kCounter) WriteCounter(track, descriptor);
}

void TrackTable::WriteProcess(const Track& track, const Entry& entry, TrackDescriptor* descriptor) const {
  auto* process = descriptor->set_process();
  process->set_pid(static_cast<int32_t>(entry.pid));
  if (!entry.name.empty()) process->set_process_name(entry.name);
  const auto sort_index = PropertyOf(track, TrackProperty::kSortIndex, kAbsent);
  if (sort_index != kAbsent) process->set_legacy_sort_index(static_cast<int32_t>(sort_index));
  for (const std::string& argument : TextsOf(track, TrackProperty::kCommandLine)) process->add_cmdline(argument);
  for (const std::string& label : TextsOf(track, TrackProperty::kLabel)) process->add_process_labels(label);
}

void TrackTable::WriteThread(const Track& track, const Entry& entry, TrackDescriptor* descriptor) const {
  auto* thread = descriptor->set_thread();
  thread->set_pid(static_cast<int32_t>(entry.pid));
  thread->set_tid(static_cast<int32_t>(PropertyOf(track, TrackProperty::kTid, 0)));
  if (!entry.name.empty()) thread->set_thread_name(entry.name);
  const auto sort_index = PropertyOf(track, TrackProperty::kSortIndex, kAbsent);
  if (sort_index != kAbsent) thread->set_legacy_sort_index(static_cast<int32_t>(sort_index));
}

void TrackTable::WriteCounter(const Track& track, TrackDescriptor* descriptor) const {
  auto* counter = descriptor->set_counter();
  // The units that the UI scales; trace_processor gives them back under these names.
  const std::string unit = TextOf(track, TrackProperty::kUnit);
  if (unit == "ns") {
    counter->set_unit(CounterDescriptor::UNIT_TIME_NS);
  } else if (unit == "count") {
    counter->set_unit(CounterDescriptor::UNIT_COUNT);
  } else if (unit == "bytes") {
    counter->set_unit(CounterDescriptor::UNIT_SIZE_BYTES);
  } else if (!unit.empty()) {
    counter->set_unit_name(unit);
  }
  const std::string unit_name = TextOf(track, TrackProperty::kUnitName);
  if (!unit_name.empty()) counter->set_unit_name(unit_name);
  const auto multiplier = PropertyOf(track, TrackProperty::kUnitMultiplier, kAbsent);
  if (multiplier != kAbsent) counter->set_unit_multiplier(multiplier);
  if (PropertyOf(track, TrackProperty::kIncremental, 0) != 0) counter->set_is_incremental(true);
  const std::string axis = TextOf(track, TrackProperty::kYAxisShareKey);
  if (!axis.empty()) counter->AppendString(newer_fields::kCounterDescriptorYAxisShareKey, axis);
}

// trace_processor numbers GPUs by their place in the last GpuInfo, so each packet names all so far.
void TrackTable::WriteGpuInfo(const Track& track, const Entry& entry, PacketWriter& packets) {
  const auto number = static_cast<size_t>(entry.gpu_stream.gpu);
  constexpr size_t kMaxDescribed = 1024;  // a larger number is some id, not a place in a list
  if (number >= kMaxDescribed) return;
  if (gpu_infos_.size() <= number) gpu_infos_.resize(number + 1);
  gpu_infos_[number] = {entry.name, entry.gpu.vendor, entry.gpu.architecture,
                        UuidBytes(TextOf(track, TrackProperty::kGpuUuid)), TextOf(track, TrackProperty::kGpuPciBdf)};
  auto* info = packets.AddPacket()->BeginNestedMessage<protozero::Message>(newer_fields::kTracePacketGpuInfo);
  for (const GpuInfo& gpu : gpu_infos_) {
    auto* described = info->BeginNestedMessage<protozero::Message>(newer_fields::kGpuInfoGpus);
    const auto set = [&](uint32_t field, const std::string& text) {
      if (!text.empty()) described->AppendString(field, text);
    };
    set(newer_fields::kGpuName, gpu.name);
    set(newer_fields::kGpuVendor, gpu.vendor);
    set(newer_fields::kGpuArchitecture, gpu.architecture);
    set(newer_fields::kGpuUuid, gpu.uuid);
    set(newer_fields::kGpuPciBdf, gpu.pci_bdf);
  }
}

void TrackTable::WriteLaneDescriptor(uint32_t index, uint64_t lane_uuid, PacketWriter& packets) const {
  const Entry& entry = tracks_[index];
  TrackDescriptor* descriptor = packets.AddPacket()->set_track_descriptor();
  descriptor->set_uuid(lane_uuid);
  if (entry.lane_parent != 0) descriptor->set_parent_uuid(entry.lane_parent);
  if (!entry.name.empty()) descriptor->set_name(entry.name);
  if (entry.rank != kAbsent) descriptor->set_sibling_order_rank(static_cast<int32_t>(entry.rank));
}

}  // namespace tracesmith
