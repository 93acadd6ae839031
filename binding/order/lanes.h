#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "order/end_queue.h"
#include "order/event_store.h"
#include "order/lane_history.h"

namespace tracesmith {

// trace_processor stops nesting at a depth of 512.
constexpr size_t kMaxOpenSlices = 500;

// Lays slices on lanes such that the slices of one lane nest; lanes are made as overlaps need them.
// Slices come in the order of their begins, but for late ones in a stream: those get a lane only where
// its history proves that they nest. lib/order/lanes.ts is the TypeScript twin.
class Lanes {
 public:
  // A lane's place: its number among the lanes of its track, 0 for the track itself, and its number
  // among all.
  struct Place {
    uint32_t track;
    uint32_t number;
    uint32_t id;
  };
  struct Ended {
    Place place;
    uint64_t time;
    uint32_t tag;
  };
  static constexpr uint32_t kNoTag = OpenSlice::kNoTag;
  static constexpr uint32_t kWritten = OpenSlice::kWritten;  // by TakeEndsAhead

  // With a history slices may come late.
  explicit Lanes(bool keeps_history) : keeps_history_(keeps_history) {}

  // Makes the first lane of each track up to `tracks`.
  void AddTracks(size_t tracks);

  // Takes a lane for a slice of a whole trace: the first that is free or whose innermost open slice
  // contains it. A slice without end (kNoEnd) keeps its lane for good, so where others follow it gets
  // one of its own.
  Place Find(uint32_t track, uint64_t end, bool others_follow);

  // A slice of a stream. An `end` that is not known yet is kNoEnd; `known_until` is what the open slices of
  // the track without a known end last at least. `has_tag`: see Open.
  struct StreamSlice {
    uint64_t begin;
    uint64_t end;
    uint64_t known_until;
    bool has_tag;
  };
  // Takes a lane for it.
  Place FindInStream(uint32_t track, const StreamSlice& slice) {
    const uint32_t first = first_lane_of_[track];
    return TakeInStream(first, slice) ? Place{track, 0, first} : FindExtraInStream(track, slice);
  }

  // What is opened in the next part, in that order: the end of each. SortEnds when all of them are told.
  void ExpectEnd(uint64_t end) { ends_.Add(end); }
  void SortEnds() { ends_.Sort(); }
  // The same of many: where the caller puts them, up to `most`, and then where it stopped.
  uint64_t* ExpectEnds(size_t most) { return ends_.Room(most); }
  void ExpectedUntil(const uint64_t* end) { ends_.AddedUntil(end); }

  // Opens the next of them on the lane that was found for it; `tag` comes back when it ends.
  void Open(const Place& place, uint64_t end, uint32_t tag = kNoTag) {
    PushOpen(lanes_[place.id], end);
    ends_.Open({place.id, tag});
  }

  // Opens the next of them on the first lane of its track, where nothing is open and nothing comes later than it.
  bool OpenIfFree(uint32_t track, uint64_t begin, uint64_t end) {
    const uint32_t id = first_lane_of_[track];
    Lane& lane = lanes_[id];
    LaneHistory& history = histories_[id];
    if (lane.open != 0 || history.last() > begin) return false;
    history.Append(begin, end);
    PushOpen(lane, end);
    ends_.Open({id, kNoTag});
    return true;
  }

  // The same for one whose end is not known yet. TellEnd is told of it when it is; of several on a lane
  // the one opened last ends first. CloseTold ends the slice.
  void OpenUnknown(const Place& place) { PushOpen(lanes_[place.id], kNoEnd); }
  // The same for one that never ends.
  void OpenForGood(const Place& place) { PushOpen(lanes_[place.id], kNeverEnds); }
  void TellEnd(const Place& place, uint64_t end);
  void CloseTold(const Place& place, uint64_t end) {
    PopOpen(lanes_[place.id]);
    histories_[place.id].NoteTime(end);
  }

  bool HasEndUntil(uint64_t time) const { return ends_.HasUntil(time); }

  // Ends the open slice that ends first; of several, the one opened last.
  Ended PopEnd() {
    const OpenSlice& ended = ends_.first();
    const uint64_t time = ends_.first_end();
    ends_.Pop();
    Lane& lane = lanes_[ended.lane];
    PopOpen(lane);
    if (keeps_history_) histories_[ended.lane].NoteTime(time);
    return {lane.place, time, ended.tag};
  }

  // The ends of the open slices, in their order, for who writes them before their time. The slices stay
  // open, and no end is given twice.
  std::vector<Ended> TakeEndsAhead();

  size_t size() const { return lanes_.size(); }
  uint64_t extra_lanes() const { return lanes_.size() - first_lane_of_.size(); }

 private:
  // Of a size by which to multiply is to shift, as what else is found by a number for each slice.
  struct alignas(64) Lane {
    Place place;
    uint32_t open;           // slices
    uint64_t innermost_end;  // where any is open; kNoEnd where it is not known yet
    std::vector<uint64_t> outer_ends;
    bool blocked;    // taken for good by a slice without end
    bool has_ahead;  // an end of an open slice was written ahead
  };

  static void PushOpen(Lane& lane, uint64_t end) {
    if (lane.open++ != 0) lane.outer_ends.push_back(lane.innermost_end);
    lane.innermost_end = end;
  }
  static void PopOpen(Lane& lane) {
    if (--lane.open == 0) {
      lane.has_ahead = false;
      return;
    }
    lane.innermost_end = lane.outer_ends.back();
    lane.outer_ends.pop_back();
  }
  static bool Fits(const Lane& lane, uint64_t end);
  // A Begin whose end is not known ends before those that were open at its begin and have none either. At
  // one time a reader gives the first end to the innermost slice, so a slice that was opened after the end
  // of the one around it was written must not end with it, where it matters which end it gets.
  static bool FitsInStream(const Lane& lane, const StreamSlice& slice) {
    if (lane.open == 0) return true;
    if (lane.open >= kMaxOpenSlices) return false;
    if (lane.innermost_end == kNoEnd) return slice.end == kNoEnd || slice.end <= slice.known_until;
    if (slice.end == lane.innermost_end) return !(slice.has_tag && lane.has_ahead);
    return slice.end < lane.innermost_end;
  }
  bool TakeInStream(uint32_t id, const StreamSlice& slice) {
    const Lane& lane = lanes_[id];
    // Found by the number and not by what the lane says, for which it would have to wait.
    LaneHistory& history = histories_[id];
    if (history.last() > slice.begin) return TakeLate(lane, slice.begin, slice.end);
    if (!FitsInStream(lane, slice)) return false;
    if (lane.open == 0) {
      history.Append(slice.begin, slice.end);
    } else {
      history.NoteDepth(lane.open + 1);
      history.NoteTime(slice.begin);
    }
    return true;
  }
  bool TakeLate(const Lane& lane, uint64_t begin, uint64_t end);
  Place FindExtraInStream(uint32_t track, const StreamSlice& slice);
  Place Take(Lane& lane, uint64_t end);
  Lane& AddLane(uint32_t track);
  // Of a slice whose end brings something: nothing that is opened in it may end with it.
  static void NestStrictly(Lane& lane, uint64_t end);

  bool keeps_history_;
  std::vector<Lane> lanes_;
  std::vector<LaneHistory> histories_;  // by lane, where they are kept
  std::vector<uint32_t> first_lane_of_;  // by track
  std::vector<std::vector<uint32_t>> extra_lanes_of_;  // by track
  EndQueue ends_;
};

}  // namespace tracesmith
