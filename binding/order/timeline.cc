#include "order/timeline.h"

#include <algorithm>
#include <cstddef>

#include "order/pairing.h"
#include "order/sort.h"

namespace tracesmith {
namespace {

// Sorts stably. Nearly all ties are of a few events, for which std::stable_sort would ask for memory.
template <typename ComesFirst>
void SortTie(uint32_t* begin, uint32_t* end, ComesFirst comes_first) {
  constexpr std::ptrdiff_t kFew = 16;
  if (end - begin > kFew) return std::stable_sort(begin, end, comes_first);
  for (uint32_t* next = begin + 1; next < end; ++next) {
    const uint32_t moved = *next;
    uint32_t* hole = next;
    for (; hole > begin && comes_first(moved, hole[-1]); --hole) *hole = hole[-1];
    *hole = moved;
  }
}

}  // namespace

Timeline::Timeline(EventStore& store, size_t window) : store_(store), window_(window), lanes_(window != 0) {}

void Timeline::OrderWhole() {
  order_.Sort(store_.events(), store_.events().size());
  const PairingCounts paired = PairOpensWithCloses(store_, order_.indices());
  counts_.unclosed = paired.unclosed;
  counts_.unmatched = paired.unmatched;
  if (order_.has_ties()) OrderTies();
  arrows_ = ConnectFlows(store_, order_.indices());
  counts_.flows = arrows_.drawn;
  counts_.undrawn_flows = arrows_.undrawn;
  if (counts_.unclosed != 0) FindLastOfTracks();
}

bool Timeline::TakeUntilFull() {
  const PodVector<Event>& events = store_.events();
  for (; taken_ < events.size() && !IsFull(); ++taken_) {
    const Event& event = events[taken_];
    const auto index = static_cast<uint32_t>(taken_);
    NoteTaken(event);
    if (event.kind == RowKind::kBegin) {
      halves_.TakeBegin(store_, index);
    } else if (event.kind == RowKind::kEnd) {
      halves_.TakeEnd(store_, index, lanes_);
      if (!halves_.ClosesWritten(event)) --taken_rows_;
    }
  }
  return IsFull();
}

Timeline::Taken Timeline::TakeInOrder(bool beyond_window) {
  const PodVector<Event>& events = store_.events();
  const auto is_in_order = [](const Event& event, uint64_t until) {
    return (event.kind == RowKind::kSlice || event.kind == RowKind::kInstant || event.kind == RowKind::kCounter) &&
           event.time >= until;
  };
  while (taken_ < events.size() && (beyond_window || !IsFull())) {
    const size_t begin = taken_;
    const size_t stop = beyond_window ? events.size() : std::min(events.size(), begin + RowsUntilFull());
    // Copies, which can be in registers while the events are looked at.
    size_t taken = begin;
    size_t slices = 0;
    uint64_t until = taken_until_;
    for (; taken < stop && is_in_order(events[taken], until); ++taken) {
      until = events[taken].time;
      slices += events[taken].kind == RowKind::kSlice;
    }
    taken_ = taken;
    taken_rows_ += taken - begin;
    taken_slices_ += slices;
    taken_until_ = until;
    if (taken != stop) return Taken::kUntilDisorder;
  }
  return IsFull() ? Taken::kUntilFull : Taken::kAll;
}

uint64_t Timeline::FirstTaken() const {
  uint64_t first = UINT64_MAX;
  for (size_t i = 0; i < taken_; ++i) first = std::min(first, store_.events()[i].time);
  return first;
}

// Puts what was taken among those that wait.
void Timeline::OrderTaken(bool came_in_order) {
  if (came_in_order) {
    stream_order_.AddSorted(ordered_, taken_);
  } else {
    stream_order_.Add(store_.events(), ordered_, taken_);
  }
  ordered_ = taken_;
  lanes_.AddTracks(store_.tracks().size());
}

void Timeline::FinishHalf(uint32_t half) {
  NoteWritten(store_.events()[halves_.EndEventOf(half)]);
  halves_.Release(half);
}

AttrRange Timeline::EndArguments(uint32_t half) const {
  if (half == 0) return {0, 0};
  const Event& end = store_.events()[halves_.EndEventOf(half)];
  return {end.attr_begin, end.attr_end};
}

// Before the events at these positions of a whole trace are visited.
void Timeline::PreparePart(size_t begin, size_t end) {
  for (size_t position = begin; position < end; ++position) {
    const Event& event = store_.events()[order_.indices()[position]];
    if (EndsLater(event)) lanes_.ExpectEnd(event.end());
  }
  lanes_.SortEnds();
}

// The same for the oldest of those that wait in a stream; gives how many they are, 0 where enough were visited.
size_t Timeline::PrepareOldest(Until until) {
  size_t slices = taken_slices_;
  size_t rows = taken_rows_;
  const auto is_enough = [&] { return until == Until::kFullWindow && slices <= window_ && rows <= kRowsASlice * window_; };
  const size_t most = std::min(kPartRows, stream_order_.size());
  size_t position = 0;
  size_t tie_end = 0;
  for (; position < most && !is_enough(); ++position) {
    if (position == tie_end) tie_end = OrderTie(stream_order_.indices(), stream_order_.size(), position);
    const Event& event = store_.events()[stream_order_.indices()[position]];
    if (event.is_slice()) --slices;
    if (CountsAsRow(event)) --rows;
    if (EndsLater(event)) lanes_.ExpectEnd(event.end());
  }
  lanes_.SortEnds();
  if (position < tie_end) UndoTie(position, tie_end);
  return position;
}

// The same for those that are visited ahead, which are slices, instants and samples.
void Timeline::PrepareAhead(size_t end, Stretch* stretch) {
  const Event* const events = store_.events().begin();
  uint32_t* const indices = stream_order_.indices();
  const size_t begin = ahead_;
  const size_t part_end = std::min(end, begin + kPartRows);
  size_t slices_left = slices_at_once() - stretch->slices;
  size_t rows_left = kRowsASlice * slices_at_once() - stretch->rows;
  size_t position = begin;
  size_t tie_end = begin;
  while (position < part_end && slices_left != 0 && rows_left != 0) {
    const size_t stop = position + std::min({part_end - position, slices_left, rows_left});
    rows_left -= stop - position;
    uint64_t* ends = lanes_.ExpectEnds(stop - position);
    for (; position < stop; ++position) {
      if (position == tie_end) tie_end = OrderTie(indices, end, position);
      const Event& event = events[indices[position]];
      slices_left -= event.kind == RowKind::kSlice;
      if (event.is_plain || EndsLater(event)) *ends++ = event.time + event.extent;
    }
    lanes_.ExpectedUntil(ends);
  }
  ahead_ = position;
  stretch->rows += position - begin;
  stretch->slices = slices_at_once() - slices_left;
  stretch->is_whole = slices_left == 0 || rows_left == 0;
  lanes_.SortEnds();
}

size_t Timeline::BeginOfLastMoment() const {
  const PodVector<Event>& events = store_.events();
  size_t begin = stream_order_.size();
  while (begin > ahead_ && events[stream_order_.indices()[begin - 1]].time == taken_until_) --begin;
  return begin;
}

bool Timeline::CanRelease(const Stretch& stretch) const {
  return stretch.is_whole &&
         (taken_slices_ >= window_ + stretch.slices || taken_rows_ >= kRowsASlice * window_ + stretch.rows);
}

bool Timeline::Release(const Stretch& stretch) {
  for (size_t position = 0; position < stretch.rows; ++position) {
    Event& event = store_.events()[stream_order_.indices()[position]];
    NoteReleased(event);
    NoteWritten(event);
  }
  stream_order_.Drop(stretch.rows);
  ahead_ -= stretch.rows;
  return DropWritten();
}

// They came in order, so they are in that of time again where they are in that of the store.
void Timeline::GoBack(const State& state) {
  lanes_ = state.lanes;
  counts_ = state.counts;
  visited_until_ = state.visited_until;
  ahead_ = 0;
  std::sort(stream_order_.indices(), stream_order_.indices() + stream_order_.size());
}

size_t Timeline::OrderSeveral(uint32_t* indices, size_t size, size_t begin) const {
  const PodVector<Event>& events = store_.events();
  size_t end = begin + 2;
  while (end < size && events[indices[end]].time == events[indices[begin]].time) ++end;
  SortTie(indices + begin, indices + end, [this](uint32_t a, uint32_t b) { return ComesFirst(a, b); });
  return end;
}

// What is visited later is ordered again then, with what came meanwhile.
void Timeline::UndoTie(size_t begin, size_t end) {
  std::sort(stream_order_.indices() + begin, stream_order_.indices() + end);
}

// Where written events are most of the store: each time would move all that wait.
bool Timeline::DropWritten() {
  if (written_ <= taken_ - written_) return false;
  const PodVector<Event>& events = store_.events();
  std::vector<uint32_t> new_indices(taken_);
  uint32_t kept = 0;
  for (size_t i = 0; i < taken_; ++i) {
    new_indices[i] = events[i].kind == kWritten ? StreamOrder::kGone : kept++;
  }
  stream_order_.Renumber(new_indices);
  taken_ = ordered_ = kept;
  written_ = 0;
  return store_.DropWritten([this](const Event& event, uint32_t index) { halves_.Moved(store_, event, index); });
}

// At one time slices that are open end first, then slices begin before anything else happens, the longest
// first: a parent must be open when its child begins. An End that became part of a slice comes behind it,
// which may have no length.
bool Timeline::ComesFirst(uint32_t a, uint32_t b) const {
  const Event& first = store_.events()[a];
  const Event& second = store_.events()[b];
  const int rank_of_first = RankAtOneTime(first);
  const int rank_of_second = RankAtOneTime(second);
  if (rank_of_first != rank_of_second) return rank_of_first < rank_of_second;
  return rank_of_first == kSliceRank && first.extent > second.extent;
}

void Timeline::OrderTies() {
  std::vector<uint32_t>& order = order_.indices();
  for (size_t begin = 0; begin < order.size();) begin = OrderTie(order.data(), order.size(), begin);
}

void Timeline::FindLastOfTracks() {
  last_of_track_.assign(store_.tracks().size(), 0);
  const std::vector<uint32_t>& order = order_.indices();
  for (uint32_t position = 0; position < order.size(); ++position) {
    const Event& event = store_.events()[order[position]];
    if (event.kind == RowKind::kSlice || event.kind == RowKind::kInstant) last_of_track_[event.track] = position;
  }
}

}  // namespace tracesmith
