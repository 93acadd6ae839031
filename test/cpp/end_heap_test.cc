#include "encoder/end_heap.h"

#include <algorithm>
#include <random>
#include <vector>

#include "check.h"

namespace tracesmith::test {
namespace {

// The rule in plain words: by end; of several with one end the one opened last.
bool EndsFirst(const OpenSlice& a, const OpenSlice& b) {
  if (a.end != b.end) return a.end < b.end;
  return static_cast<int32_t>(a.opened - b.opened) > 0;
}

void CheckPops(EndHeap& heap, std::vector<OpenSlice> expected) {
  std::sort(expected.begin(), expected.end(), EndsFirst);
  for (const OpenSlice& slice : expected) {
    CHECK(!heap.empty());
    CHECK_EQ(heap.first().opened, slice.opened);
    const OpenSlice popped = heap.Pop();
    CHECK_EQ(popped.end, slice.end);
    CHECK_EQ(popped.opened, slice.opened);
    CHECK_EQ(popped.lane, slice.lane);
  }
  CHECK(heap.empty());
}

TEST(PopsAsSorted) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    Within("seed " + std::to_string(seed), [&] {
      std::mt19937 random(seed);
      const auto size = static_cast<uint32_t>(random() % 200);
      const auto ends = static_cast<uint32_t>(1 + random() % 50);  // many ties
      EndHeap heap;
      std::vector<OpenSlice> slices;
      for (uint32_t i = 0; i < size; ++i) {
        slices.push_back({random() % ends, i, static_cast<uint32_t>(random() % 7)});
        heap.Push(slices.back());
      }
      CheckPops(heap, slices);
    });
  }
}

// As a timeline uses it: slices open while others end.
TEST(PushesBetweenPops) {
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    Within("seed " + std::to_string(seed), [&] {
      std::mt19937 random(seed);
      EndHeap heap;
      std::vector<OpenSlice> open;
      for (uint32_t i = 0; i < 2000; ++i) {
        if (random() % 2 == 0 || open.empty()) {
          open.push_back({random() % 1000, i, i});
          heap.Push(open.back());
          continue;
        }
        const auto first = std::min_element(open.begin(), open.end(), EndsFirst);
        CHECK_EQ(heap.Pop().opened, first->opened);
        open.erase(first);
      }
      CheckPops(heap, open);
    });
  }
}

// `opened` counts all slices of a trace, which may be more than it can hold.
TEST(OrderOutlastsTheCount) {
  EndHeap heap;
  std::vector<OpenSlice> slices;
  for (uint32_t i = 0; i < 64; ++i) {
    slices.push_back({i % 2, UINT32_MAX - 31 + i, i});
    heap.Push(slices.back());
  }
  CheckPops(heap, slices);
  for (const OpenSlice& slice : slices) heap.Push(slice);
  CHECK_EQ(heap.first().opened, 30u);
}

TEST(EndsMayBeAnyTime) {
  EndHeap heap;
  const std::vector<OpenSlice> slices = {
      {UINT64_MAX, 1, 0}, {0, 2, 0}, {uint64_t{1} << 63, 3, 0}, {(uint64_t{1} << 63) - 1, 4, 0}, {1, 5, 0}};
  for (const OpenSlice& slice : slices) heap.Push(slice);
  CheckPops(heap, slices);
}

}  // namespace
}  // namespace tracesmith::test
