#pragma once

#include <cstdint>

namespace tracesmith {

// Both timelines, WholeTimeline and StreamTimeline, put the events of a table in the order in which a trace must be
// written, and tell them to a visitor. A trace has no complete slices, only begins and ends, so the order of packets
// carries the nesting: an end before a begin of the same time, of two begins of one time the longer slice first, and no
// two slices of one lane that overlap without nesting. lib/order/ is the TypeScript twin.
//
// A timeline calls, in the order of time,
//   visitor.Begin(const Event&, uint32_t lane, Arrows::Span)  a slice begins on a lane of its track, 0 is the track itself
//   visitor.BeginPlain(const Event&)                          the same on lane 0, of a slice with a name and no more
//   visitor.Complete(const Event&)                            a slice of a track without lanes
//   visitor.Instant(const Event&, Arrows::Span)
//   visitor.Counter(const Event&)
//   visitor.End(uint32_t track, uint32_t lane, uint64_t time)
//   visitor.EndWith(track, lane, time, AttrRange more)        an end with further arguments of the slice
//   visitor.EndAhead(track, lane, time)                       an end that is written before its time has come

struct TimelineCounts {
  uint64_t slices = 0;
  uint64_t instants = 0;
  uint64_t counters = 0;
  uint64_t flows = 0;
  uint64_t undrawn_flows = 0;
  uint64_t lanes = 0;        // beside the first one of each track
  uint64_t unclosed = 0;     // slices without an end
  uint64_t unmatched = 0;    // closes without an open and without a length: they became instants
  uint64_t late_slices = 0;  // slices of a stream before the latest event that was written before them
};

}  // namespace tracesmith
