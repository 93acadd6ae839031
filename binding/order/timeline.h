#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "order/event_store.h"
#include "order/flows.h"
#include "order/half_slices.h"
#include "base/inline.h"
#include "order/lanes.h"
#include "order/sort.h"
#include "order/stream_order.h"

namespace tracesmith {

struct TimelineCounts {
  uint64_t slices = 0;
  uint64_t instants = 0;
  uint64_t counters = 0;
  uint64_t flows = 0;
  uint64_t undrawn_flows = 0;
  uint64_t lanes = 0;
  uint64_t unclosed = 0;
  uint64_t unmatched = 0;
  uint64_t late_slices = 0;
};

// The order in which a trace must be written. A timeline has no complete slices, only begins and
// ends, so their order carries the nesting: an end before a begin of the same time, the longer begin
// first, and no two slices of one lane that overlap without nesting. Timeline owns these rules;
// lib/order/ is its TypeScript twin.
//
// A whole trace is ordered when all of it is there (OrderWhole, VisitWhole), or needs no ordering and is
// visited while it comes (VisitSorted). A stream is ordered within a window: TakeUntilFull counts the events
// that came, and VisitOldest writes the oldest when an eighth more of them wait than the window holds. As long
// as a stream comes in the order of time it can be visited ahead of that (TakeInOrder, VisitAhead), by who can
// take back what became of it where something comes that belongs before. All call, in the order of time, for each event one of
//   visitor.Begin(const Event&, uint32_t lane, Arrows::Span)
//   visitor.BeginPlain(const Event&)                      the same on lane 0, of a slice without arguments and arrows
//   visitor.Complete(const Event&, AttrRange arguments)   a slice of a track whose slices need no lanes
//   visitor.Instant(const Event&, Arrows::Span)
//   visitor.Counter(const Event&)
// and where a slice ends visitor.End(uint32_t track, uint32_t lane, uint64_t time), or with AttrRange arguments behind
// that visitor.EndWith, or visitor.EndAhead before its time has come.
class Timeline {
 public:
  // The store must outlive the timeline. `window` is the number of slices that a stream may be out of
  // order by; 0 for a whole trace.
  Timeline(EventStore& store, size_t window);

  // Pairs and sorts the events of a whole trace, once, and visits them.
  void OrderWhole();
  template <typename Visitor>
  void VisitWhole(Visitor& visitor);

  // The same for a whole trace that comes in the order of time, part by part: the events from `begin` to
  // `end`. No pairs or flows may be among them, and no later event may be of the time of the last one.
  // EndStream follows the last part.
  template <typename Visitor>
  void VisitSorted(size_t begin, size_t end, Visitor& visitor);

  // Counts the events of a stream in the order in which they came, until the window and an eighth of it
  // are full or there are no more. Gives whether they are.
  bool TakeUntilFull();
  // Visits the oldest of the events that were taken, and drops them from the store where they are most of
  // it. Gives whether that numbered launch configurations and call stacks anew.
  enum class Until : uint8_t {
    kFullWindow,  // so many stay
    kEmpty,
    kReadable,  // the same, and what ends later ends ahead of its time: a reader may come now
  };
  template <typename Visitor>
  bool VisitOldest(Until until, Visitor& visitor);
  // Ends the slices that are open and have an end. Nothing comes behind.
  template <typename Visitor>
  void EndStream(Visitor& visitor);

  // As TakeUntilFull, but up to the first event that has to be ordered or paired, and perhaps beyond the window.
  enum class Taken : uint8_t { kAll, kUntilFull, kUntilDisorder };
  Taken TakeInOrder(bool beyond_window);
  // As many of them as a window releases at once, or the first of those.
  struct Stretch {
    size_t rows = 0;
    size_t slices = 0;
    bool is_whole = false;
  };
  // Visits what is missing in a stretch and is there. Those of the last moment, which others may join, wait, or are
  // visited as well (`all`).
  template <typename Visitor>
  void VisitAhead(bool all, Stretch* stretch, Visitor& visitor);
  // Whether the window does without the stretch that was visited first of those that are not released.
  bool CanRelease(const Stretch& stretch) const;
  // Its events are written for good. Gives what VisitOldest gives.
  bool Release(const Stretch& stretch);

  // What visiting depends on, at the end of a stretch.
  struct State {
    Lanes lanes{true};
    TimelineCounts counts;
    uint64_t visited_until = 0;
  };
  State state() const { return {lanes_, counts_, visited_until_}; }
  // All events that are not released wait again. The state is that behind those that are.
  void GoBack(const State& state);

