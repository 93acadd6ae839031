#pragma once

#include <cstdint>

#include "batch/layout.h"

namespace tracesmith {

// An attribute with its value decoded: the bits of an int64, uint64 or double, a string id, or the
// index of a launch configuration or call stack of the store.
struct Attr {
  uint64_t value;
  uint32_t key;
  AttrType type;
};

// `extent` of a slice that has no end, or none yet.
constexpr uint64_t kNoEnd = UINT64_MAX;
// `extent` of a slice that is known to have none: what comes later is in it.
constexpr uint64_t kNeverEnds = UINT64_MAX - 1;

// The kind of an event that was written and can be dropped.
constexpr RowKind kWritten = static_cast<RowKind>(0);

// The last attribute of a Begin, which no batch can hold: its number among the half slices.
constexpr AttrType kHalfNumber = static_cast<AttrType>(31);

struct Event {
  uint64_t time;
  uint64_t extent;  // Counter: the value's bits. End: the number of its half. Else: length, kNeverEnds or kNoEnd.
  uint32_t track;
  uint32_t name;
  uint32_t category;
  uint32_t attr_begin;
  uint32_t attr_end;
  RowKind kind;
  Channel channel;
  bool counter_is_integer;
  // What most events of most traces are, known when they come: a slice with a name and a length above 0, without
  // arguments, on a track that has lanes.
  bool is_plain;

  bool is_slice() const { return kind == RowKind::kSlice || kind == RowKind::kBegin; }
  uint64_t end() const { return extent >= kNeverEnds ? extent : time + extent; }
};

struct Track {
  TrackKind kind;
  uint32_t name;
  int64_t parent;           // index of the parent track, -1 for none
  uint64_t prescribed_uuid;  // 0: any
  uint32_t attr_begin;
  uint32_t attr_end;
  GpuEvents gpu_events;  // how slices are written
};

// A range of attributes.
struct AttrRange {
  uint32_t begin;
  uint32_t end;
};

}  // namespace tracesmith
