#include "order/lanes.h"

namespace tracesmith {

void Lanes::AddTracks(size_t tracks) {
  if (first_lane_of_.size() >= tracks) return;
  extra_lanes_of_.resize(tracks);
  while (first_lane_of_.size() < tracks) {
    const auto track = static_cast<uint32_t>(first_lane_of_.size());
    first_lane_of_.push_back(AddLane(track).place.id);
  }
}

Lanes::Lane& Lanes::AddLane(uint32_t track) {
  const auto id = static_cast<uint32_t>(lanes_.size());
  lanes_.push_back({{track, static_cast<uint32_t>(extra_lanes_of_[track].size()), id}, 0, 0, {}, false});
  if (keeps_history_) histories_.emplace_back();
  return lanes_.back();
}

bool Lanes::Fits(const Lane& lane, uint64_t end) {
  if (lane.blocked) return false;
  return lane.open == 0 || (end != kNoEnd && lane.innermost_end >= end && lane.open < kMaxOpenSlices);
}

Lanes::Place Lanes::Find(uint32_t track, uint64_t end, bool others_follow) {
  std::vector<uint32_t>& extra_lanes = extra_lanes_of_[track];
  const auto block_if_endless = [&](Lane& lane) {
    lane.blocked = end == kNoEnd;
    return lane.place;
  };
  if (end != kNoEnd || !others_follow) {
    Lane& first = lanes_[first_lane_of_[track]];
    if (Fits(first, end)) return block_if_endless(first);
    for (const uint32_t id : extra_lanes) {
      if (Fits(lanes_[id], end)) return block_if_endless(lanes_[id]);
    }
  }
  extra_lanes.push_back(static_cast<uint32_t>(lanes_.size()));
  return block_if_endless(AddLane(track));
}

bool Lanes::PlaceLate(const Lane& lane, uint64_t begin, uint64_t end) {
  if (end == kNoEnd) return false;
  LaneHistory& history = histories_[lane.place.id];
  return history.AddInGap(begin, end) ||
         (lane.open == 0 && history.depth() < kMaxOpenSlices && history.AddAround(begin, end));
}

Lanes::Place Lanes::FindExtraInStream(uint32_t track, const StreamSlice& slice) {
  for (const uint32_t id : extra_lanes_of_[track]) {
    if (PlaceInStream(id, slice)) return lanes_[id].place;
  }
  extra_lanes_of_[track].push_back(static_cast<uint32_t>(lanes_.size()));
  const Place place = AddLane(track).place;
  PlaceInStream(place.id, slice);
  return place;
}

void Lanes::TellEnd(uint32_t lane_id, uint64_t end) {
  Lane& lane = lanes_[lane_id];
  uint64_t* innermost_unknown = &lane.innermost_end;
  for (size_t outer = lane.outer_ends.size(); *innermost_unknown != kNoEnd && outer > 0; --outer) {
    innermost_unknown = &lane.outer_ends[outer - 1];
  }
  const bool is_outermost = innermost_unknown == (lane.outer_ends.empty() ? &lane.innermost_end : &lane.outer_ends.front());
  if (is_outermost) histories_[lane_id].SetOpenEnd(end);
  *innermost_unknown = end;
}

std::vector<Lanes::Ended> Lanes::EndsAhead() {
  std::vector<Ended> ends;
  ends_.ForEach([&](uint64_t end, OpenSlice& slice) {
    if (!slice.is_end_written) ends.push_back({lanes_[slice.lane].place, end, true});
    slice.is_end_written = true;
  });
  return ends;
}

}  // namespace tracesmith