  const TimelineCounts& counts() const { return counts_; }

  // Of a whole trace: the time of its first event, 0 where there is none.
  uint64_t first_time() const { return order_.first_time(); }
  // Whether events were taken that are not visited yet, and the first time among them.
  bool has_taken() const { return taken_ != written_; }
  // What a State has to hold.
  size_t lanes() const { return lanes_.size(); }
  // How many slices a window releases at once: few at a time cost more each, many make who writes them wait for who
  // brings them.
  size_t slices_at_once() const { return (window_ + 7) / 8; }
  uint64_t FirstTaken() const;

 private:
  // How many rows may wait for each slice of the window: instants, samples and ends have a place as well.
  static constexpr size_t kRowsASlice = 4;

  template <typename Visitor>
  void VisitOrdered(Visitor& visitor);
  void OrderTies();
  void FindLastOfTracks();

  // How many events are visited as one part, of which all that must be known before is found out at once:
  // few enough to stay near the processor.
  static constexpr size_t kPartRows = 4096;
  void PreparePart(size_t begin, size_t end);
  size_t PrepareOldest(Until until);
  void PrepareAhead(size_t end, Stretch* stretch);
  void OrderTaken(bool came_in_order);
  size_t BeginOfLastMoment() const;
  // Puts the events of the time of the one at `begin` in the order in which they are written; gives where
  // they end.
  size_t OrderTie(uint32_t* indices, size_t size, size_t begin) const {
    const PodVector<Event>& events = store_.events();
    const bool is_alone = begin + 1 == size || events[indices[begin + 1]].time != events[indices[begin]].time;
    return is_alone ? begin + 1 : OrderSeveral(indices, size, begin);
  }
  size_t OrderSeveral(uint32_t* indices, size_t size, size_t begin) const;
  // Puts the rest of a moment that was visited in part back in the order in which it came.
  void UndoTie(size_t begin, size_t end);
  bool DropWritten();

  template <typename Visitor>
  void WriteEndsAhead(Visitor& visitor);
  template <typename Visitor>
  void EndSlicesUntil(uint64_t time, Visitor& visitor);
  template <typename Visitor>
  void EndNext(Visitor& visitor);
  template <typename Visitor>
  void VisitTaken(Event& event, Visitor& visitor);
  // Of a time until which slices were ended.
  template <typename Visitor>
  void VisitRow(const Event& event, Visitor& visitor);
  template <typename Visitor>
  void VisitStreamSlice(const Event& event, Visitor& visitor);
  template <typename Visitor>
  void VisitEnd(Event& end, Visitor& visitor);
  template <typename Visitor>
  void VisitOther(const Event& event, Arrows::Span arrows, Visitor& visitor);

  void NoteTime(const Event& event) {
    if (event.time > visited_until_) visited_until_ = event.time;
  }
  void NoteTaken(const Event& event) {
    ++taken_rows_;
    if (event.is_slice()) ++taken_slices_;
  }
  void NoteReleased(const Event& event) {
    --taken_rows_;
    if (event.is_slice()) --taken_slices_;
  }

  void OpenForGood(const Lanes::Place& lane) {
    lanes_.OpenForGood(lane);
    ++counts_.unclosed;
  }

  // An event of those that were taken needs its place no longer.
  void NoteWritten(Event& event) {
    event.kind = kWritten;
    ++written_;
  }
  // The same of an End whose slice is written whole.
  void FinishHalf(uint32_t half);

  size_t most_taken() const { return window_ + slices_at_once(); }
  // At least, when each of them is a slice.
  size_t RowsUntilFull() const {
    return std::min(most_taken() - taken_slices_, kRowsASlice * most_taken() - taken_rows_);
  }
  bool IsFull() const { return taken_slices_ >= most_taken() || taken_rows_ >= kRowsASlice * most_taken(); }

  // Whether an event waits for itself: not an End that became part of a slice.
  bool CountsAsRow(const Event& event) const {
    return event.kind != kWritten && (event.kind != RowKind::kEnd || halves_.ClosesWritten(event));
  }

  static constexpr int kSliceRank = 1;
  int RankAtOneTime(const Event& event) const {
    if (event.is_slice()) return kSliceRank;
    return event.kind == RowKind::kEnd && halves_.ClosesWritten(event) ? 0 : 2;
  }
  bool ComesFirst(uint32_t a, uint32_t b) const;

