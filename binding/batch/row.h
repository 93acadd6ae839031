#pragma once

#include <cstdint>

#include "batch/layout.h"

namespace tracesmith {

// An attribute with its value decoded: the bits of an int64, uint64 or double, a string id, or the
// index of a launch configuration or call stack of the table.
struct Attr {
  uint64_t value;
  uint32_t key;
  AttrType type;
};

// A range of attributes.
struct AttrRange {
  uint32_t begin;
  uint32_t end;

  bool empty() const { return begin == end; }
};

// `length` of a slice that has no end, or none yet.
constexpr uint64_t kNoEnd = UINT64_MAX;
// `length` of a slice that never ends: everything that follows on its track lies in it.
constexpr uint64_t kNeverEnds = UINT64_MAX - 1;

// `lane_id` of an End that closes no written slice.
constexpr uint64_t kNoLane = UINT64_MAX;

// The kind of an event that is written and can be dropped.
constexpr RowKind kWritten = static_cast<RowKind>(0);

// A row that is an event. Strings are ids of the table, attributes a range of the table's.
struct Event {
  uint64_t time;  // ns
  union {
    uint64_t length;         // ns, kNeverEnds or kNoEnd; of all but counters and Ends
    uint64_t counter_value;  // of a counter: the bits of a double or of an int64
    uint64_t lane_id;        // of an End that closes a written slice: its lane, see Lanes; else kNoLane
  };
  uint32_t track;
  uint32_t name;
  uint32_t category;
  uint32_t attr_begin;
  uint32_t attr_end;
  RowKind kind;
  Channel channel;
  bool counter_is_integer : 1;
  // Most events of most traces are plain: slices with a name and a length above 0, without arguments, on a track that has
  // lanes. A Begin is plain if such a slice may become of it.
  bool is_plain : 1;
  // Of slices, see RowFlag.
  bool keeps_place : 1;
  bool is_inside : 1;
  bool is_held : 1;
  uint8_t releases;

  bool is_slice() const { return kind == RowKind::kSlice || kind == RowKind::kBegin; }
  uint64_t end() const { return length >= kNeverEnds ? length : time + length; }
  AttrRange attrs() const { return {attr_begin, attr_end}; }
};

struct Track {
  TrackKind kind;
  uint32_t name;
  int64_t parent;            // index of the parent track, -1 for none
  uint64_t prescribed_uuid;  // 0: any
  uint32_t attr_begin;
  uint32_t attr_end;
  GpuEvents gpu_events;  // how slices are written
};

}  // namespace tracesmith
