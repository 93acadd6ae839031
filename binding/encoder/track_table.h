#pragma once

#include <perfetto.h>

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "order/event_table.h"
#include "encoder/packet_writer.h"

namespace tracesmith {

// Each track and each lane (a further row of a track, for slices that overlap without nesting) needs a uuid and a
// descriptor. TrackTable chooses the uuids, so that no two are the same, and writes the descriptors.
//
// It owns the properties of tracks that events need later; the event table belongs to others. One thread at a time.
class TrackTable {
 public:
  // A stream of a GPU, as GPU stage events name it. `gpu_track`: the track of its GPU, by index.
  struct GpuStream {
    int32_t gpu;
    int32_t stream;
    uint32_t gpu_track;
  };
  struct Gpu {
    std::string vendor;
    std::string architecture;
  };

  // `table` must outlive this. Lanes, and tracks that prescribe no uuid, get free ones from `first_uuid` on: with
  // `derives_processes` processes get theirs from their pid and name.
  TrackTable(const EventTable& table, uint64_t first_uuid, bool derives_processes)
      : table_(table), derives_processes_(derives_processes), next_uuid_(first_uuid) {}

  // Adds the new tracks of the event table and writes their descriptors. The table may drop the attributes of those
  // tracks afterwards.
  void AddNew(PacketWriter& packets);

  size_t size() const { return tracks_.size(); }
  uint64_t UuidOf(uint32_t track) const { return tracks_[track].uuid; }
  const std::string& NameOf(uint32_t track) const { return tracks_[track].name; }
  // All 0 for a track that is no stream.
  const GpuStream& GpuStreamOf(uint32_t track) const { return tracks_[track].gpu_stream; }
  // The GPU of a stream.
  const Gpu& GpuOf(uint32_t track) const { return tracks_[tracks_[track].gpu_stream.gpu_track].gpu; }
  // The pid of the process above a track; 0 for none.
  int32_t PidOf(uint32_t track) const { return static_cast<int32_t>(tracks_[track].pid); }

  // A uuid that no track has or prescribes.
  uint64_t NewUuid();

  // Writes the descriptor of a lane. The lane of a thread or process is a child of it: a sibling would belong to
  // neither, and a second ThreadDescriptor would make a second thread. The lane of any other track is a sibling with
  // its name, by which the UI shows both as one.
  void WriteLaneDescriptor(uint32_t track, uint64_t lane_uuid, PacketWriter& packets) const;

 private:
  struct Entry {
    uint64_t uuid;
    uint64_t lane_parent;  // uuid; 0 for none
    std::string name;
    int64_t rank;  // sibling_order_rank
    int64_t pid;  // of the track itself, or of the process above it
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

  // What a track prescribes; 0 for nothing.
  uint64_t PrescribedUuid(const Track& track) const;
  Entry EntryOf(const Track& track, uint64_t uuid) const;
  void WriteRoot(PacketWriter& packets);
  void WriteDescriptor(const Track& track, const Entry& entry, PacketWriter& packets);
  void WriteProcess(const Track& track, const Entry& entry, TrackDescriptor* descriptor) const;
  void WriteThread(const Track& track, const Entry& entry, TrackDescriptor* descriptor) const;
  void WriteCounter(const Track& track, TrackDescriptor* descriptor) const;
  void WriteGpuInfo(const Track& track, const Entry& entry, PacketWriter& packets);
  int64_t PropertyOf(const Track& track, TrackProperty property, int64_t absent) const;
  // Empty where the track does not have it.
  std::string TextOf(const Track& track, TrackProperty property) const;
  std::vector<std::string> TextsOf(const Track& track, TrackProperty property) const;

  const EventTable& table_;
  bool derives_processes_;
  std::vector<Entry> tracks_;
  std::unordered_set<uint64_t> taken_ = {0};  // uuid 0 is the root of all tracks
  std::unordered_set<uint64_t> given_;        // to tracks and lanes; the rest of taken_ is prescribed by new tracks
  uint64_t next_uuid_;
  bool is_root_written_ = false;
  std::vector<GpuInfo> gpu_infos_;  // by number of the GPU
};

}  // namespace tracesmith
