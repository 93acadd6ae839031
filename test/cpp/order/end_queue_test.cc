#include "order/end_queue.h"

#include <algorithm>
#include <random>
#include <vector>

#include "check.h"

namespace tracesmith::test {
namespace {

// The queue beside what it should be: a list in which the first is searched for each time.
class Checked {
 public:
  // Opens slices with these ends as one part, and takes ends between where `takes` says so.
  template <typename Takes>
  void Visit(const std::vector<uint64_t>& ends, Takes takes) {
    for (const uint64_t end : ends) queue_.Add(end);
    queue_.Sort();
    for (const uint64_t end : ends) {
      queue_.Open({opened_, opened_ % 5 == 0});
      open_.push_back({end, opened_++});
    }
    while (!open_.empty() && takes()) Take();
  }

  void TakeAll() {
    while (!open_.empty()) Take();
    CHECK(!queue_.HasUntil(EndQueue::kNever - 1));
  }

  EndQueue& queue() { return queue_; }

 private:
  struct Slice {
    uint64_t end;
    uint32_t opened;
  };

  void Take() {
    const auto first = std::min_element(open_.begin(), open_.end(), [](const Slice& a, const Slice& b) {
      return a.end != b.end ? a.end < b.end : a.opened > b.opened;
    });
    CHECK(queue_.HasUntil(first->end));
    if (first->end != 0) CHECK(!queue_.HasUntil(first->end - 1));
    CHECK_EQ(queue_.first_end(), first->end);
    CHECK_EQ(queue_.first().lane, first->opened);
    CHECK_EQ(queue_.first().is_end_written, first->opened % 5 == 0);
    queue_.Pop();
    open_.erase(first);
  }

  EndQueue queue_;
  std::vector<Slice> open_;
  uint32_t opened_ = 0;
};

std::vector<uint64_t> RandomEnds(std::mt19937& random, size_t most) {
  const uint64_t range = uint64_t{1} << (random() % 64);  // few bits: many ties
  std::vector<uint64_t> ends(random() % (most + 1));
  for (uint64_t& end : ends) end = (uint64_t{random()} << 32 | random()) % range;
  return ends;
}

TEST(EndsComeInTheirOrder) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    Within("seed " + std::to_string(seed), [&] {
      std::mt19937 random(seed);
      Checked checked;
      checked.Visit(RandomEnds(random, 200), [] { return false; });
      checked.TakeAll();
    });
  }
}

TEST(WhatIsLeftStaysForTheNextPart) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    Within("seed " + std::to_string(seed), [&] {
      std::mt19937 random(seed);
      Checked checked;
      for (int part = 0; part < 10; ++part) checked.Visit(RandomEnds(random, 60), [&] { return random() % 40 != 0; });
      checked.TakeAll();
    });
  }
}

TEST(EndsMayBeAnyTime) {
  Checked checked;
  checked.Visit({UINT64_MAX, 0, uint64_t{1} << 63, (uint64_t{1} << 63) - 1, 1}, [] { return false; });
  checked.TakeAll();
}

TEST(WhatIsOpenCanBeChanged) {
  Checked checked;
  checked.Visit({30, 10, 20}, [] { return false; });
  std::vector<uint64_t> ends;
  checked.queue().ForEach([&](uint64_t end, OpenSlice& slice) {
    ends.push_back(end);
    slice.is_end_written = true;
  });
  CHECK(ends == (std::vector<uint64_t>{10, 20, 30}));
  CHECK(checked.queue().first().is_end_written);
}

}  // namespace
}  // namespace tracesmith::test
