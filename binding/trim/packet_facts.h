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
  uint32_t begin;
  uint32_t end;

  bool empty() const { return begin == end; }
};

struct Flow {
  uint64_t id;
  bool is_last;
};

// A name or category as an event says it: by the id of interned data, or as a text.
struct TextRef {
  uint64_t iid;
  ByteSpan text;  // `begin` is null for an interned one
};

// The part of a LegacyEvent that trimming looks at.
struct LegacyFacts {
  uint64_t name = 0;
  uint64_t phase = 0;
  int64_t duration = 0;  // ns
  uint64_t unscoped = 0;
  uint64_t local = 0;
  uint64_t global = 0;
  ByteSpan scope;
  int64_t pid = 0;
  int64_t tid = 0;
  bool has_name = false;
  bool has_unscoped = false;
  bool has_local = false;
  bool has_global = false;
  bool has_pid = false;
  bool has_tid = false;
};

// A TrackEvent, as far as it decides whether it stays. A value means something where its flag is set.
struct EventFacts {
  EventKind kind;
  bool has_track;
  bool has_name;
  // Its time where that is beside the packet's: microseconds behind the last such event, or absolute.
  bool has_delta;
  bool has_absolute;
  bool has_legacy;
  bool has_counters;  // values that may count from the event before
  uint32_t legacy;    // in the block
  uint64_t track;
  int64_t own_time;
  TextRef name;
  Range categories;
  Range flows;

  // Whether it has a time, a track and nothing that counts from other events, by the fields of its packet and few others.
  bool is_plain() const { return !has_delta && !has_absolute && !has_legacy && !has_counters && flows.empty(); }
};

// What few packets have.
struct RareFacts {
  ByteSpan defaults;        // `begin` is null where there are none
  ByteSpan clock_snapshot;  // the same
  int64_t duration = 0;     // of a GPU stage event, ns
  bool has_interned = false;
  bool is_cleared = false;         // begins the state of its sequence anew
  bool is_dropped_before = false;  // packets before it were lost
  bool is_first = false;           // has the field first_packet_on_sequence
};

// What a packet says by itself, whatever came before.
struct PacketFacts {
  ByteSpan bytes;
  ByteSpan content;
  uint64_t timestamp;
  uint32_t clock_id;
  uint32_t sequence_id;
  uint32_t content_field;  // 0: none
  uint32_t event;          // in the block, of a TrackEvent
  uint32_t rare;           // in the block, behind 0, which is of packets that have nothing rare
  bool has_timestamp;
  bool has_clock;
  bool needs_state;
};

// Packets of a trace one behind the other, and what they say. Its memory serves one block after the other.
struct TraceBlock {
  std::vector<uint8_t> bytes;
  size_t size = 0;
  uint64_t offset = 0;  // in the trace

  std::vector<PacketFacts> packets;
  std::vector<EventFacts> events;
  std::vector<RareFacts> rare;
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
    rare.assign(1, {});
    legacies.clear();
    categories.clear();
    flows.clear();
    inflated.clear();
    damage.clear();
  }
};

// Reads what each packet of the block says, or all but the contents of events. Any number of threads may do so, each with
// a block of its own.
void ParsePackets(TraceBlock* block, bool reads_events);
// Reads one event into a block that has nothing else.
void ParseEvent(ByteSpan content, TraceBlock* block);

}  // namespace tracesmith::trim
