#include "track_table.h"

#include <string_view>

namespace tracesmith {

using perfetto::protos::pbzero::CounterDescriptor;
using perfetto::protos::pbzero::TrackDescriptor;

TrackTable::TrackTable(const EventStore& store) : store_(store) {
  // Uuid 0 is the root of all tracks, so a track that asks for it gets another one.
  taken_.insert(0);
  for (const Track& track : store.tracks()) taken_.insert(track.prescribed_uuid);
  std::unordered_set<uint64_t> given;
  for (const Track& track : store.tracks()) {
    const bool as_prescribed = track.prescribed_uuid != 0 && given.insert(track.prescribed_uuid).second;
    uuids_.push_back(as_prescribed ? track.prescribed_uuid : NewUuid());
  }
}

uint64_t TrackTable::NewUuid() {
  while (!taken_.insert(next_uuid_).second) ++next_uuid_;
  return next_uuid_++;
}

TrackDescriptor* TrackTable::AddDescriptor(uint64_t uuid, TraceMessage* trace) const {
  auto* packet = trace->add_packet();
  packet->set_trusted_packet_sequence_id(kSequenceId);
  auto* descriptor = packet->set_track_descriptor();
  descriptor->set_uuid(uuid);
  return descriptor;
}

void TrackTable::SetParentAndName(const Track& track, TrackDescriptor* descriptor) const {
  if (track.parent >= 0) descriptor->set_parent_uuid(uuids_[static_cast<size_t>(track.parent)]);
  if (track.name != 0) {
    const std::string_view name = store_.strings()[track.name];
    descriptor->set_name(name.data(), name.size());
  }
}

int64_t TrackTable::PropertyOf(const Track& track, TrackProperty property, int64_t absent) const {
  for (uint32_t i = track.attr_begin; i < track.attr_end; ++i) {
    const Attr& attr = store_.attrs()[i];
    if (attr.key == static_cast<uint32_t>(property)) return static_cast<int64_t>(attr.value);
  }
  return absent;
}

void TrackTable::WriteDescriptor(uint32_t index, TraceMessage* trace) const {
  const Track& track = store_.tracks()[index];
  TrackDescriptor* descriptor = AddDescriptor(uuids_[index], trace);
  const std::string_view name = track.name == 0 ? std::string_view() : store_.strings()[track.name];

  const auto ordering = PropertyOf(track, TrackProperty::kChildOrdering, 0);
  if (ordering >= TrackDescriptor::LEXICOGRAPHIC && ordering <= TrackDescriptor::EXPLICIT) {
    descriptor->set_child_ordering(static_cast<TrackDescriptor::ChildTracksOrdering>(ordering));
  }
  constexpr int64_t kNoRank = INT64_MIN;
  const auto rank = PropertyOf(track, TrackProperty::kRank, kNoRank);
  if (rank != kNoRank) descriptor->set_sibling_order_rank(static_cast<int32_t>(rank));
  const auto sort_index = PropertyOf(track, TrackProperty::kSortIndex, kNoRank);

  switch (track.kind) {
    case TrackKind::kProcess: {
      auto* process = descriptor->set_process();
      process->set_pid(static_cast<int32_t>(PropertyOf(track, TrackProperty::kPid, 0)));
      if (!name.empty()) process->set_process_name(name.data(), name.size());
      if (sort_index != kNoRank) process->set_legacy_sort_index(static_cast<int32_t>(sort_index));
      for (uint32_t i = track.attr_begin; i < track.attr_end; ++i) {
        const Attr& attr = store_.attrs()[i];
        if (attr.key != static_cast<uint32_t>(TrackProperty::kLabel) || attr.type != AttrType::kText) continue;
        const std::string_view label = store_.strings()[static_cast<uint32_t>(attr.value)];
        process->add_process_labels(label.data(), label.size());
      }
      break;
    }
    case TrackKind::kThread: {
      const int64_t pid =
          track.parent < 0 ? 0 : PropertyOf(store_.tracks()[static_cast<size_t>(track.parent)], TrackProperty::kPid, 0);
      auto* thread = descriptor->set_thread();
      thread->set_pid(static_cast<int32_t>(pid));
      thread->set_tid(static_cast<int32_t>(PropertyOf(track, TrackProperty::kTid, 0)));
      if (!name.empty()) thread->set_thread_name(name.data(), name.size());
      if (sort_index != kNoRank) thread->set_legacy_sort_index(static_cast<int32_t>(sort_index));
      if (track.parent >= 0) descriptor->set_parent_uuid(uuids_[static_cast<size_t>(track.parent)]);
      break;
    }
    case TrackKind::kPlain:
      SetParentAndName(track, descriptor);
      break;
    case TrackKind::kCounter: {
      SetParentAndName(track, descriptor);
      auto* counter = descriptor->set_counter();
      const auto unit_id = static_cast<uint32_t>(PropertyOf(track, TrackProperty::kUnit, 0));
      if (unit_id == 0 || unit_id > store_.strings().size()) break;
      // The units that the UI scales; trace_processor gives them back under these names.
      const std::string_view unit = store_.strings()[unit_id];
      if (unit == "ns") {
        counter->set_unit(CounterDescriptor::UNIT_TIME_NS);
      } else if (unit == "count") {
        counter->set_unit(CounterDescriptor::UNIT_COUNT);
      } else if (unit == "bytes") {
        counter->set_unit(CounterDescriptor::UNIT_SIZE_BYTES);
      } else {
        counter->set_unit_name(unit.data(), unit.size());
      }
      break;
    }
  }
}

void TrackTable::WriteLaneDescriptor(uint32_t index, uint64_t lane_uuid, TraceMessage* trace) const {
  const Track& track = store_.tracks()[index];
  TrackDescriptor* descriptor = AddDescriptor(lane_uuid, trace);
  if (track.kind == TrackKind::kThread || track.kind == TrackKind::kProcess) {
    descriptor->set_parent_uuid(uuids_[index]);
  } else if (track.parent >= 0) {
    descriptor->set_parent_uuid(uuids_[static_cast<size_t>(track.parent)]);
  }
  if (track.name != 0) {
    const std::string_view name = store_.strings()[track.name];
    descriptor->set_name(name.data(), name.size());
  }
  const auto rank = PropertyOf(track, TrackProperty::kRank, INT64_MIN);
  if (rank != INT64_MIN) descriptor->set_sibling_order_rank(static_cast<int32_t>(rank));
}

}  // namespace tracesmith
