#pragma once

#include <perfetto.h>

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/inline.h"
#include "encoder/gpu_stage_writer.h"
#include "encoder/interned_data.h"
#include "encoder/lane_packet.h"
#include "encoder/packet_writer.h"
#include "encoder/track_table.h"
#include "order/event_table.h"
#include "order/flows.h"

namespace tracesmith {

// A timeline puts events in the order in which they are written and calls EventWriter for each, which writes it as a
// packet, most into the flat block of the PacketWriter. At each flush, the interned data and the descriptors of lanes
// that those packets need are set first.
//
// Slices of a track that overlap without nesting go to lanes, further rows of the track: Perfetto sees each as a track.
// Lane 0 is the track itself. Timestamps are differences to the packet before (the incremental clock of the sequence);
// a packet whose time goes back tells its time in full.
//
// It owns the interned data and the lanes; the table, the tracks and the packets belong to others. One thread at a
// time.
class EventWriter {
 public:
  // All must outlive the writer. `default_uuid`: the track of events that name none, by the defaults of the sequence.
  EventWriter(const EventTable& table, TrackTable& tracks, PacketWriter& packets, uint64_t default_uuid);

  // Adds the new tracks of the track table.
  void AddTracks();

  // Starts the incremental clock of the sequence at `time`. `clock_id`: the clock of the trace's timestamps.
  void StartClock(uint64_t time, uint32_t clock_id) {
    incremental_time_ = time;
    trace_clock_id_ = clock_id;
  }
  // The time of the incremental clock.
  uint64_t incremental_time() const { return incremental_time_; }

  // A slice begins. `arrows`: the ends of flows at it.
  void Begin(const Event& event, uint32_t lane, Arrows::Span arrows);
  // The same for a slice on lane 0 that has a name, but no arguments and arrows.
  TRACESMITH_INLINE void BeginPlain(const Event& event) {
    if (event.time < incremental_time_) return Begin(event, 0, {nullptr, nullptr});
    WriteNamed(event, perfetto::protos::pbzero::TrackEvent::TYPE_SLICE_BEGIN, main_lanes_[event.track]);
  }
  TRACESMITH_INLINE void End(uint32_t track, uint32_t lane, uint64_t time) {
    const LanePrefix& prefix = Lane(track, lane);
    if (time < incremental_time_) return WriteEnd(prefix, time, {0, 0});
    Commit(PutEndPacket(packets_.block().end(), StepTo(time), prefix));
  }
  // An end with further arguments of the slice.
  void EndWith(uint32_t track, uint32_t lane, uint64_t time, AttrRange attrs);
  // An end that is written before its time has come: earlier packets may follow, so the incremental clock stays put.
  void EndAhead(uint32_t track, uint32_t lane, uint64_t time);
  // A whole slice, as a GPU stage event, for which readers find the lane.
  void Complete(const Event& event) { gpu_stages_.Write(event, trace_clock_id_); }
  void Instant(const Event& event, Arrows::Span arrows);
  void Counter(const Event& event);

  // Passes everything that was written to the sink.
  void Flush();

  // Whether so much is interned that a stream should begin anew.
  bool HasInternedMuch() const { return interned_.IsLarge(); }
  // Forgets all interned data. Everything must be flushed, and the sequence must be started again before more is
  // written.
  void ForgetInterned();

 private:
  const LanePrefix& Lane(uint32_t track, uint32_t lane) {
    return lane == 0 ? main_lanes_[track] : ExtraLane(track, lane);
  }
  const LanePrefix& ExtraLane(uint32_t track, uint32_t lane);

  // A packet that is being written: where its next byte goes, and the offsets in the block at which the content of its
  // nested messages begins.
  struct Packet {
    uint8_t* at;
    size_t packet_content;
    size_t track_event_content;
  };
  // Writes the start of a packet, its timestamp and the lane's prefix, and makes room for `further_bytes`. Returns
  // where the prefix is. The length of the packet stays open.
  uint8_t* PutPacketStart(uint64_t time, const LanePrefix& lane, size_t further_bytes);
  Packet StartPacket(uint64_t time, perfetto::protos::pbzero::TrackEvent::Type type, const LanePrefix& lane,
                     size_t further_bytes);
  void FinishPacket(Packet packet);
  bool HasNameAlone(const Event& event, Arrows::Span arrows) const {
    return event.attr_begin == event.attr_end && arrows.first == arrows.last && event.name != 0 &&
           event.time >= incremental_time_;
  }
  // Moves the incremental clock to a time that is not before it, and returns the difference.
  uint64_t StepTo(uint64_t time) { return time - std::exchange(incremental_time_, time); }
  TRACESMITH_INLINE void WriteNamed(const Event& event, perfetto::protos::pbzero::TrackEvent::Type type,
                                    const LanePrefix& lane) {
    const InternedData::NameBytes& name = interned_.NameAndCategory(event.name, event.category);
    Commit(PutNamedPacket(packets_.block().end(), StepTo(event.time), lane, type, name));
  }
  // Ends a packet of the block at `end`, and flushes a block that is full.
  TRACESMITH_INLINE void Commit(const uint8_t* end) {
    packets_.block().Commit(end);
    if (packets_.block().size() >= PacketWriter::kBlockSize) Flush();
  }
  void WriteEnd(const LanePrefix& lane, uint64_t time, AttrRange attrs);
  void WriteEvent(const Event& event, perfetto::protos::pbzero::TrackEvent::Type type, const LanePrefix& lane,
                  Arrows::Span arrows);
  // Writes attributes; most are arguments, which Perfetto calls debug annotations. A packet ends with them.
  uint8_t* WriteAttrs(uint8_t* at, AttrRange attrs);
  uint8_t* WriteArgument(uint8_t* at, const Attr& attr, size_t further_bytes);
  // Both leave room for `further_bytes` behind the text.
  uint8_t* WriteText(uint8_t* at, uint32_t string_id, size_t further_bytes);
  uint8_t* WriteString(uint8_t* at, uint32_t field, std::string_view text, size_t further_bytes);

  const EventTable& table_;
  TrackTable& tracks_;
  PacketWriter& packets_;
  uint64_t default_uuid_;
  InternedData interned_;
  GpuStageWriter gpu_stages_;
  std::vector<LanePrefix> main_lanes_;
  std::vector<std::vector<LanePrefix>> extra_lanes_;  // by track, from lane 1
  struct NewLane {
    uint32_t track;
    uint64_t uuid;
  };
  std::vector<NewLane> new_lanes_;  // without a descriptor yet
  uint64_t incremental_time_ = 0;
  bool keeps_clock_ = false;  // in EndAhead: the packet does not move the incremental clock
  uint32_t trace_clock_id_ = perfetto::protos::pbzero::BUILTIN_CLOCK_BOOTTIME;  // of packets with their time in full
  struct Nesting {
    size_t begin;  // offset of its content in the block
    bool is_array;
  };
  std::vector<Nesting> nesting_;  // the open Dict and Array annotations
};

}  // namespace tracesmith
