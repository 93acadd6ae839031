#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/inline.h"
#include "order/begin_end_pairs.h"
#include "order/event_table.h"
#include "order/flows.h"
#include "order/lanes.h"
#include "order/timeline.h"
#include "order/time_order.h"

namespace tracesmith {

// A stream is written while it comes, but its events come out of order: a slice when it ends, its children before it.
// StreamTimeline holds back the latest slices, as many as its window, so that earlier events can still come before them.
// When the window and an eighth of it are full, the oldest events are visited in the order of time (timeline.h) and
// dropped from the table. An event that comes later than the window reaches back is visited with its own time, on a lane
// on which it provably nests.
//
// Only the events and the order in which they came decide what is visited and when, not how they are batched.
//
// The table belongs to the caller, who adds events to it and nothing else. One thread at a time.
class StreamTimeline {
 public:
  // The table must outlive the timeline. `window`: slices, at least 1.
  StreamTimeline(EventTable& table, size_t window) : table_(table), window_(window), lanes_(true), pairs_(table) {}

  // Lets new events of the table into the window, in the order in which they came, until the window is full or all are in
  // it. Returns whether it is full: then VisitOldest() is due.
  bool FillWindow();
  bool is_empty() const { return entered_ == written_; }
  // The earliest time in the window, which must not be empty.
  uint64_t first_time() const;

  enum class Until : uint8_t {
    kWindowFits,  // no more wait than the window holds
    kEmpty,       // nothing waits
    kReadable,    // the same, and open slices whose end is known end ahead of time: a reader may come now
  };
  // Visits the oldest events, and drops what is written from the table where that is most of it. Returns whether launch
  // configurations and call stacks have new numbers now.
  template <typename Visitor>
  bool VisitOldest(Until until, Visitor& visitor);
  // Visits the ends that are left. No event may come afterwards.
  template <typename Visitor>
  void Finish(Visitor& visitor);

  const TimelineCounts& counts() const { return counts_; }

 private:
  // The ends of so many slices are sorted at once, before the slices are visited: few enough to stay in the cache.
  static constexpr size_t kEventsAtOnce = 4096;
  // As many rows may wait for each slice of the window: instants, counters and ends take room as well.
  static constexpr size_t kRowsPerSlice = 4;

  // Releasing few slices at a time costs more for each, and many make the writer of the output wait.
  size_t most_slices() const { return window_ + (window_ + 7) / 8; }
  bool IsFull() const { return waiting_slices_ >= most_slices() || waiting_rows_ >= kRowsPerSlice * most_slices(); }

  // Whether an event takes room in the window: not an End that is part of its slice now.
  static bool IsRow(const Event& event) {
    return event.kind != kWritten && (event.kind != RowKind::kEnd || event.lane_id != kNoLane);
  }
  size_t PrepareOldest(Until until);
  void KeepPlaces(uint32_t* indices, size_t count);
  bool DropWritten();

  template <typename Visitor>
  void Visit(Event& event, Visitor& visitor);
  template <typename Visitor>
  void VisitSlice(const Event& event, Visitor& visitor);
  template <typename Visitor>
  void EndSlicesUntil(uint64_t time, Visitor& visitor);
  // Ends the latest held slices of a track.
  template <typename Visitor>
  void Release(uint32_t track, size_t count, uint64_t time, Visitor& visitor);
  template <typename Visitor>
  void EndOpenSlicesAhead(Visitor& visitor);

