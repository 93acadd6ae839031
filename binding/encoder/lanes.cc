#include "lanes.h"

#include "event_store.h"

namespace tracesmith {

Lanes::Lanes(size_t tracks) : extra_lanes_of_(tracks) {
  lanes_.reserve(tracks);
  for (uint32_t track = 0; track < tracks; ++track) lanes_.push_back({{track, 0, track}, 0, 0, {}, false});
}

bool Lanes::Fits(const Lane& lane, uint64_t end) {
  if (lane.blocked) return false;
  return lane.open == 0 || (end != kNoEnd && lane.innermost_end >= end && lane.open < kMaxOpenSlices);
}

Lanes::Place Lanes::Take(Lane& lane, uint64_t end) {
  lane.blocked = end == kNoEnd;
  return lane.place;
}

Lanes::Place Lanes::Find(uint32_t track, uint64_t end, bool others_follow) {
  std::vector<uint32_t>& extra_lanes = extra_lanes_of_[track];
  if (end != kNoEnd || !others_follow) {
    if (Fits(lanes_[track], end)) return Take(lanes_[track], end);
    for (const uint32_t id : extra_lanes) {
      if (Fits(lanes_[id], end)) return Take(lanes_[id], end);
    }
  }
  const auto id = static_cast<uint32_t>(lanes_.size());
  extra_lanes.push_back(id);
  lanes_.push_back({{track, static_cast<uint32_t>(extra_lanes.size()), id}, 0, 0, {}, false});
  return Take(lanes_.back(), end);
}

}  // namespace tracesmith
