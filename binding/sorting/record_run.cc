#include "sorting/record_run.h"

#include <algorithm>

namespace tracesmith {
namespace {

constexpr size_t kPrefetchedAhead = 8;

uint64_t RankAt(const uint8_t* head) {
  uint64_t rank;
  std::memcpy(&rank, head, sizeof(rank));
  return rank;
}

// Asks the processor for a record that is read soon. Sorted records lie anywhere in memory: without this, writing a run
// takes half as long again.
void Prefetch(const uint8_t* record) {
#if defined(__GNUC__)
  constexpr size_t kCacheLine = 64;
  constexpr size_t kUsualLines = 3;
  for (size_t i = 0; i < kUsualLines; ++i) __builtin_prefetch(record + i * kCacheLine);
#else
  (void)record;
#endif
}

}  // namespace

uint8_t* RecordRun::ReserveInNewBlock(size_t room) {
  const bool is_large = IsLarge(room);
  // Large blocks must not add up with blocks that are kept for later.
  if (is_large) blocks_.resize(used_blocks_);
  auto& blocks = is_large ? large_blocks_ : blocks_;
  // Uninitialised: make_unique would clear it.
  if (is_large || used_blocks_ == blocks_.size()) {
    blocks.push_back(std::unique_ptr<uint8_t[]>(new uint8_t[NewBlockSize(room)]));
  }
  block_bytes_ += NewBlockSize(room);
  if (is_large) return large_blocks_.back().get();
  at_ = blocks_[used_blocks_++].get();
  room_ = block_size_;
  return at_;
}

void RecordRun::Sort() {
  RadixSorter<Key>().Sort(keys_);
  const auto has_lower_rank = [](const Key& a, const Key& b) { return RankAt(a.at) < RankAt(b.at); };
  Key* const end = keys_.end();
  for (Key* first = keys_.begin(); first != end;) {
    Key* last = first + 1;
    while (last != end && last->time == first->time) ++last;
    if (!std::is_sorted(first, last, has_lower_rank)) std::stable_sort(first, last, has_lower_rank);
    first = last;
  }
}

Record RecordRun::operator[](size_t index) const {
  if (index + kPrefetchedAhead < keys_.size()) Prefetch(keys_[index + kPrefetchedAhead].at);
  const Key& key = keys_[index];
  uint64_t head[2];
  std::memcpy(head, key.at, sizeof(head));
  return {{key.time, head[0]}, key.at + kHeadSize, static_cast<size_t>(head[1])};
}

void RecordRun::Clear() {
  // The next run may consist of few records, whose memory is in the blocks.
  keys_ = PodVector<Key>();
  large_blocks_.clear();
  used_blocks_ = 0;
  block_bytes_ = 0;
  at_ = nullptr;
  room_ = 0;
}

}  // namespace tracesmith
