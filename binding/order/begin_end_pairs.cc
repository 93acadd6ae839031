#include "order/begin_end_pairs.h"

namespace tracesmith {

BeginEndPairs::TrackState& BeginEndPairs::StateOf(uint32_t track) {
  if (track >= tracks_.size()) tracks_.resize(track + 1);
  return tracks_[track];
}

void BeginEndPairs::AddBegin(PodVector<Event>& events, uint32_t index) {
  Event& begin = events[index];
  if (free_.empty()) {
    pairs_.emplace_back();
    free_.push_back(static_cast<uint32_t>(pairs_.size()));
  }
  begin.pair = free_.back();
  free_.pop_back();
  pairs_[begin.pair - 1] = {index, 0, {}, false};
  TrackState& track = StateOf(begin.track);
  track.open.push_back(begin.pair);
  track.latest = begin.time;
  ++open_;
}

void BeginEndPairs::AddEnd(PodVector<Event>& events, uint32_t index, Lanes& lanes) {
  Event& end = events[index];
  TrackState& track = StateOf(end.track);
  if (track.open.empty()) return;
  const uint32_t number = track.open.back();
  track.open.pop_back();
  track.latest = end.time;
  --open_;
  Pair& pair = pairs_[number - 1];
  pair.end_event = index;
  if (pair.is_written) {
    end.pair = number;
    lanes.TellEnd(pair.place, end.time);
    return;
  }
  Event& begin = events[pair.begin_event];
  begin.kind = RowKind::kSlice;
  begin.length = end.time < begin.time ? 0 : end.time - begin.time;
  begin.is_plain = begin.is_plain && begin.length != 0 && end.attrs().empty();
  if (end.attrs().empty()) {
    begin.pair = kNoPair;
    Free(number);
  } else {
    end.pair = number;
  }
}

void BeginEndPairs::NoteMoved(const Event& event, uint32_t index) {
  if (event.pair == kNoPair) return;
  if (event.kind == RowKind::kBegin) pairs_[event.pair - 1].begin_event = index;
  if (event.kind == RowKind::kEnd) pairs_[event.pair - 1].end_event = index;
}

}  // namespace tracesmith
