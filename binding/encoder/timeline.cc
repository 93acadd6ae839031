#include "timeline.h"

#include <algorithm>
#include <cstddef>

#include "pairing.h"
#include "sort.h"

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

void Timeline::OrderTaken() {
  order_.Sort(store_.events(), taken_);
  if (order_.has_ties()) OrderTies();
}

bool Timeline::TakeUntilFull() {
  const PodVector<Event>& events = store_.events();
  for (; taken_ < events.size() && !IsFull(); ++taken_) {
    const Event& event = events[taken_];
    const auto index = static_cast<uint32_t>(taken_);
    ++taken_rows_;
    if (event.is_slice()) ++taken_slices_;
    if (event.kind == RowKind::kBegin) {
      halves_.TakeBegin(store_, index);
    } else if (event.kind == RowKind::kEnd) {
      halves_.TakeEnd(store_, index, lanes_);
      if (!halves_.ClosesWritten(event)) --taken_rows_;
    }
  }
  return IsFull();
}

uint64_t Timeline::FirstTaken() const {
  uint64_t first = UINT64_MAX;
  for (size_t i = 0; i < taken_; ++i) first = std::min(first, store_.events()[i].time);
  return first;
}

size_t Timeline::CountToVisit() const {
  size_t slices = taken_slices_;
  size_t rows = taken_rows_;
  size_t count = 0;
  for (; slices > window_ || rows > kRowsASlice * window_; ++count) {
    const Event& event = store_.events()[order_.indices()[count]];
    if (event.is_slice()) --slices;
    if (event.kind != RowKind::kEnd || halves_.ClosesWritten(event)) --rows;
  }
  return count;
}

// At one time slices that are open end first, then slices begin before anything else happens, the longest
// first: a parent must be open when its child begins. An End that became part of a slice comes behind it,
// which may have no length.
void Timeline::OrderTies() {
  const PodVector<Event>& events = store_.events();
  const auto rank_of = [this](const Event& event) {
    if (event.is_slice()) return 1;
    return event.kind == RowKind::kEnd && halves_.ClosesWritten(event) ? 0 : 2;
  };
  const auto comes_first = [&](uint32_t a, uint32_t b) {
    const int rank_of_a = rank_of(events[a]);
    const int rank_of_b = rank_of(events[b]);
    if (rank_of_a != rank_of_b) return rank_of_a < rank_of_b;
    return rank_of_a == 1 && events[a].extent > events[b].extent;
  };
  std::vector<uint32_t>& order = order_.indices();
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && events[order[end]].time == events[order[begin]].time) ++end;
    if (end - begin > 1) SortTie(order.data() + begin, order.data() + end, comes_first);
    begin = end;
  }
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
