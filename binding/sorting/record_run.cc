#include "sorting/record_run.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tracesmith {
namespace {

constexpr unsigned kMaxDigitBits = 11;
constexpr size_t kPrefetchedAhead = 8;

// Below, counting digits takes longer than moving keys one by one.
constexpr size_t kFewKeys = 64;

uint64_t RankAt(const uint8_t* head) {
  uint64_t rank;
  std::memcpy(&rank, head, sizeof(rank));
  return rank;
}

// Asks the processor for a record that is wanted soon. Sorted, they lie anywhere in the arena: without this
// writing a run takes half as long again.
void Prefetch(const uint8_t* record) {
#if defined(__GNUC__)
  constexpr size_t kCacheLine = 64;
  constexpr size_t kUsualLines = 3;
  for (size_t i = 0; i < kUsualLines; ++i) __builtin_prefetch(record + i * kCacheLine);
#else
  (void)record;
#endif
}

unsigned BitWidth(uint64_t value) {
  unsigned width = 0;
  for (; value != 0; value >>= 1) ++width;
  return width;
}

}  // namespace

uint8_t* RecordRun::ReserveInNewBlock(size_t room) {
  const bool is_large = IsLarge(room);
  // Blocks that wait to be used again must not add up with large ones.
  if (is_large) blocks_.resize(used_blocks_);
  auto& blocks = is_large ? large_blocks_ : blocks_;
  // New memory as it is: a make_unique would clear it.
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
  scratch_.Extend(keys_.size());
  if (SortKeys(keys_.begin(), scratch_.begin(), keys_.size()) != keys_.begin()) std::swap(keys_, scratch_);
  SortTies();
  scratch_ = PodVector<Key>();
}

// Of records with one time that is read twice: the keys get the rank in place of the time for a while.
void RecordRun::SortTies() {
  Key* const end = keys_.end();
  for (Key* first = keys_.begin(); first != end;) {
    const uint64_t time = first->time;
    Key* last = first + 1;
    while (last != end && last->time == time) ++last;
    const auto count = static_cast<size_t>(last - first);
    if (count > 1) {
      for (Key* key = first; key != last; ++key) key->time = RankAt(key->at);
      const Key* sorted = SortKeys(first, scratch_.begin(), count);
      for (Key* key = first; key != last; ++key, ++sorted) *key = {time, sorted->at};
    }
    first = last;
  }
}

// Least significant digit first, over only as many digits as the range of times has.
RecordRun::Key* RecordRun::SortKeys(Key* keys, Key* scratch, size_t count) {
  uint64_t first = UINT64_MAX;
  uint64_t last = 0;
  uint64_t previous = 0;
  bool is_sorted = true;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t time = keys[i].time;
    is_sorted = is_sorted && time >= previous;
    first = std::min(first, time);
    last = std::max(last, time);
    previous = time;
  }
  if (is_sorted) return keys;
  if (count <= kFewKeys) {
    for (size_t i = 1; i < count; ++i) {
      const Key key = keys[i];
      size_t hole = i;
      for (; hole > 0 && keys[hole - 1].time > key.time; --hole) keys[hole] = keys[hole - 1];
      keys[hole] = key;
    }
    return keys;
  }
  const unsigned bits = BitWidth(last - first);
  const unsigned passes = (bits + kMaxDigitBits - 1) / kMaxDigitBits;
  const unsigned digit_bits = (bits + passes - 1) / passes;
  const uint64_t mask = (uint64_t{1} << digit_bits) - 1;
  for (unsigned pass = 0; pass < passes; ++pass) {
    const unsigned shift = pass * digit_bits;
    const auto digit_of = [&](const Key& key) { return ((key.time - first) >> shift) & mask; };
    std::array<size_t, size_t{1} << kMaxDigitBits> starts{};
    for (size_t i = 0; i < count; ++i) ++starts[digit_of(keys[i])];
    if (starts[digit_of(keys[0])] == count) continue;
    size_t start = 0;
    for (size_t& digit : starts) start += std::exchange(digit, start);
    for (size_t i = 0; i < count; ++i) scratch[starts[digit_of(keys[i])]++] = keys[i];
    std::swap(keys, scratch);
  }
  return keys;
}

Record RecordRun::operator[](size_t index) const {
  if (index + kPrefetchedAhead < keys_.size()) Prefetch(keys_[index + kPrefetchedAhead].at);
  const Key& key = keys_[index];
  uint64_t head[2];
  std::memcpy(head, key.at, sizeof(head));
  return {{key.time, head[0]}, key.at + kHeadSize, static_cast<size_t>(head[1])};
}

void RecordRun::Clear() {
  // The next run may be one of few records, with the memory in its blocks.
  keys_ = PodVector<Key>();
  large_blocks_.clear();
  used_blocks_ = 0;
  block_bytes_ = 0;
  at_ = nullptr;
  room_ = 0;
}

}  // namespace tracesmith