  // A slice that opens on a lane and ends later, at a time that is known.
  bool EndsLater(const Event& event) const {
    return event.kind == RowKind::kSlice && event.extent < kNeverEnds && event.extent != 0 && !IsLaneless(event);
  }

  // A slice whose track has no lanes.
  bool IsLaneless(const Event& event) const {
    return store_.has_gpu_stages() && event.extent < kNeverEnds &&
           store_.tracks()[event.track].gpu_events == GpuEvents::kRenderStages;
  }

  // What the End of a slice that is written as one brought; 0 is no half.
  AttrRange EndArguments(uint32_t half) const;

  EventStore& store_;
  size_t window_;
  TimeOrder order_;           // of a whole trace
  StreamOrder stream_order_;  // of what was taken and not visited
  std::vector<uint32_t> last_of_track_;  // position in order_ of the last slice or instant; for unclosed ones
  Arrows arrows_;
  Lanes lanes_;
  HalfSlices halves_;
  size_t taken_ = 0;         // events of the store that count
  size_t ordered_ = 0;       // those in stream_order_, but for the ones that were visited
  size_t written_ = 0;       // those that are written and not dropped yet
  size_t taken_rows_ = 0;    // those but for Ends that became part of a slice
  size_t taken_slices_ = 0;  // slices among them
  uint64_t visited_until_ = 0;
  uint64_t taken_until_ = 0;  // where all of it came in order
  size_t ahead_ = 0;          // of those in stream_order_, how many were visited
  TimelineCounts counts_;
};

template <typename Visitor>
void Timeline::EndSlicesUntil(uint64_t time, Visitor& visitor) {
  while (lanes_.HasEndUntil(time)) EndNext(visitor);
}

template <typename Visitor>
TRACESMITH_INLINE void Timeline::EndNext(Visitor& visitor) {
  const Lanes::Ended ended = lanes_.PopEnd();
  if (ended.tag == Lanes::kNoTag) {
    visitor.End(ended.place.track, ended.place.number, ended.time);
  } else if (ended.tag != Lanes::kWritten) {
    visitor.EndWith(ended.place.track, ended.place.number, ended.time, EndArguments(ended.tag));
    FinishHalf(ended.tag);
  }
}

template <typename Visitor>
void Timeline::VisitWhole(Visitor& visitor) {
  VisitOrdered(visitor);
  EndStream(visitor);
}

template <typename Visitor>
void Timeline::VisitSorted(size_t begin, size_t end, Visitor& visitor) {
  order_.TakeSorted(store_.events(), begin, end);
  if (order_.has_ties()) OrderTies();
  VisitOrdered(visitor);
}

template <typename Visitor>
void Timeline::VisitOrdered(Visitor& visitor) {
  const std::vector<uint32_t>& order = order_.indices();
  lanes_.AddTracks(store_.tracks().size());
  for (size_t position = 0; position < order.size(); ++position) {
    if (position % kPartRows == 0) PreparePart(position, std::min(position + kPartRows, order.size()));
    const uint32_t index = order[position];
    const Event& event = store_.events()[index];
    EndSlicesUntil(event.time, visitor);
    if (event.kind != RowKind::kSlice) {
      VisitOther(event, arrows_.At(index), visitor);
      continue;
    }
    ++counts_.slices;
    if (IsLaneless(event)) {
      visitor.Complete(event, AttrRange{0, 0});
      continue;
    }
    const bool others_follow = event.extent == kNoEnd && last_of_track_[event.track] > position;
    const Lanes::Place lane = lanes_.Find(event.track, event.end(), others_follow);
    visitor.Begin(event, lane.number, arrows_.At(index));
    if (event.extent == 0) {
      visitor.End(event.track, lane.number, event.time);
    } else if (event.extent == kNeverEnds) {
      OpenForGood(lane);
    } else if (event.extent != kNoEnd) {
      lanes_.Open(lane, event.end());
    }
  }
}

template <typename Visitor>
bool Timeline::VisitOldest(Until until, Visitor& visitor) {
  OrderTaken(false);
  while (const size_t count = PrepareOldest(until)) {
    for (size_t position = 0; position < count; ++position) {
      VisitTaken(store_.events()[stream_order_.indices()[position]], visitor);
    }
    stream_order_.Drop(count);
  }
  if (until == Until::kReadable) WriteEndsAhead(visitor);
  return DropWritten();
}

template <typename Visitor>
void Timeline::VisitTaken(Event& event, Visitor& visitor) {
  if (event.kind == RowKind::kEnd) return VisitEnd(event, visitor);
  if (event.kind == kWritten) return;
  EndSlicesUntil(event.time, visitor);
  VisitRow(event, visitor);
  NoteReleased(event);
  NoteWritten(event);
}

template <typename Visitor>
void Timeline::VisitRow(const Event& event, Visitor& visitor) {
  if (event.is_slice()) {
    VisitStreamSlice(event, visitor);
  } else {
    VisitOther(event, Arrows::Span{nullptr, nullptr}, visitor);
  }
  NoteTime(event);
}

template <typename Visitor>
void Timeline::VisitAhead(bool all, Stretch* stretch, Visitor& visitor) {
  OrderTaken(true);
  const size_t end = all ? stream_order_.size() : BeginOfLastMoment();
  while (ahead_ < end && !stretch->is_whole) {
    const size_t begin = ahead_;
    PrepareAhead(end, stretch);
    for (size_t position = begin; position < ahead_; ++position) {
      const Event& event = store_.events()[stream_order_.indices()[position]];
      while (lanes_.HasEndUntil(event.time)) EndNext(visitor);
      if (event.is_plain && lanes_.OpenIfFree(event.track, event.time, event.time + event.extent)) {
        ++counts_.slices;
        visitor.BeginPlain(event);
        NoteTime(event);
      } else {
        VisitRow(event, visitor);
      }
    }
  }
}

template <typename Visitor>
void Timeline::WriteEndsAhead(Visitor& visitor) {
  for (const Lanes::Ended& ended : lanes_.TakeEndsAhead()) {
    visitor.EndAhead(ended.place.track, ended.place.number, ended.time, EndArguments(ended.tag));
    if (ended.tag != Lanes::kNoTag) FinishHalf(ended.tag);
  }
}

template <typename Visitor>
void Timeline::EndStream(Visitor& visitor) {
  EndSlicesUntil(kNeverEnds, visitor);
  counts_.lanes = lanes_.extra_lanes();
  if (window_ != 0) counts_.unclosed += halves_.open();
}

template <typename Visitor>
void Timeline::VisitStreamSlice(const Event& event, Visitor& visitor) {
  ++counts_.slices;
  if (event.time < visited_until_) ++counts_.late_slices;
  constexpr Arrows::Span kNoArrows{nullptr, nullptr};
  const bool is_open = event.kind == RowKind::kBegin;
  const uint32_t half = HalfSlices::NumberOf(store_, event);
  if (IsLaneless(event)) {
    visitor.Complete(event, EndArguments(half));
    if (half != 0) FinishHalf(half);
    return;
  }
  const Lanes::Place lane =
      lanes_.FindInStream(event.track, {event.time, event.end(), halves_.KnownUntil(event.track), half != 0 && !is_open});
  visitor.Begin(event, lane.number, kNoArrows);
  if (is_open) {
    lanes_.OpenUnknown(lane);
    halves_.SetPlace(half, lane);
  } else if (event.extent == kNeverEnds) {
    OpenForGood(lane);
  } else if (event.extent != 0) {
    lanes_.Open(lane, event.end(), half);
  } else {
    visitor.EndWith(event.track, lane.number, event.time, EndArguments(half));
    if (half != 0) FinishHalf(half);
  }
}

// An End that became part of a slice is no event: it waits for the end of that slice with its arguments.
template <typename Visitor>
void Timeline::VisitEnd(Event& end, Visitor& visitor) {
  const uint32_t half = HalfSlices::NumberOf(end);
  if (half == 0) return NoteWritten(end);
  if (!halves_.ClosesWritten(end)) return;
  EndSlicesUntil(end.time, visitor);
  const Lanes::Place& place = halves_.PlaceOf(half);
  visitor.EndWith(place.track, place.number, end.time, AttrRange{end.attr_begin, end.attr_end});
  lanes_.CloseTold(place, end.time);
  NoteTime(end);
  NoteReleased(end);
  FinishHalf(half);
}

template <typename Visitor>
void Timeline::VisitOther(const Event& event, Arrows::Span arrows, Visitor& visitor) {
  if (event.kind == RowKind::kInstant) {
    ++counts_.instants;
    visitor.Instant(event, arrows);
  } else if (event.kind == RowKind::kCounter) {
    ++counts_.counters;
    visitor.Counter(event);
  }
}

}  // namespace tracesmith
