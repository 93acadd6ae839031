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

// A timeline visits events in the order in which they are written; EventWriter, its visitor, writes them as packets. Most
// of them go into the flat block of the PacketWriter byte by byte. At each flush, the interned data and the descriptors of
// lanes that those packets need are set first.
//
// Timestamps are differences to the packet before (the incremental clock of the sequence); a packet whose time goes back
// tells its time in full. One thread at a time.
class EventWriter {
 public:
  // All must outlive the writer.
  EventWriter(const EventTable& table, TrackTable& tracks, PacketWriter& packets);

  // Adds the new tracks of the track table.
  void AddTracks();

  // Starts the incremental clock of the sequence. `clock_id`: the clock that the times of the trace are of.
  void StartClock(uint64_t time, uint32_t clock_id) {
    incremental_time_ = time;
    trace_clock_id_ = clock_id;
  }
  // The time of the incremental clock.
  uint64_t incremental_time() const { return incremental_time_; }

  void Begin(const Event& event, uint32_t lane, Arrows::Span arrows);
  TRACESMITH_INLINE void BeginPlain(const Event& event) {
    if (event.time < incremental_time_) return Begin(event, 0, {nullptr, nullptr});
    WriteNamed(event, perfetto::protos::pbzero::TrackEvent::TYPE_SLICE_BEGIN, main_lanes_[event.track]);
  }
  TRACESMITH_INLINE void End(uint32_t track, uint32_t lane, uint64_t time) {
    const LanePrefix& prefix = Lane(track, lane);
    if (time < incremental_time_) return WriteEnd(prefix, time, {0, 0});
    Commit(PutEndPacket(packets_.block().end(), StepTo(time), prefix));
  }
  // `attrs`: further arguments of the slice.
  void EndWith(uint32_t track, uint32_t lane, uint64_t time, AttrRange attrs);
  // The same ahead of time: earlier packets may follow, so the incremental clock stays where it is.
  void EndAhead(uint32_t track, uint32_t lane, uint64_t time);
  void Complete(const Event& event) { gpu_stages_.Write(event, trace_clock_id_); }
  void Instant(const Event& event, Arrows::Span arrows);
  void Counter(const Event& event);

  // Passes everything that was written to the sink.
  void Flush();

  // Whether so much is interned that a stream should begin anew.
  bool HasInternedMuch() const { return interned_.IsLarge(); }
  // Forgets all interned data. Everything must be flushed, and the sequence must be started again before more is written.
  void ForgetInterned();

 private:
  const LanePrefix& Lane(uint32_t track, uint32_t lane) {
    return lane == 0 ? main_lanes_[track] : ExtraLane(track, lane);
  }
  const LanePrefix& ExtraLane(uint32_t track, uint32_t lane);

  // A packet that is being written: where its next byte goes, and the offsets at which its messages begin.
  struct Packet {
    uint8_t* at;
    size_t packet_content;
    size_t track_event_content;
  };
  // Writes the tag, timestamp and prefix of a packet, and makes room for `further_bytes`. The length stays open.
  uint8_t* PutPacketStart(uint64_t time, const LanePrefix& lane, size_t further_bytes);
  Packet StartPacket(uint64_t time, perfetto::protos::pbzero::TrackEvent::Type type, const LanePrefix& lane,
                     size_t further_bytes);
  void FinishPacket(Packet packet);
  bool HasNameAlone(const Event& event, Arrows::Span arrows) const {
    return event.attr_begin == event.attr_end && arrows.first == arrows.last && event.name != 0 &&
           event.time >= incremental_time_;
  }
  // The step of the incremental clock to a time that is not before it.
  uint64_t StepTo(uint64_t time) { return time - std::exchange(incremental_time_, time); }
  TRACESMITH_INLINE void WriteNamed(const Event& event, perfetto::protos::pbzero::TrackEvent::Type type,
                                    const LanePrefix& lane) {
    const InternedData::NameBytes& name = interned_.NameAndCategory(event.name, event.category);
    Commit(PutNamedPacket(packets_.block().end(), StepTo(event.time), lane, type, name));
  }
  // Ends a packet of the block at `end`.
  TRACESMITH_INLINE void Commit(const uint8_t* end) {
    packets_.block().Commit(end);
    if (packets_.block().size() >= PacketWriter::kBlockSize) Flush();
  }
  void WriteEnd(const LanePrefix& lane, uint64_t time, AttrRange attrs);
  void WriteEvent(const Event& event, perfetto::protos::pbzero::TrackEvent::Type type, const LanePrefix& lane,
                  Arrows::Span arrows);
  // Writes arguments; a packet ends with them.
  uint8_t* WriteAttrs(uint8_t* at, AttrRange attrs);
  uint8_t* WriteArgument(uint8_t* at, const Attr& attr, size_t further_bytes);
  // Both leave room for `further_bytes` behind the text.
  uint8_t* WriteText(uint8_t* at, uint32_t string_id, size_t further_bytes);
  uint8_t* WriteString(uint8_t* at, uint32_t field, std::string_view text, size_t further_bytes);

  const EventTable& table_;
  TrackTable& tracks_;
  PacketWriter& packets_;
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
  bool keeps_clock_ = false;  // a packet does not move the incremental clock
  uint32_t trace_clock_id_ = perfetto::protos::pbzero::BUILTIN_CLOCK_BOOTTIME;  // of packets with their time in full
  struct Nesting {
    size_t begin;
    bool is_array;
  };
  std::vector<Nesting> nesting_;  // the open Dict and Array annotations
};

}  // namespace tracesmith
