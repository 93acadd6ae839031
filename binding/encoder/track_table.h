#pragma once

#include <perfetto.h>

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "order/event_store.h"
#include "proto/sequences.h"

namespace tracesmith {

// Where the uuids of a whole trace begin that nobody asked for: its tracks ask for (device << 32) | stream, also
// in batches that come after others were given away. Those of a stream ask for none, and are small.
constexpr uint64_t kFirstUuidOfWhole = uint64_t{1} << 40;

// Gives every track and lane its uuid, writes their descriptors, and keeps what is asked of a track later.
class TrackTable {
 public:
  // A stream of a GPU, as stage events name it.
  struct GpuStream {
    int32_t gpu;
    int32_t stream;
    uint32_t gpu_track;
  };
  struct Gpu {
    std::string vendor;
    std::string architecture;
  };

  // The store must outlive the table.
  // `first_uuid` is where to look for uuids of tracks that ask for none.
  TrackTable(const EventStore& store, uint64_t first_uuid) : store_(store), next_uuid_(first_uuid) {}

  // Takes the tracks that are new in the store and writes their descriptors. The attributes of those
  // tracks must still be there; they are not needed afterwards.
  void AddNew(TraceMessage* trace);

  size_t size() const { return tracks_.size(); }
  uint64_t UuidOf(uint32_t track) const { return tracks_[track].uuid; }
  const std::string& NameOf(uint32_t track) const { return tracks_[track].name; }
  // Zeros for a track that is no stream.
  const GpuStream& GpuStreamOf(uint32_t track) const { return tracks_[track].gpu_stream; }
  // The GPU of a stream.
  const Gpu& GpuOf(uint32_t track) const { return tracks_[tracks_[track].gpu_stream.gpu_track].gpu; }
  // The pid of the process that a track is below; 0 for none.
  int32_t PidOf(uint32_t track) const { return static_cast<int32_t>(tracks_[track].pid); }

  // A uuid that no track has.
  uint64_t NewUuid();

  // The descriptor of a further lane of a track: a child of a thread, since a sibling would lose the
  // thread and a second ThreadDescriptor would make a second one; a sibling of any other track. It
  // has the track's name, by which the UI shows both as one.
  void WriteLaneDescriptor(uint32_t track, uint64_t lane_uuid, TraceMessage* trace) const;

 private:
  struct Entry {
    uint64_t uuid;
    uint64_t lane_parent;  // uuid; 0 for none
    std::string name;
    int64_t rank;
    int64_t pid;  // of the process that it is or is below
    GpuStream gpu_stream;
    Gpu gpu;
  };
  struct GpuInfo {
    std::string name;
    std::string vendor;
    std::string architecture;
    std::string uuid;
    std::string pci_bdf;
  };
  using TrackDescriptor = perfetto::protos::pbzero::TrackDescriptor;

  TrackDescriptor* AddDescriptor(uint64_t uuid, uint32_t sequence, TraceMessage* trace) const;
  Entry EntryOf(const Track& track, uint64_t uuid) const;
  void WriteDescriptor(const Track& track, const Entry& entry, TraceMessage* trace);
  void WriteProcess(const Track& track, const Entry& entry, TrackDescriptor* descriptor) const;
  void WriteThread(const Track& track, const Entry& entry, TrackDescriptor* descriptor) const;
  void WriteCounter(const Track& track, TrackDescriptor* descriptor) const;
  void WriteGpuInfo(const Track& track, const Entry& entry, TraceMessage* trace);
  int64_t PropertyOf(const Track& track, TrackProperty property, int64_t absent) const;
  // Empty where the track does not have it.
  std::string TextOf(const Track& track, TrackProperty property) const;
  std::vector<std::string> TextsOf(const Track& track, TrackProperty property) const;

  const EventStore& store_;
  std::vector<Entry> tracks_;
  std::unordered_set<uint64_t> taken_ = {0};  // uuid 0 is the root of all tracks
  std::unordered_set<uint64_t> given_;        // what tracks and lanes have; more than that is only asked for
  uint64_t next_uuid_;
  std::vector<GpuInfo> gpu_infos_;  // by number
};

}  // namespace tracesmith
