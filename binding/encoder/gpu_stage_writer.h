#pragma once

#include <perfetto.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "order/event_table.h"
#include "encoder/interned_data.h"
#include "encoder/track_table.h"

namespace tracesmith {

// The table gpu_slice and the GPU panel of the UI are filled by Perfetto's own GPU stage events, not by track events.
// GpuStageWriter writes slices of GPU streams as such: one packet with a duration, which readers lay out themselves.
//
// It owns the iids of hardware queues, stages, contexts and kernels; all else belongs to others. One thread at a time.
class GpuStageWriter {
 public:
  // All must outlive the writer.
  GpuStageWriter(const EventTable& table, const TrackTable& tracks, InternedData& interned, PacketWriter& packets)
      : table_(table), tracks_(tracks), interned_(interned), packets_(packets) {}

  // Writes a slice whose end is known. `clock_id`: the clock of its time.
  void Write(const Event& event, uint32_t clock_id);

  // Forgets what is interned, when the incremental state is cleared.
  void Forget();

 private:
  using GpuRenderStageEvent = perfetto::protos::pbzero::GpuRenderStageEvent;

  // The iids that an event refers to; 0 for none.
  struct Iids {
    uint64_t queue;
    uint64_t stage;
    uint64_t context;
    uint64_t kernel;
  };

  // The launch configuration of an event, which makes it a kernel; null for none.
  const Attr* LaunchOf(const Event& event) const;
  // Gives the iids of an event, and writes the new ones. `is_compute`: whether it is a kernel.
  Iids Intern(const Event& event, bool is_compute);
  void WriteLaunch(const Attr* launch, const TrackTable::GpuStream& stream, const Event& event,
                   GpuRenderStageEvent* stage);

  const EventTable& table_;
  const TrackTable& tracks_;
  InternedData& interned_;
  PacketWriter& packets_;
  uint64_t last_event_id_ = 0;
  uint64_t last_specification_iid_ = 0;  // queues and stages share one space of iids
  uint64_t last_kernel_iid_ = 0;
  // Iids.
  std::unordered_map<uint32_t, uint64_t> queues_;      // by track
  std::unordered_map<std::string, uint64_t> stages_;   // by "c" (compute) or "o" (other) and the category of the event
  std::unordered_map<int32_t, uint64_t> contexts_;     // by GPU
  std::unordered_map<std::string, uint64_t> kernels_;  // by architecture and name
};

}  // namespace tracesmith
