#include "lanes.h"

#include "event_store.h"

namespace tracesmith {

const Lane& Lanes::Place(uint32_t track, uint64_t end, bool others_follow) {
  const bool has_end = end != kNoEnd;
  if (tracks_[track].empty()) AddLane(track);
  if (has_end || !others_follow) {
    for (const uint32_t id : tracks_[track]) {
      Lane& lane = lanes_[id];
      if (lane.blocked) continue;
      const bool contains = has_end && !lane.open_ends.empty() && lane.open_ends.back() >= end &&
                            lane.open_ends.size() < kMaxOpenSlices;
      if (!lane.open_ends.empty() && !contains) continue;
      lane.blocked = !has_end;
      return lane;
    }
  }
  Lane& lane = AddLane(track);
  ++extra_lanes_;
  lane.blocked = !has_end;
  return lane;
}

Lane& Lanes::AddLane(uint32_t track) {
  const auto id = static_cast<uint32_t>(lanes_.size());
  const auto number = static_cast<uint32_t>(tracks_[track].size());
  tracks_[track].push_back(id);
  lanes_.push_back({track, number, id, false, {}});
  return lanes_.back();
}

}  // namespace tracesmith
