#pragma once

#include <perfetto.h>

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "event_store.h"

namespace tracesmith {

using TraceMessage = perfetto::protos::pbzero::Trace;

// The one packet sequence of a trace.
constexpr uint32_t kSequenceId = 1;

// Gives every track and lane its uuid and writes their descriptors.
class TrackTable {
 public:
  // The store must outlive the table and have all its tracks.
  explicit TrackTable(const EventStore& store);

  uint64_t UuidOf(uint32_t track) const { return uuids_[track]; }

  // A uuid that no track has.
  uint64_t NewUuid();

  void WriteDescriptor(uint32_t track, TraceMessage* trace) const;

  // The descriptor of a further lane of a track: a child of a thread, since a sibling would lose the
  // thread and a second ThreadDescriptor would make a second one; a sibling of any other track. It
  // has the track's name, by which the UI shows both as one.
  void WriteLaneDescriptor(uint32_t track, uint64_t lane_uuid, TraceMessage* trace) const;

 private:
  perfetto::protos::pbzero::TrackDescriptor* AddDescriptor(uint64_t uuid, TraceMessage* trace) const;
  void SetParentAndName(const Track& track, perfetto::protos::pbzero::TrackDescriptor* descriptor) const;
  int64_t PropertyOf(const Track& track, TrackProperty property, int64_t absent) const;

  const EventStore& store_;
  std::vector<uint64_t> uuids_;
  std::unordered_set<uint64_t> taken_;
  uint64_t next_uuid_ = 1;
};

}  // namespace tracesmith
