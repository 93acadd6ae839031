#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "proto/field_reader.h"

namespace tracesmith::trim {

enum class EventKind : uint8_t { kOther, kBegin, kEnd, kComplete, kInstant, kCounter };

// A range in a list of the block.
struct Range {
  uint32_t begin = 0;
  uint32_t end = 0;

  bool empty() const { return begin == end; }
};

struct Flow {
  uint64_t id;
  bool is_last;
};

// A name or category as an event says it: by the id of interned data, or as a text.
struct TextRef {
  uint64_t iid = 0;
  ByteSpan text;  // of a text that is not interned, also an empty one, `begin` is not null
};

// The part of a LegacyEvent that decides about the track of an event.
struct LegacyFacts {
  uint64_t phase = 0;
  uint64_t unscoped = 0;
  uint64_t local = 0;
  uint64_t global = 0;
  ByteSpan scope;
  int64_t pid = 0;
  int64_t tid = 0;
  bool has_unscoped = false;
  bool has_local = false;
  bool has_global = false;
  bool has_pid = false;
  bool has_tid = false;
};

// A TrackEvent, as far as it decides whether it stays.
struct EventFacts {
  EventKind kind = EventKind::kOther;
  bool has_track = false;
  bool has_name = false;
  bool has_legacy_name = false;
  // Its time where that is beside the packet's: microseconds behind the last such event, or absolute.
  bool has_delta = false;
  bool has_absolute = false;
  bool has_legacy = false;
  bool has_counters = false;  // values that may count from the event before
  uint32_t legacy = 0;        // in the block
  uint64_t track = 0;
  TextRef name;
  uint64_t legacy_name = 0;
  Range categories;
  Range flows;
  int64_t delta = 0;
  int64_t absolute = 0;
  int64_t duration = 0;  // of a complete event, ns
};

// What a packet says by itself, whatever came before.
struct PacketFacts {
  ByteSpan bytes;
  ByteSpan content;
  uint32_t content_field = 0;  // 0: none
  uint32_t event = 0;          // in the block, of a TrackEvent
  uint64_t sequence_id = 0;
  uint64_t timestamp = 0;
  uint64_t clock_id = 0;
  bool has_timestamp = false;
  bool has_clock = false;
  bool has_interned = false;
  bool is_cleared = false;        // begins the state of its sequence anew
  bool is_dropped_before = false;
  bool is_first = false;  // has the field first_packet_on_sequence
  ByteSpan defaults;        // `begin` is null where there are none
  ByteSpan clock_snapshot;  // the same
  int64_t duration = 0;     // of a GPU stage event, ns
};

// Packets of a trace one behind the other, and what they say. Its memory serves one block after the other.
struct TraceBlock {
  std::vector<uint8_t> bytes;
  size_t size = 0;
  uint64_t offset = 0;  // in the trace

  std::vector<PacketFacts> packets;
  std::vector<EventFacts> events;
  std::vector<LegacyFacts> legacies;
  std::vector<TextRef> categories;
  std::vector<Flow> flows;
  std::deque<std::vector<uint8_t>> inflated;
  // What is wrong behind the packets, and where the packet with that begins.
  std::string damage;
  uint64_t damage_offset = 0;

  void Clear() {
    packets.clear();
    events.clear();
    legacies.clear();
    categories.clear();
    flows.clear();
    inflated.clear();
    damage.clear();
  }
};

// Reads what each packet of the block says. Any number of threads may do so, each with a block of its own.
void ParsePackets(TraceBlock* block);

}  // namespace tracesmith::trim
