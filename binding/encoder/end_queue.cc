#include "end_queue.h"

#include <utility>

namespace tracesmith {

EndQueue& EndQueue::operator=(const EndQueue& other) {
  if (this == &other) return *this;
  ends_.Truncate(0);
  slices_.Truncate(0);
  added_.Truncate(0);
  first_ = 0;
  other.AppendOpen(&ends_, &slices_);
  opened_ = slices_.size();
  return *this;
}

void EndQueue::AppendOpen(PodVector<TimeKey>* ends, PodVector<OpenSlice>* slices) const {
  for (size_t i = first_; i < ends_.size(); ++i) {
    ends->Add({ends_[i].time, static_cast<uint32_t>(slices->size())});
    slices->Add(slices_[ends_[i].index]);
  }
}

// A stable sort leaves those of one end as they lie before it: the ones opened last in front.
void EndQueue::Sort() {
  const size_t left = ends_.size() - first_;
  const size_t added = added_.size();
  next_ends_.Truncate(0);
  next_slices_.Truncate(0);
  TimeKey* end = next_ends_.Extend(added);
  for (size_t i = added; i > 0; --i) *end++ = {added_[i - 1], static_cast<uint32_t>(left + i - 1)};
  AppendOpen(&next_ends_, &next_slices_);
  next_slices_.Extend(added);
  sorter_.Sort(next_ends_);
  opened_ = left;
  first_ = 0;
  std::swap(ends_, next_ends_);
  std::swap(slices_, next_slices_);
  added_.Truncate(0);
}

}  // namespace tracesmith
