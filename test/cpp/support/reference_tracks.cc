// The tracks of the reference encoder.

#include <map>
#include <string>

#include "reference_encoder.h"

namespace tracesmith::test {

uint64_t ReferenceEncoder::NewUuid() {
  while (!taken_uuids_.insert(++last_uuid_).second) {
  }
  return last_uuid_;
}

uint64_t ReferenceEncoder::UuidOf(uint32_t track, uint32_t lane) {
  std::vector<uint64_t>& lanes = uuids_[track];
  while (lanes.size() <= lane) {
    lanes.push_back(NewUuid());
    const Track& of = table_.tracks()[track];
    TrackDescriptor* descriptor = AddDescriptor(lanes.back(), of);
    if (of.kind == TrackKind::kThread || of.kind == TrackKind::kProcess) {
      descriptor->set_parent_uuid(lanes[0]);
    } else if (of.parent >= 0) {
      descriptor->set_parent_uuid(uuids_[static_cast<size_t>(of.parent)][0]);
    }
    if (of.name != 0) descriptor->set_name(StringOf(of.name).data(), StringOf(of.name).size());
  }
  return lanes[lane];
}

// What tracks and their lanes have in common.
ReferenceEncoder::TrackDescriptor* ReferenceEncoder::AddDescriptor(uint64_t uuid, const Track& track) {
  auto* packet = trace_->add_packet();
  packet->set_trusted_packet_sequence_id(kSequenceId);
  TrackDescriptor* descriptor = packet->set_track_descriptor();
  descriptor->set_uuid(uuid);
  int64_t rank = 0;
  if (HasProperty(track, TrackProperty::kRank, &rank)) descriptor->set_sibling_order_rank(static_cast<int32_t>(rank));
  return descriptor;
}

bool ReferenceEncoder::HasProperty(const Track& track, TrackProperty property, int64_t* value) const {
  for (uint32_t i = track.attr_begin; i < track.attr_end; ++i) {
    if (table_.attrs()[i].key != static_cast<uint32_t>(property)) continue;
    *value = static_cast<int64_t>(table_.attrs()[i].value);
    return true;
  }
  return false;
}

void ReferenceEncoder::WriteTrack(uint32_t index) {
  const Track& track = table_.tracks()[index];
  TrackDescriptor* descriptor = AddDescriptor(uuids_[index][0], track);
  const std::string name = track.name == 0 ? std::string() : std::string(StringOf(track.name));
  int64_t value = 0;
  if (HasProperty(track, TrackProperty::kChildOrdering, &value)) {
    descriptor->set_child_ordering(static_cast<TrackDescriptor::ChildTracksOrdering>(value));
  }
  // Not of a lane.
  const bool has_rank = HasProperty(track, TrackProperty::kRank, &value);
  if (!has_rank && HasProperty(track, TrackProperty::kSortIndex, &value)) {
    descriptor->set_sibling_order_rank(static_cast<int32_t>(value));
  }
  if (track.parent >= 0 && track.kind != TrackKind::kProcess) {
    descriptor->set_parent_uuid(uuids_[static_cast<size_t>(track.parent)][0]);
  }
  if (track.kind == TrackKind::kProcess) {
    auto* process = descriptor->set_process();
    HasProperty(track, TrackProperty::kPid, &value);
    process->set_pid(static_cast<int32_t>(value));
    if (!name.empty()) process->set_process_name(name);
    if (HasProperty(track, TrackProperty::kSortIndex, &value)) process->set_legacy_sort_index(static_cast<int32_t>(value));
    for (uint32_t i = track.attr_begin; i < track.attr_end; ++i) {
      const Attr& attr = table_.attrs()[i];
      if (attr.key != static_cast<uint32_t>(TrackProperty::kLabel)) continue;
      process->add_process_labels(std::string(StringOf(static_cast<uint32_t>(attr.value))));
    }
  } else if (track.kind == TrackKind::kThread) {
    auto* thread = descriptor->set_thread();
    HasProperty(table_.tracks()[static_cast<size_t>(track.parent)], TrackProperty::kPid, &value);
    thread->set_pid(static_cast<int32_t>(value));
    HasProperty(track, TrackProperty::kTid, &value);
    thread->set_tid(static_cast<int32_t>(value));
    if (!name.empty()) thread->set_thread_name(name);
    if (HasProperty(track, TrackProperty::kSortIndex, &value)) thread->set_legacy_sort_index(static_cast<int32_t>(value));
  } else {
    if (!name.empty()) descriptor->set_name(name);
    if (track.kind != TrackKind::kCounter) return;
    auto* counter = descriptor->set_counter();
    if (!HasProperty(track, TrackProperty::kUnit, &value)) return;
    using perfetto::protos::pbzero::CounterDescriptor;
    static const std::map<std::string, CounterDescriptor::Unit> kUnits = {
        {"ns", CounterDescriptor::UNIT_TIME_NS},
        {"count", CounterDescriptor::UNIT_COUNT},
        {"bytes", CounterDescriptor::UNIT_SIZE_BYTES}};
    const std::string unit(StringOf(static_cast<uint32_t>(value)));
    if (kUnits.count(unit) != 0) {
      counter->set_unit(kUnits.at(unit));
    } else {
      counter->set_unit_name(unit);
    }
  }
}

}  // namespace tracesmith::test
