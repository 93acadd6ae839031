#pragma once

#include <perfetto.h>

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "order/event_store.h"
#include "order/flows.h"
#include "encoder/gpu_stage_writer.h"
#include "base/inline.h"
#include "encoder/interned_data.h"
#include "encoder/lane_packet.h"
#include "proto/packet_block.h"
#include "encoder/track_table.h"

namespace tracesmith {

// Writes events as TracePackets: the visitor of a Timeline. Packets collect in a block, which goes behind
// the interned data and the lane descriptors that it needs.
class EventWriter {
 public:
  // The store, the tracks and the trace must outlive the writer.
  EventWriter(const EventStore& store, TrackTable& tracks, TraceMessage* trace);

  // Takes the tracks that are new in the table.
  void AddTracks();

  // What the incremental clock of the sequence starts from, and the clock that it counts in.
  void StartClock(uint64_t time, uint32_t clock_id) {
    last_time_ = time;
    late_clock_ = clock_id;
  }
  // Where it stands.
  uint64_t clock() const { return last_time_; }

  void Begin(const Event& event, uint32_t lane, Arrows::Span arrows);
  TRACESMITH_INLINE void BeginPlain(const Event& event) {
    if (event.time < last_time_) return Begin(event, 0, {nullptr, nullptr});
    WriteNamed(event, perfetto::protos::pbzero::TrackEvent::TYPE_SLICE_BEGIN, main_lanes_[event.track]);
  }
  TRACESMITH_INLINE void End(uint32_t track, uint32_t lane, uint64_t time) {
    const LanePrefix& prefix = Lane(track, lane);
    if (time < last_time_) return WriteEnd(prefix, time, {0, 0});
    Take(PutEndPacket(block_.end(), StepTo(time), prefix));
  }
  // The attributes are further arguments of the slice.
  void EndWith(uint32_t track, uint32_t lane, uint64_t time, AttrRange attrs);
  // The same of a slice that ends later than what comes next may begin: the clock stays where it is.
  void EndAhead(uint32_t track, uint32_t lane, uint64_t time, AttrRange attrs);
  void Complete(const Event& event, AttrRange end_attrs) { WriteStage(event, end_attrs); }
  void Instant(const Event& event, Arrows::Span arrows);
  void Counter(const Event& event);

  // Hands over everything that was written.
  void Flush();

  // Who takes blocks of packets, and before each what is in the trace, which it needs and which may be emptied then.
  // By default blocks go to the trace as well.
  using TakeBlock = std::function<void(const uint8_t* block, size_t size)>;
  void OnBlock(TakeBlock take_block) { take_block_ = std::move(take_block); }

  // Whether so much is interned that a stream should begin anew.
  bool HasInternedMuch() const { return interned_.IsLarge(); }
  // Where the writer stands, everything being flushed, and how to go back there: what was written since is forgotten,
  // and so is all that is interned, of which the sequence must be told before more is written.
  struct Mark {
    uint64_t clock = 0;
    size_t extra_lanes = 0;
  };
  Mark mark() const { return {last_time_, made_lanes_.size()}; }
  void GoBack(const Mark& mark);

  // Forgets what is interned, and launch configurations and call stacks by their numbers. Everything
  // must be flushed, and the sequence must be told before more is written.
  void ForgetInterned();

 private:
  const LanePrefix& Lane(uint32_t track, uint32_t lane) {
    return lane == 0 ? main_lanes_[track] : ExtraLane(track, lane);
  }
  const LanePrefix& ExtraLane(uint32_t track, uint32_t lane);

  // A packet that is being written: where its bytes go next, and where its messages began.
  struct Packet {
    uint8_t* at;
    size_t packet;
    size_t track_event;
  };
  // Writes packet, timestamp and prefix, with room for `further_bytes`. The packet's length is left out.
  uint8_t* PutPacketStart(uint64_t time, const LanePrefix& lane, size_t further_bytes);
  Packet StartPacket(uint64_t time, perfetto::protos::pbzero::TrackEvent::Type type, const LanePrefix& lane,
                     size_t further_bytes);
  void FinishPacket(Packet packet);
  bool HasNameAlone(const Event& event, Arrows::Span arrows) const {
    return event.attr_begin == event.attr_end && arrows.first == arrows.last && event.name != 0 && event.time >= last_time_;
  }
  // For a time that is not before the last one.
  uint64_t StepTo(uint64_t time) { return time - std::exchange(last_time_, time); }
  TRACESMITH_INLINE void WriteNamed(const Event& event, perfetto::protos::pbzero::TrackEvent::Type type,
                                    const LanePrefix& lane) {
    const InternedData::NameBytes& name = interned_.NameAndCategory(event.name, event.category);
    Take(PutNamedPacket(block_.end(), StepTo(event.time), lane, type, name));
  }
  // A packet that ends there. Whatever begins finds less than kBlockSize in the block, which has room for more than
  // that: short packets need not ask for theirs.
  TRACESMITH_INLINE void Take(const uint8_t* end) {
    block_.Commit(end);
    if (block_.size() >= kBlockSize) Flush();
  }
  static constexpr size_t kBlockSize = 64 * 1024;
  void WriteEnd(const LanePrefix& lane, uint64_t time, AttrRange attrs);
  void WriteEvent(const Event& event, perfetto::protos::pbzero::TrackEvent::Type type, const LanePrefix& lane,
                  Arrows::Span arrows);
  // Writes what an event has besides its type, track and time, up to the end of its packet.
  uint8_t* WriteAttrs(uint8_t* at, AttrRange attrs);
  uint8_t* WriteArgument(uint8_t* at, const Attr& attr, size_t further_bytes);
  void WriteStage(const Event& event, AttrRange end_attrs);
  // Both keep `further_bytes` of room behind the text.
  uint8_t* WriteText(uint8_t* at, uint32_t string_id, size_t further_bytes);
  uint8_t* WriteString(uint8_t* at, uint32_t field, std::string_view text, size_t further_bytes);

  const EventStore& store_;
  TrackTable& tracks_;
  TraceMessage* trace_;
  TakeBlock take_block_;
  InternedData interned_;
  GpuStageWriter gpu_stages_;
  PacketBlock block_;
  std::vector<LanePrefix> main_lanes_;
  std::vector<std::vector<LanePrefix>> extra_lanes_;  // by track, from lane 1
  struct MadeLane {
    uint32_t track;
    uint64_t uuid;
  };
  std::vector<MadeLane> made_lanes_;   // the same in the order in which they were made
  size_t described_lanes_ = 0;         // of those
  std::vector<uint64_t> spare_uuids_;  // of lanes that are forgotten, the one that was made first in the last place
  uint64_t last_time_ = 0;
  bool keeps_clock_ = false;
  uint32_t late_clock_ = perfetto::protos::pbzero::BUILTIN_CLOCK_BOOTTIME;  // of packets that tell their time in full
  struct Nesting {
    size_t begin;
    bool is_array;
  };
  std::vector<Nesting> nesting_;  // the open Dict and Array annotations
};

}  // namespace tracesmith
