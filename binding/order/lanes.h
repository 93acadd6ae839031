#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "batch/row.h"
#include "order/end_queue.h"
#include "order/lane_history.h"

namespace tracesmith {

// trace_processor stops nesting at a depth of 512.
constexpr size_t kMaxOpenSlices = 500;

// Begins and ends of one track can only be read as slices that nest. Lanes lays the slices of a track on lanes, such that
// the slices of one lane nest; it makes lanes as overlaps need them. Slices come in the order of their begins. A late one,
// in a stream, gets a lane only if the history of the lane proves that it nests there. lib/order/lanes.ts is the twin.
class Lanes {
 public:
  // A lane: its number among the lanes of its track, 0 for the track itself, and its number among all lanes.
  struct Place {
    uint32_t track;
    uint32_t number;
    uint32_t id;
  };
  struct Ended {
    Place place;
    uint64_t time;
    bool is_written;  // by EndsAhead
  };

  // With a history, slices may come late.
  explicit Lanes(bool keeps_history) : keeps_history_(keeps_history) {}

  // Makes the first lane of each track up to `tracks`.
  void AddTracks(size_t tracks);

  // Finds a lane for a slice of a whole trace: the first one that is free, or whose innermost open slice contains the slice.
  // A slice without end (kNoEnd) keeps its lane for good; if others follow on its track, it gets a lane of its own.
  Place Find(uint32_t track, uint64_t end, bool others_follow);

  // A slice of a stream. `end` is kNoEnd if it is not known yet. The open slices of the track whose end is not known last
  // until `known_until` at least.
  struct StreamSlice {
    uint64_t begin;
    uint64_t end;
    uint64_t known_until;
  };
  // Finds a lane for it.
  Place FindInStream(uint32_t track, const StreamSlice& slice) {
    const uint32_t first = first_lane_of_[track];
    return PlaceInStream(first, slice) ? Place{track, 0, first} : FindExtraInStream(track, slice);
  }

  // Announces the ends of the next slices, in the order in which these will be opened; SortEnds after the last one.
  void ExpectEnd(uint64_t end) { ends_.Add(end); }
  void SortEnds() { ends_.Sort(); }

  // Opens the next slice of those on the lane that was found for it.
  void Open(const Place& place, uint64_t end) {
    PushOpen(lanes_[place.id], end);
    ends_.Open({place.id, false});
  }

  // The same on the first lane of its track, if nothing is open there and nothing is later than the slice. Returns whether
  // the slice is open now.
  bool OpenIfFree(uint32_t track, uint64_t begin, uint64_t end) {
    const uint32_t id = first_lane_of_[track];
    Lane& lane = lanes_[id];
    LaneHistory& history = histories_[id];
    if (lane.open != 0 || history.last() > begin) return false;
    history.Append(begin, end);
    PushOpen(lane, end);
    ends_.Open({id, false});
    return true;
  }

  // Opens a slice whose end is not known yet. TellEnd tells the end, of several such slices on a lane that of the one opened
  // last; Close ends the slice.
  void OpenUnknown(const Place& place) { PushOpen(lanes_[place.id], kNoEnd); }
  // Opens a slice without length that Close ends. Opens a slice that never ends.
  void OpenHeld(const Place& place, uint64_t end) { PushOpen(lanes_[place.id], end); }
  void OpenForGood(const Place& place) { PushOpen(lanes_[place.id], kNeverEnds); }
  void TellEnd(uint32_t lane_id, uint64_t end);
  Place Close(uint32_t lane_id, uint64_t end) {
    PopOpen(lanes_[lane_id]);
    histories_[lane_id].NoteTime(end);
    return lanes_[lane_id].place;
  }

  bool HasEndUntil(uint64_t time) const { return ends_.HasUntil(time); }

  // Ends the slice whose end comes first.
  Ended PopEnd() {
    const OpenSlice& ended = ends_.first();
    const uint64_t time = ends_.first_end();
    ends_.Pop();
    Lane& lane = lanes_[ended.lane];
    PopOpen(lane);
    if (keeps_history_) histories_[ended.lane].NoteTime(time);
    return {lane.place, time, ended.is_end_written};
  }

  // Returns the ends of the open slices, in the order of time, to be written ahead of it. The slices stay open, and no end
  // is returned twice.
  std::vector<Ended> EndsAhead();

  uint64_t extra_lanes() const { return lanes_.size() - first_lane_of_.size(); }

 private:
  // The size is a power of two: to find a lane by its number is a shift.
  struct alignas(64) Lane {
    Place place;
    uint32_t open;           // slices
    uint64_t innermost_end;  // of the open slices; kNoEnd if it is not known yet
    std::vector<uint64_t> outer_ends;
    bool blocked;  // taken for good by a slice without end
  };

  static void PushOpen(Lane& lane, uint64_t end) {
    if (lane.open++ != 0) lane.outer_ends.push_back(lane.innermost_end);
    lane.innermost_end = end;
  }
  static void PopOpen(Lane& lane) {
    if (--lane.open == 0) return;
    lane.innermost_end = lane.outer_ends.back();
    lane.outer_ends.pop_back();
  }
  static bool Fits(const Lane& lane, uint64_t end);
  // A Begin whose end is not known ends before the open slices whose end is not known either.
  static bool FitsInStream(const Lane& lane, const StreamSlice& slice) {
    if (lane.open == 0) return true;
    if (lane.open >= kMaxOpenSlices) return false;
    if (lane.innermost_end == kNoEnd) return slice.end == kNoEnd || slice.end <= slice.known_until;
    return slice.end <= lane.innermost_end;
  }
  bool PlaceInStream(uint32_t id, const StreamSlice& slice) {
    const Lane& lane = lanes_[id];
    // By the number of the lane: to read it from the lane would wait for memory.
    LaneHistory& history = histories_[id];
    if (history.last() > slice.begin) return PlaceLate(lane, slice.begin, slice.end);
    if (!FitsInStream(lane, slice)) return false;
    if (lane.open == 0) {
      history.Append(slice.begin, slice.end);
    } else {
      history.NoteDepth(lane.open + 1);
      history.NoteTime(slice.begin);
    }
    return true;
  }
  bool PlaceLate(const Lane& lane, uint64_t begin, uint64_t end);
  Place FindExtraInStream(uint32_t track, const StreamSlice& slice);
  Lane& AddLane(uint32_t track);

  bool keeps_history_;
  std::vector<Lane> lanes_;
  std::vector<LaneHistory> histories_;  // by lane, if they are kept
  std::vector<uint32_t> first_lane_of_;  // by track
  std::vector<std::vector<uint32_t>> extra_lanes_of_;  // by track
  EndQueue ends_;
};

}  // namespace tracesmith
