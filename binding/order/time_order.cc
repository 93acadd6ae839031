#include "order/time_order.h"

#include <numeric>

namespace tracesmith {

void TimeOrder::Sort(const PodVector<Event>& events) {
  const size_t count = events.size();
  bool is_sorted = true;
  for (size_t i = 1; is_sorted && i < count; ++i) is_sorted = events[i].time >= events[i - 1].time;
  if (is_sorted) return SetSorted(events, 0, count);
  keys_.Truncate(0);
  keys_.Extend(count);
  for (uint32_t i = 0; i < count; ++i) keys_[i] = {events[i].time, i};
  sorter_.Sort(keys_);
  indices_.resize(count);
  for (size_t i = 0; i < count; ++i) indices_[i] = keys_[i].index;
  first_time_ = keys_[0].time;
  has_ties_ = true;
}

void TimeOrder::SetSorted(const PodVector<Event>& events, size_t begin, size_t end) {
  indices_.resize(end - begin);
  std::iota(indices_.begin(), indices_.end(), static_cast<uint32_t>(begin));
  has_ties_ = false;
  for (size_t i = begin + 1; i < end; ++i) has_ties_ = has_ties_ || events[i].time == events[i - 1].time;
  first_time_ = begin == end ? 0 : events[begin].time;
}

void WaitingRows::Add(const PodVector<Event>& events, size_t begin, size_t end) {
  if (begin == end) return;
  bool is_sorted = size() == 0 || events[begin].time >= events[indices_.back()].time;
  for (size_t i = begin + 1; is_sorted && i < end; ++i) is_sorted = events[i].time >= events[i - 1].time;
  ForgetDropped();
  if (is_sorted) {
    const size_t old_size = indices_.size();
    indices_.resize(old_size + end - begin);
    std::iota(indices_.begin() + static_cast<std::ptrdiff_t>(old_size), indices_.end(), static_cast<uint32_t>(begin));
    return;
  }
  keys_.Truncate(0);
  TimeKey* key = keys_.Extend(end - begin);
  for (size_t i = begin; i < end; ++i) *key++ = {events[i].time, static_cast<uint32_t>(i)};
  sorter_.Sort(keys_);
  MergeKeys(events);
}

// Waits until dropped events are most of the list: each time moves all that wait.
void WaitingRows::ForgetDropped() {
  if (first_ <= size()) return;
  indices_.erase(indices_.begin(), indices_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

// Merges from the end: most new events belong there.
void WaitingRows::MergeKeys(const PodVector<Event>& events) {
  size_t old_end = indices_.size();
  size_t new_end = keys_.size();
  indices_.resize(old_end + new_end);
  while (new_end > 0) {
    const TimeKey& last = keys_[new_end - 1];
    if (old_end > first_ && events[indices_[old_end - 1]].time > last.time) {
      indices_[old_end + new_end - 1] = indices_[old_end - 1];
      --old_end;
    } else {
      indices_[old_end + new_end - 1] = last.index;
      --new_end;
    }
  }
}

void WaitingRows::Renumber(const PodVector<uint32_t>& new_indices) {
  for (size_t i = first_; i < indices_.size(); ++i) indices_[i] = new_indices[indices_[i]];
}

}  // namespace tracesmith