  EventTable& table_;
  size_t window_;
  WaitingRows waiting_;  // the events in the window, in the order of time
  Lanes lanes_;
  BeginEndPairs pairs_;
  std::vector<Lanes::Place> held_;  // slices without length that contain others, of one time
  size_t entered_ = 0;         // events of the table that are or were in the window
  size_t sorted_ = 0;          // those of them that waiting_ knows
  size_t written_ = 0;         // those of them that can be dropped
  size_t waiting_rows_ = 0;    // in the window, see IsRow
  size_t waiting_slices_ = 0;  // slices among them
  uint64_t latest_ = 0;        // time of the latest event that was visited
  TimelineCounts counts_;
  PodVector<uint32_t> new_indices_;  // of DropWritten; kept for its memory
};

template <typename Visitor>
bool StreamTimeline::VisitOldest(Until until, Visitor& visitor) {
  waiting_.Add(table_.events(), sorted_, entered_);
  sorted_ = entered_;
  lanes_.AddTracks(table_.tracks().size());
  while (const size_t count = PrepareOldest(until)) {
    const uint32_t* const indices = waiting_.indices();
    for (size_t position = 0; position < count; ++position) Visit(table_.events()[indices[position]], visitor);
    waiting_.DropFirst(count);
  }
  if (until == Until::kReadable) EndOpenSlicesAhead(visitor);
  return DropWritten();
}

template <typename Visitor>
void StreamTimeline::Finish(Visitor& visitor) {
  EndSlicesUntil(kNeverEnds, visitor);
  counts_.lanes = lanes_.extra_lanes();
  counts_.unclosed += pairs_.open();
}

template <typename Visitor>
TRACESMITH_INLINE void StreamTimeline::Visit(Event& event, Visitor& visitor) {
  ++written_;
  if (IsRow(event)) {
    EndSlicesUntil(event.is_inside ? event.time - 1 : event.time, visitor);
    switch (event.kind) {
      case RowKind::kSlice:
      case RowKind::kBegin:
        VisitSlice(event, visitor);
        break;
      case RowKind::kEnd: {
        const Lanes::Place place = lanes_.Close(static_cast<uint32_t>(event.lane_id), event.time);
        visitor.EndWith(place.track, place.number, event.time, event.attrs());
        break;
      }
      case RowKind::kInstant:
        ++counts_.instants;
        visitor.Instant(event, Arrows::Span{nullptr, nullptr});
        break;
      case RowKind::kCounter:
        ++counts_.counters;
        visitor.Counter(event);
        break;
      default:
        break;
    }
    if (event.time > latest_) latest_ = event.time;
  }
  event.kind = kWritten;
}

template <typename Visitor>
TRACESMITH_INLINE void StreamTimeline::VisitSlice(const Event& event, Visitor& visitor) {
  ++counts_.slices;
  if (event.time < latest_) ++counts_.late_slices;
  const bool has_open_end = event.kind == RowKind::kBegin;
  if (event.is_plain && !has_open_end && lanes_.OpenIfFree(event.track, event.time, event.end())) {
    return visitor.BeginPlain(event);
  }
  if (table_.HasNoLane(event)) return visitor.Complete(event);
  const Lanes::Place lane =
      lanes_.FindInStream(event.track, {event.time, event.end(), pairs_.KnownUntil(event.track)});
  visitor.Begin(event, lane.number, Arrows::Span{nullptr, nullptr});
  if (has_open_end) {
    lanes_.OpenUnknown(lane);
    pairs_.NoteWritten(lane);
  } else if (event.length == kNeverEnds) {
    lanes_.OpenForGood(lane);
    ++counts_.unclosed;
  } else if (event.length != 0) {
    lanes_.Open(lane, event.end());
  } else if (event.is_held) {
    lanes_.OpenHeld(lane, event.time);
    held_.push_back(lane);
  } else {
    visitor.End(event.track, lane.number, event.time);
    if (event.releases != 0) Release(event.track, event.releases, event.time, visitor);
  }
}

template <typename Visitor>
void StreamTimeline::Release(uint32_t track, size_t count, uint64_t time, Visitor& visitor) {
  for (size_t i = held_.size(); i > 0 && count > 0; --i) {
    const Lanes::Place place = held_[i - 1];
    if (place.track != track) continue;
    lanes_.Close(place.id, time);
    visitor.End(track, place.number, time);
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i - 1));
    --count;
  }
}

template <typename Visitor>
TRACESMITH_INLINE void StreamTimeline::EndSlicesUntil(uint64_t time, Visitor& visitor) {
  while (lanes_.HasEndUntil(time)) {
    const Lanes::Ended ended = lanes_.PopEnd();
    if (!ended.is_written) visitor.End(ended.place.track, ended.place.number, ended.time);
  }
}

template <typename Visitor>
void StreamTimeline::EndOpenSlicesAhead(Visitor& visitor) {
  for (const Lanes::Ended& ended : lanes_.EndsAhead()) {
    visitor.EndAhead(ended.place.track, ended.place.number, ended.time);
  }
}

}  // namespace tracesmith
