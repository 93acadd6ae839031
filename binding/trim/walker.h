#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/flat_map.h"
#include "trim/packet_facts.h"
#include "trim/sequence.h"
#include "trim/texts.h"
#include "trim/trace_clocks.h"
#include "trim/tracks.h"

namespace tracesmith::trim {

// A packet with what it means behind those before it.
struct WalkedPacket {
  const PacketFacts* facts = nullptr;
  const TraceBlock* block = nullptr;
  Sequence* sequence = nullptr;
  // Of the trace's clock, ns. There is none where its clock has no known relation to the trace's.
  bool has_time = false;
  int64_t time = 0;
  // The clock that its timestamp counts on; 0: the trace's own.
  uint64_t clock_id = 0;
  // Of what has a duration beside it.
  int64_t duration = 0;

  const RareFacts* rare = nullptr;
  const EventFacts* event = nullptr;  // of a TrackEvent that was read
  uint32_t track = 0;                 // of an event
  // Whether readers of the trace skip it, as if its content were not there.
  bool is_skipped = false;
};

// Reads packets in the order of the file, and keeps what they say about those that follow. The twin of PacketWalker in
// lib/trim. It owns the sequences; tracks and texts are shared by all walkers of a trace.
class Walker {
 public:
  // `needs_event` is asked before each event, in their order, where the blocks have none; those that it does not ask for
  // are not read.
  Walker(Tracks& tracks, Texts& texts, std::function<bool()> needs_event = {})
      : tracks_(tracks), texts_(texts), needs_event_(std::move(needs_event)) {}

  // What an event says by interned data, for who asks. The categories are good until the next call.
  const std::vector<uint32_t>& CategoriesOf(const WalkedPacket& packet);
  // The number of the name in Texts; false where there is none.
  bool NameOf(const WalkedPacket& packet, uint32_t* name);

  const TraceClocks& clocks() const { return clocks_; }
  const Tracks& tracks() const { return tracks_; }

  // Calls visit(const WalkedPacket&) for each packet of the block until something in them is damaged, see damage().
  template <typename Visit>
  void Walk(const TraceBlock& block, Visit visit) {
    for (const PacketFacts& facts : block.packets) {
      WalkedPacket packet;
      packet.facts = &facts;
      packet.block = &block;
      Resolve(&packet);
      if (!damage_.empty()) return;
      visit(static_cast<const WalkedPacket&>(packet));
      if (!damage_.empty()) return;
    }
  }

  // What is wrong with a packet that the parser has taken; readers of its messages write it here.
  std::string* damage() { return &damage_; }

  // The trace's time of one in microseconds, which is monotonic.
  int64_t FromMicroseconds(int64_t microseconds, Sequence* sequence) const;

 private:
  void Resolve(WalkedPacket* packet);
  void FindEvent(WalkedPacket* packet);
  void ResolveTime(WalkedPacket* packet);
  uint32_t TrackOf(const WalkedPacket& packet);
  uint32_t LegacyTrackOf(const LegacyFacts& legacy, const WalkedPacket& packet, uint32_t track);
  Sequence& SequenceOf(uint64_t id);

  Tracks& tracks_;
  Texts& texts_;
  TraceClocks clocks_;
  std::function<bool()> needs_event_;
  TraceBlock event_block_;          // of an event that was asked for
  std::deque<Sequence> sequences_;  // whose places do not move
  FlatMap<Sequence*> by_id_;
  Sequence* last_ = nullptr;
  uint64_t last_uuid_ = 0;
  uint32_t last_track_ = 0;
  bool has_last_track_ = false;
  std::vector<uint32_t> categories_;  // of the event
  std::string damage_;
};

}  // namespace tracesmith::trim
