#include "order/end_queue.h"

#include <utility>

namespace tracesmith {

void EndQueue::Close(size_t open) {
  ends_.Add({kNever, 0});
  first_ = ends_.begin();
  opened_ = slices_.begin() + open;
}

// The sort is stable, so ends of one time stay as they lie before it: those of the slices opened last in front.
void EndQueue::Sort() {
  const size_t added = added_.size();
  next_ends_.Truncate(0);
  next_slices_.Truncate(0);
  const size_t left = static_cast<size_t>(ends_.end() - first_) - 1;
  TimeKey* end = next_ends_.Extend(added);
  for (size_t i = added; i > 0; --i) *end++ = {added_[i - 1], static_cast<uint32_t>(left + i - 1)};
  for (const TimeKey* open = first_; open->time != kNever; ++open) {
    next_ends_.Add({open->time, static_cast<uint32_t>(next_slices_.size())});
    next_slices_.Add(slices_[open->index]);
  }
  next_slices_.Extend(added);
  sorter_.Sort(next_ends_);
  std::swap(ends_, next_ends_);
  std::swap(slices_, next_slices_);
  added_.Truncate(0);
  Close(left);
}

}  // namespace tracesmith
