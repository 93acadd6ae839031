#pragma once

#include <cstdint>
#include <vector>

#include "batch/row.h"
#include "base/pod_vector.h"
#include "order/lanes.h"

namespace tracesmith {

// A slice of a stream may come as two rows, a Begin and an End. They pair by track, in the order in which they come: an
// End ends the slice that its track began last. If the End comes while the Begin still waits in the window, the Begin
// becomes a slice of known length, and the End keeps only its arguments; else the End closes the written slice on its lane.
//
// BeginEndPairs keeps the pairs by number, from 1; kNoPair is none. The events belong to the table. One thread at a time.
class BeginEndPairs {
 public:
  // Add a Begin or an End when it enters the window. An End without a Begin, which no honest caller sends, gets no pair.
  void AddBegin(PodVector<Event>& events, uint32_t index);
  void AddEnd(PodVector<Event>& events, uint32_t index, Lanes& lanes);

  // The time of the last Begin or End of a track: none of its slices that are open ends before that.
  uint64_t KnownUntil(uint32_t track) const { return track < tracks_.size() ? tracks_[track].latest : 0; }

  // Notes that a Begin is written on a lane, before its End has come.
  void NoteWritten(uint32_t pair, const Lanes::Place& place) {
    pairs_[pair - 1].place = place;
    pairs_[pair - 1].is_written = true;
  }
  // Whether an End closes a slice that is written; else it keeps arguments at most.
  bool ClosesWritten(const Event& end) const { return end.pair != kNoPair && pairs_[end.pair - 1].is_written; }
  // The lane of such a slice.
  const Lanes::Place& PlaceOf(uint32_t pair) const { return pairs_[pair - 1].place; }
  // The index of an End.
  uint32_t EndOf(uint32_t pair) const { return pairs_[pair - 1].end_event; }
  // Lets another pair have the number, once the End is written.
  void Free(uint32_t pair) { free_.push_back(pair); }

  // Follows an event to its new index.
  void NoteMoved(const Event& event, uint32_t index);

  // Begins whose End has not come.
  uint64_t open() const { return open_; }

 private:
  struct Pair {
    uint32_t begin_event;
    uint32_t end_event;
    Lanes::Place place;
    bool is_written;
  };
  struct TrackState {
    std::vector<uint32_t> open;  // pairs, the one begun last at the back
    uint64_t latest = 0;
  };

  TrackState& StateOf(uint32_t track);

  std::vector<TrackState> tracks_;
  std::vector<Pair> pairs_;
  std::vector<uint32_t> free_;
  uint64_t open_ = 0;
};

}  // namespace tracesmith
