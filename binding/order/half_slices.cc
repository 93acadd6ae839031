#include "order/half_slices.h"

namespace tracesmith {
namespace {

// Where a Begin keeps its number.
Attr& NumberAttr(EventStore& store, const Event& begin) { return store.attrs()[begin.attr_end - 1]; }

}  // namespace

HalfSlices::TrackState& HalfSlices::StateOf(uint32_t track) {
  if (track >= tracks_.size()) tracks_.resize(track + 1);
  return tracks_[track];
}

void HalfSlices::TakeBegin(EventStore& store, uint32_t index) {
  const Event& event = store.events()[index];
  if (free_.empty()) {
    halves_.emplace_back();
    free_.push_back(static_cast<uint32_t>(halves_.size()));
  }
  const uint32_t number = free_.back();
  free_.pop_back();
  halves_[number - 1] = {index, 0, {}, false};
  NumberAttr(store, event).value = number;
  TrackState& track = StateOf(event.track);
  track.open.push_back(number);
  track.last = event.time;
  ++open_;
}

void HalfSlices::TakeEnd(EventStore& store, uint32_t index, Lanes& lanes) {
  Event& end = store.events()[index];
  TrackState& track = StateOf(end.track);
  if (track.open.empty()) return;
  const uint32_t number = track.open.back();
  track.open.pop_back();
  track.last = end.time;
  --open_;
  Half& half = halves_[number - 1];
  half.end_event = index;
  if (half.is_written) {
    end.extent = number;
    lanes.TellEnd(half.place, end.time);
    return;
  }
  Event& begin = store.events()[half.begin_event];
  begin.kind = RowKind::kSlice;
  begin.extent = end.time < begin.time ? 0 : end.time - begin.time;
  if (end.attr_begin == end.attr_end) {
    NumberAttr(store, begin).value = 0;
    Release(number);
  } else {
    end.extent = number;
  }
}

void HalfSlices::Moved(const EventStore& store, const Event& event, uint32_t index) {
  if (event.kind == RowKind::kBegin) {
    const uint32_t number = NumberOf(store, event);
    if (number != 0) halves_[number - 1].begin_event = index;
  } else if (event.kind == RowKind::kEnd) {
    const uint32_t number = NumberOf(event);
    if (number != 0) halves_[number - 1].end_event = index;
  }
}

}  // namespace tracesmith
