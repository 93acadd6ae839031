#pragma once

#include <cstdint>
#include <vector>

#include "order/event_table.h"
#include "order/lanes.h"

namespace tracesmith {

// A stream may send a slice as two rows: a Begin and an End, which ends the Begin of its track that came last.
// BeginEndPairs joins them in the order in which they come. If the Begin still waits when its End comes, it becomes a slice
// of known length with the arguments of both rows, and the End needs no visit. If the Begin is written already, the End is
// visited and closes the slice on its lane.
//
// The Begins and Ends of a track must come in the order of time. The events belong to the table. One thread at a time.
// lib/order/begin-end-pairs.ts is the TypeScript twin.
class BeginEndPairs {
 public:
  explicit BeginEndPairs(EventTable& table) : table_(table) {}

  void AddBegin(uint32_t index);
  // Joins an End with its Begin. An End without a Begin, which no honest caller sends, means nothing.
  void AddEnd(uint32_t index, Lanes& lanes);

  // The time of the last Begin or End of a track: no Begin that is still open ends before.
  uint64_t KnownUntil(uint32_t track) const { return track < tracks_.size() ? tracks_[track].latest : 0; }

  // Notes that a Begin is written on a lane before its End has come. Those of a track are written in their order.
  void NoteWritten(const Lanes::Place& place);

  // Follows the Begins that wait to their new indices.
  void Renumber(const PodVector<uint32_t>& new_indices);

  // Begins whose End has not come.
  uint64_t open() const { return open_; }

 private:
  // The open Begins of one track.
  struct TrackBegins {
    // The first `written` are lanes of slices that are written, the others events that wait.
    std::vector<uint32_t> stack;
    size_t written = 0;
    uint64_t latest = 0;  // time of the last Begin or End
  };

  TrackBegins& BeginsOf(uint32_t track);
  void JoinArguments(Event* begin, const Event& end);

  EventTable& table_;
  std::vector<TrackBegins> tracks_;
  uint64_t open_ = 0;
};

}  // namespace tracesmith
