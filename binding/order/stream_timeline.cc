#include "order/stream_timeline.h"

#include <algorithm>

#include "order/time_order.h"

namespace tracesmith {

bool StreamTimeline::FillWindow() {
  PodVector<Event>& events = table_.events();
  for (; entered_ < events.size() && !IsFull(); ++entered_) {
    const Event& event = events[entered_];
    const auto index = static_cast<uint32_t>(entered_);
    if (event.kind == RowKind::kBegin) pairs_.AddBegin(events, index);
    if (event.kind == RowKind::kEnd) pairs_.AddEnd(events, index, lanes_);
    if (event.is_slice()) ++waiting_slices_;
    if (IsRow(event)) ++waiting_rows_;
  }
  return IsFull();
}

uint64_t StreamTimeline::first_time() const {
  uint64_t first = UINT64_MAX;
  for (size_t i = 0; i < entered_; ++i) first = std::min(first, table_.events()[i].time);
  return first;
}

// Orders the ties of the oldest events, and tells the lanes when the slices among them will end. Returns how many events
// are to be visited now, 0 when enough of them were.
size_t StreamTimeline::PrepareOldest(Until until) {
  const PodVector<Event>& events = table_.events();
  uint32_t* const indices = waiting_.indices();
  const auto is_enough = [&] {
    return until == Until::kWindowFits && waiting_slices_ <= window_ && waiting_rows_ <= kRowsPerSlice * window_;
  };
  const auto comes_first = [this](uint32_t a, uint32_t b) { return ComesFirst(a, b); };
  const size_t most = std::min(kEventsAtOnce, waiting_.size());
  size_t position = 0;
  size_t tie_end = 0;
  for (; position < most && !is_enough(); ++position) {
    if (position == tie_end) tie_end = OrderTie(events, indices, waiting_.size(), position, comes_first);
    const Event& event = events[indices[position]];
    if (event.is_slice()) --waiting_slices_;
    if (IsRow(event)) --waiting_rows_;
    if (table_.EndsOnLane(event)) lanes_.ExpectEnd(event.end());
  }
  lanes_.SortEnds();
  // The rest of a tie waits in the order of arrival: it is ordered again, with what comes meanwhile.
  if (position < tie_end) std::sort(indices + position, indices + tie_end);
  return position;
}

// Of one time, open slices end first, then slices begin before anything else happens, the longer one first: a parent must
// be open when its child begins. The End of a slice that waits comes behind that slice, which may have no length.
int StreamTimeline::RankInTie(const Event& event) const {
  if (event.is_slice()) return 1;
  return event.kind == RowKind::kEnd && pairs_.ClosesWritten(event) ? 0 : 2;
}

bool StreamTimeline::ComesFirst(uint32_t a, uint32_t b) const {
  const Event& first = table_.events()[a];
  const Event& second = table_.events()[b];
  const int rank = RankInTie(first);
  const int other = RankInTie(second);
  if (rank != other) return rank < other;
  return first.is_slice() && first.length > second.length;
}

// Waits until two thirds of the events are written: each time moves all others.
bool StreamTimeline::DropWritten() {
  if (written_ <= 2 * (entered_ - written_)) return false;
  const PodVector<Event>& events = table_.events();
  std::vector<uint32_t> new_indices(entered_);
  uint32_t kept = 0;
  for (size_t i = 0; i < entered_; ++i) new_indices[i] = events[i].kind == kWritten ? WaitingRows::kGone : kept++;
  waiting_.Renumber(new_indices);
  entered_ = sorted_ = kept;
  written_ = 0;
  return table_.DropWritten([this](const Event& event, uint32_t index) { pairs_.NoteMoved(event, index); });
}

}  // namespace tracesmith
