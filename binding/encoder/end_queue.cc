#include "end_queue.h"

namespace tracesmith {

EndQueue& EndQueue::operator=(const EndQueue& other) {
  if (this == &other) return *this;
  ends_.clear();
  slices_.clear();
  added_.clear();
  first_ = 0;
  other.AppendOpen(&ends_, &slices_);
  opened_ = slices_.size();
  return *this;
}

void EndQueue::AppendOpen(std::vector<TimeKey>* ends, std::vector<OpenSlice>* slices) const {
  for (size_t i = first_; i < ends_.size(); ++i) {
    ends->push_back({ends_[i].time, static_cast<uint32_t>(slices->size())});
    slices->push_back(slices_[ends_[i].index]);
  }
}

// A stable sort leaves those of one end as they lie before it: the ones opened last in front.
void EndQueue::Sort() {
  next_ends_.clear();
  next_slices_.clear();
  const size_t left = ends_.size() - first_;
  for (size_t i = added_.size(); i > 0; --i) next_ends_.push_back({added_[i - 1], static_cast<uint32_t>(left + i - 1)});
  AppendOpen(&next_ends_, &next_slices_);
  sorter_.Sort(next_ends_);
  opened_ = left;
  next_slices_.resize(left + added_.size());
  ends_.swap(next_ends_);
  slices_.swap(next_slices_);
  first_ = 0;
  added_.clear();
}

}  // namespace tracesmith
