#include "order/lanes.h"

#include "check.h"
#include "order/event_table.h"

namespace tracesmith::test {
namespace {

struct WholeTraceLanes : Lanes {
  explicit WholeTraceLanes(size_t tracks) : Lanes(false) { AddTracks(tracks); }
};

// Opens a slice that is a part of a trace alone.
void Open(Lanes& lanes, const Lanes::Place& place, uint64_t end) {
  lanes.ExpectEnd(end);
  lanes.SortEnds();
  lanes.Open(place, end);
}

// Lays a slice as a timeline does; gives the number of its lane.
uint32_t Lay(Lanes& lanes, uint64_t begin, uint64_t end, uint32_t track = 0) {
  while (lanes.HasEndUntil(begin)) lanes.PopEnd();
  const Lanes::Place lane = lanes.Find(track, end, false);
  CHECK_EQ(lane.track, track);
  if (end != begin && end != kNoEnd) Open(lanes, lane, end);
  return lane.number;
}

uint32_t LayUnclosed(Lanes& lanes, uint64_t begin, bool others_follow) {
  while (lanes.HasEndUntil(begin)) lanes.PopEnd();
  return lanes.Find(0, kNoEnd, others_follow).number;
}

TEST(SlicesThatNestShareALane) {
  WholeTraceLanes lanes(1);
  CHECK_EQ(Lay(lanes, 0, 100), 0u);
  CHECK_EQ(Lay(lanes, 0, 100), 0u);   // the same span
  CHECK_EQ(Lay(lanes, 10, 100), 0u);  // the same end
  CHECK_EQ(Lay(lanes, 10, 50), 0u);
  CHECK_EQ(Lay(lanes, 50, 50), 0u);   // no length, right behind its brother
  CHECK_EQ(Lay(lanes, 50, 60), 0u);
  CHECK_EQ(Lay(lanes, 100, 200), 0u);
  CHECK_EQ(lanes.extra_lanes(), 0u);
}

TEST(SlicesThatOverlapGetLanes) {
  WholeTraceLanes lanes(1);
  CHECK_EQ(Lay(lanes, 0, 100), 0u);
  CHECK_EQ(Lay(lanes, 50, 101), 1u);
  CHECK_EQ(Lay(lanes, 60, 102), 2u);
  CHECK_EQ(Lay(lanes, 61, 99), 0u);   // the first lane that contains it
  CHECK_EQ(Lay(lanes, 62, 102), 2u);
  CHECK_EQ(Lay(lanes, 101, 150), 0u);  // lanes are used again
  CHECK_EQ(Lay(lanes, 101, 160), 1u);
  CHECK_EQ(lanes.extra_lanes(), 2u);
}

TEST(TracksHaveLanesOfTheirOwn) {
  WholeTraceLanes lanes(3);
  CHECK_EQ(Lay(lanes, 0, 10, 2), 0u);
  CHECK_EQ(Lay(lanes, 1, 20, 0), 0u);
  CHECK_EQ(Lay(lanes, 5, 20, 2), 1u);
  CHECK_EQ(lanes.extra_lanes(), 1u);
}

// trace_processor drops what nests deeper than 512.
TEST(The501stOpenSliceGoesToALane) {
  WholeTraceLanes lanes(1);
  for (uint64_t i = 0; i < kMaxOpenSlices; ++i) CHECK_EQ(Lay(lanes, i, 10'000 - i), 0u);
  for (uint64_t i = kMaxOpenSlices; i < 2 * kMaxOpenSlices; ++i) CHECK_EQ(Lay(lanes, i, 10'000 - i), 1u);
  CHECK_EQ(Lay(lanes, 1500, 1600), 2u);
  CHECK_EQ(lanes.extra_lanes(), 2u);
  // A slice that ends makes room: the innermost of lane 0 ends at 10,000 - 499.
  CHECK_EQ(Lay(lanes, 9501, 9501), 0u);
}

TEST(LanesAreKeptApartByTheirIds) {
  WholeTraceLanes lanes(2);
  const Lanes::Place first = lanes.Find(1, 10, false);
  Open(lanes, first, 10);
  const Lanes::Place second = lanes.Find(0, 10, false);
  Open(lanes, second, 10);
  CHECK(first.id != second.id);
  CHECK_EQ(first.number, 0u);
  CHECK_EQ(second.number, 0u);
}

TEST(EndsComeInOrderTheLatestOpenedFirst) {
  WholeTraceLanes lanes(2);
  const auto open = [&](uint32_t track, uint64_t end) { Open(lanes, lanes.Find(track, end, false), end); };
  open(0, 100);
  open(1, 50);
  open(0, 50);
  open(0, 20);
  CHECK(!lanes.HasEndUntil(19));
  CHECK(lanes.HasEndUntil(20));
  const struct {
    uint32_t track;
    uint64_t time;
  } kExpected[] = {{0, 20}, {0, 50}, {1, 50}, {0, 100}};
  for (const auto& expected : kExpected) {
    const Lanes::Ended ended = lanes.PopEnd();
    CHECK_EQ(ended.place.track, expected.track);
    CHECK_EQ(ended.time, expected.time);
  }
  CHECK(!lanes.HasEndUntil(EndQueue::kNever - 1));
}

// A slice without end contains all that follows on its lane, so it may share one with nothing.
TEST(AnUnclosedSliceKeepsItsLaneToItself) {
  WholeTraceLanes lanes(1);
  CHECK_EQ(LayUnclosed(lanes, 0, true), 1u);
  CHECK_EQ(Lay(lanes, 5, 10), 0u);
  CHECK_EQ(LayUnclosed(lanes, 6, true), 2u);
  CHECK_EQ(Lay(lanes, 7, 20), 3u);  // overlaps 5 to 10; lanes 1 and 2 are taken for good
  CHECK_EQ(Lay(lanes, 30, 40), 0u);
  CHECK_EQ(lanes.extra_lanes(), 3u);
}

TEST(TheLastSliceOfATrackMayStayOpenOnIt) {
  WholeTraceLanes lanes(1);
  CHECK_EQ(Lay(lanes, 0, 10), 0u);
  CHECK_EQ(LayUnclosed(lanes, 10, false), 0u);
  // Only where nothing is open: it would end what it lies in, for a reader.
  WholeTraceLanes busy(1);
  CHECK_EQ(Lay(busy, 0, 10), 0u);
  CHECK_EQ(LayUnclosed(busy, 5, false), 1u);
}

}  // namespace
}  // namespace tracesmith::test
