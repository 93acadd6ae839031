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

}  // namespace tracesmith
