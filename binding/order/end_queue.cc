#include "order/end_queue.h"

#include <utility>

namespace tracesmith {

EndQueue& EndQueue::operator=(const EndQueue& other) {
  if (this == &other) return *this;
  ends_.Truncate(0);
  slices_.Truncate(0);
  added_.Truncate(0);
  other.AppendOpen(&ends_, &slices_);
  Close(slices_.size());
  return *this;
}

void EndQueue::AppendOpen(PodVector<TimeKey>* ends, PodVector<OpenSlice>* slices) const {
  for (const TimeKey* end = first_; end->time != kNever; ++end) {
    ends->Add({end->time, static_cast<uint32_t>(slices->size())});
    slices->Add(slices_[end->index]);
  }
}

void EndQueue::Close(size_t open) {
  ends_.Add({kNever, 0});
  first_ = ends_.begin();
  opened_ = slices_.begin() + open;
}

// A stable sort leaves those of one end as they lie before it: the ones opened last in front.
void EndQueue::Sort() {
  const size_t added = added_.size();
  next_ends_.Truncate(0);
  next_slices_.Truncate(0);
  const size_t left = static_cast<size_t>(ends_.end() - first_) - 1;
  TimeKey* end = next_ends_.Extend(added);
  for (size_t i = added; i > 0; --i) *end++ = {added_[i - 1], static_cast<uint32_t>(left + i - 1)};
  AppendOpen(&next_ends_, &next_slices_);
  next_slices_.Extend(added);
  sorter_.Sort(next_ends_);
  std::swap(ends_, next_ends_);
  std::swap(slices_, next_slices_);
  added_.Truncate(0);
  Close(left);
}

}  // namespace tracesmith
