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
#include "order/waiting_rows.h"

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
  StreamTimeline(EventTable& table, size_t window) : table_(table), window_(window), lanes_(true) {}

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

  // Whether an event waits on its own: not an End whose slice waits, too.
  bool IsRow(const Event& event) const {
    return event.kind != kWritten && (event.kind != RowKind::kEnd || pairs_.ClosesWritten(event));
  }
  bool ComesFirst(uint32_t a, uint32_t b) const;
  int RankInTie(const Event& event) const;
  size_t PrepareOldest(Until until);
  bool DropWritten();

  template <typename Visitor>
  void Visit(Event& event, Visitor& visitor);
  template <typename Visitor>
  void VisitSlice(const Event& event, Visitor& visitor);
  template <typename Visitor>
  void VisitEnd(Event& end, Visitor& visitor);
  template <typename Visitor>
  void EndSlicesUntil(uint64_t time, Visitor& visitor);
  template <typename Visitor>
  void EndOpenSlicesAhead(Visitor& visitor);

  void NoteWritten(Event& event) {
    event.kind = kWritten;
    ++written_;
  }
  // The slice of a pair is written whole, and so is its End.
  void FinishPair(uint32_t pair) {
    NoteWritten(table_.events()[pairs_.EndOf(pair)]);
    pairs_.Free(pair);
  }
  // The arguments that the End of a pair brought; none for kNoPair.
  AttrRange EndArguments(uint32_t pair) const {
    return pair == kNoPair ? AttrRange{0, 0} : table_.events()[pairs_.EndOf(pair)].attrs();
  }

  EventTable& table_;
  size_t window_;
  WaitingRows waiting_;  // the events in the window, in the order of time
  Lanes lanes_;
  BeginEndPairs pairs_;
  size_t entered_ = 0;         // events of the table that are or were in the window
  size_t sorted_ = 0;          // those of them that waiting_ knows
  size_t written_ = 0;         // those of them that can be dropped
  size_t waiting_rows_ = 0;    // in the window, see IsRow
  size_t waiting_slices_ = 0;  // slices among them
  uint64_t latest_ = 0;        // time of the latest event that was visited
  TimelineCounts counts_;
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
void StreamTimeline::Visit(Event& event, Visitor& visitor) {
  if (event.kind == RowKind::kEnd) return VisitEnd(event, visitor);
  if (event.kind == kWritten) return;
  EndSlicesUntil(event.time, visitor);
  if (event.is_slice()) {
    ++counts_.slices;
    if (event.time < latest_) ++counts_.late_slices;
  }
  if (event.is_plain && event.kind == RowKind::kSlice && lanes_.OpenIfFree(event.track, event.time, event.end())) {
    visitor.BeginPlain(event);
  } else if (event.is_slice()) {
    VisitSlice(event, visitor);
  } else if (event.kind == RowKind::kInstant) {
    ++counts_.instants;
    visitor.Instant(event, Arrows::Span{nullptr, nullptr});
  } else if (event.kind == RowKind::kCounter) {
    ++counts_.counters;
    visitor.Counter(event);
  }
  if (event.time > latest_) latest_ = event.time;
  NoteWritten(event);
}

template <typename Visitor>
void StreamTimeline::VisitSlice(const Event& event, Visitor& visitor) {
  const uint32_t pair = event.pair;
  if (table_.HasNoLane(event)) {
    visitor.Complete(event, EndArguments(pair));
    if (pair != kNoPair) FinishPair(pair);
    return;
  }
  const bool has_open_end = event.kind == RowKind::kBegin;
  const Lanes::Place lane = lanes_.FindInStream(
      event.track, {event.time, event.end(), pairs_.KnownUntil(event.track), pair != kNoPair && !has_open_end});
  visitor.Begin(event, lane.number, Arrows::Span{nullptr, nullptr});
  if (has_open_end) {
    lanes_.OpenUnknown(lane);
    pairs_.NoteWritten(pair, lane);
  } else if (event.length == kNeverEnds) {
    lanes_.OpenForGood(lane);
    ++counts_.unclosed;
  } else if (event.length != 0) {
    lanes_.Open(lane, event.end(), pair);
  } else {
    visitor.EndWith(event.track, lane.number, event.time, EndArguments(pair));
    if (pair != kNoPair) FinishPair(pair);
  }
}

// An End whose slice waited with it is no event of its own: it keeps its arguments for the end of that slice.
template <typename Visitor>
void StreamTimeline::VisitEnd(Event& end, Visitor& visitor) {
  if (end.pair == kNoPair) return NoteWritten(end);
  if (!pairs_.ClosesWritten(end)) return;
  EndSlicesUntil(end.time, visitor);
  const Lanes::Place& place = pairs_.PlaceOf(end.pair);
  visitor.EndWith(place.track, place.number, end.time, end.attrs());
  lanes_.CloseTold(place, end.time);
  if (end.time > latest_) latest_ = end.time;
  FinishPair(end.pair);
}

template <typename Visitor>
TRACESMITH_INLINE void StreamTimeline::EndSlicesUntil(uint64_t time, Visitor& visitor) {
  while (lanes_.HasEndUntil(time)) {
    const Lanes::Ended ended = lanes_.PopEnd();
    if (ended.pair == kNoPair) {
      visitor.End(ended.place.track, ended.place.number, ended.time);
    } else if (ended.pair != Lanes::kEndWritten) {
      visitor.EndWith(ended.place.track, ended.place.number, ended.time, EndArguments(ended.pair));
      FinishPair(ended.pair);
    }
  }
}

template <typename Visitor>
void StreamTimeline::EndOpenSlicesAhead(Visitor& visitor) {
  for (const Lanes::Ended& ended : lanes_.EndsAhead()) {
    visitor.EndAhead(ended.place.track, ended.place.number, ended.time, EndArguments(ended.pair));
    if (ended.pair != kNoPair) FinishPair(ended.pair);
  }
}

}  // namespace tracesmith
