#include "lanes.h"

#include <algorithm>

#include "event_store.h"

namespace tracesmith {

uint32_t Lanes::Place(uint32_t track, uint64_t end, bool others_follow) {
  std::vector<Lane>& lanes = tracks_[track];
  const bool has_end = end != kNoEnd;
  const auto fits = [&](const Lane& lane) {
    if (lane.blocked) return false;
    if (lane.open_ends.empty()) return true;
    return has_end && lane.open_ends.back() >= end && lane.open_ends.size() < kMaxOpenSlices;
  };
  // Lane 0 counts as there even where nothing was laid on it yet.
  if (lanes.empty()) lanes.emplace_back();
  size_t index = lanes.size();
  if (has_end || !others_follow) {
    index = static_cast<size_t>(std::find_if(lanes.begin(), lanes.end(), fits) - lanes.begin());
  }
  if (index == lanes.size()) {
    lanes.emplace_back();
    ++extra_lanes_;
  }
  if (!has_end) lanes[index].blocked = true;
  return static_cast<uint32_t>(index);
}

void Lanes::Open(const OpenSlice& slice) {
  tracks_[slice.track][slice.lane].open_ends.push_back(slice.end);
  heap_.push_back({slice, opened_++});
  std::push_heap(heap_.begin(), heap_.end(), EndsLater);
}

OpenSlice Lanes::PopEnd() {
  std::pop_heap(heap_.begin(), heap_.end(), EndsLater);
  const OpenSlice ended = heap_.back().slice;
  heap_.pop_back();
  tracks_[ended.track][ended.lane].open_ends.pop_back();
  return ended;
}

bool Lanes::EndsLater(const HeapEntry& a, const HeapEntry& b) {
  if (a.slice.end != b.slice.end) return a.slice.end > b.slice.end;
  return a.opened < b.opened;
}

}  // namespace tracesmith
