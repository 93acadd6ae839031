#include "trim/plan.h"

#include <algorithm>

namespace tracesmith::trim {
namespace {

bool IsOfSlice(EventKind kind) {
  return kind == EventKind::kBegin || kind == EventKind::kEnd || kind == EventKind::kComplete;
}

std::vector<uint64_t> FlowsOf(const WalkedPacket& packet) {
  std::vector<uint64_t> ids;
  const Range range = packet.event->flows;
  for (uint32_t i = range.begin; i != range.end; ++i) ids.push_back(packet.block->flows[i].id);
  return ids;
}

SliceEvent SliceEventOf(const WalkedPacket& packet, uint64_t index, bool is_accepted) {
  return {packet.event->kind, packet.has_name, is_accepted, packet.track, packet.name, index, packet.time,
          Add(packet.time, packet.duration), FlowsOf(packet)};
}

}  // namespace

bool Criteria::AcceptsTexts(const WalkedPacket& packet) const {
  // A file that has grown may have more texts than were asked about.
  if (!names.empty() && (packet.name >= names.size() || names[packet.name] == 0)) return false;
  if (categories.empty()) return true;
  uint8_t found = 0;
  for (const uint32_t category : *packet.categories) {
    if (category < categories.size()) found |= categories[category];
  }
  return (found & kExcluded) == 0 && (!needs_category || (found & kIncluded) != 0);
}

FlowsInside::FlowsInside(const Windows& windows, LateTracks& late)
    : windows_(windows), stacks_(late, [this](OpenSlice& slice, const SliceEnd* end, OpenSlice*) {
        const SliceEvent& event = slice.event;
        if (event.flows.empty()) return;
        const bool is_inside = end == nullptr ? windows_.TouchesEndless(event.time) : windows_.Touches(event.time, end->time);
        if (is_inside) Note(event.flows, event.time);
      }) {}

void FlowsInside::Add(const WalkedPacket& packet) {
  if (packet.event == nullptr || !packet.has_time) return;
  if (IsOfSlice(packet.event->kind)) {
    stacks_.Add(SliceEventOf(packet, 0, true));
  } else if (packet.event->kind == EventKind::kInstant && windows_.Has(packet.time)) {
    Note(FlowsOf(packet), packet.time);
  }
}

bool FlowsInside::Reach(const std::vector<uint64_t>& flows, int64_t begin, bool also_out) const {
  return std::any_of(flows.begin(), flows.end(), [&](uint64_t id) {
    const int64_t* const time = times_.Find(id);
    return time != nullptr && (also_out || begin < *time);
  });
}

void FlowsInside::Note(const std::vector<uint64_t>& flows, int64_t time) {
  for (const uint64_t id : flows) {
    const int64_t* const known = times_.Find(id);
    if (known == nullptr || time > *known) times_[id] = time;
  }
}

Plan::Plan(const Criteria& criteria, const Windows* windows, const FlowsInside* flows, bool follows_flows,
           uint64_t events, LateTracks& late)
    : criteria_(criteria),
      windows_(windows),
      flows_(flows),
      follows_flows_(follows_flows),
      decisions_(events, kDrop),
      stacks_(late, [this](OpenSlice& slice, const SliceEnd* end, OpenSlice* parent) { DecideSlice(slice, end, parent); }) {}

void Plan::Add(const WalkedPacket& packet) {
  if (packet.event == nullptr) return;
  const uint64_t index = events_++;
  // The file may have grown.
  if (index >= decisions_.size()) decisions_.resize(index + 1, kDrop);
  // What has no time, or none that is known, is left to the reader of the trace.
  if (!packet.has_time) {
    decisions_[index] = kKeep;
    return;
  }
  const EventKind kind = packet.event->kind;
  if (IsOfSlice(kind)) {
    stacks_.Add(SliceEventOf(packet, index, kind == EventKind::kEnd || criteria_.AcceptsTexts(packet)));
    return;
  }
  const bool is_inside = windows_ == nullptr || windows_->Has(packet.time);
  bool stays = criteria_.AcceptsTrack(packet.track);
  if (kind == EventKind::kCounter) {
    stays = stays && is_inside;
    ++(stays ? counts_.counters : counts_.dropped_counters);
  } else {
    stays = stays && (is_inside || IsReached(FlowsOf(packet), packet.time)) && criteria_.AcceptsTexts(packet);
    if (kind == EventKind::kInstant) ++(stays ? counts_.instants : counts_.dropped_instants);
  }
  if (stays) decisions_[index] = kKeep;
}

int64_t Plan::BeginEdge(uint64_t index, int64_t begin) const {
  const auto found = begin_edges_.find(index);
  return found != begin_edges_.end() ? found->second : windows_->CutBegin(begin);
}

int64_t Plan::EndEdge(uint64_t index, int64_t end) const {
  const auto found = end_edges_.find(index);
  return found != end_edges_.end() ? found->second : windows_->CutEnd(end);
}

void Plan::DecideSlice(OpenSlice& slice, const SliceEnd* end, OpenSlice* parent) {
  const SliceEvent& event = slice.event;
  const int64_t begin = event.time;
  bool is_inside = true;
  bool is_whole = false;
  if (windows_ != nullptr) {
    is_inside = end == nullptr ? windows_->TouchesEndless(begin) : windows_->Touches(begin, end->time);
    // Without a part in the windows it stays whole: because of its arrows, or because it lies around what stays for them.
    is_whole = IsReached(event.flows, begin) || (!is_inside && slice.needs.is_set);
    if (is_whole) slice.needs.Include(begin, end == nullptr ? begin : end->time);
    if (slice.needs.is_set && parent != nullptr) parent->needs.Include(slice.needs.from, slice.needs.to);
  }
  const bool is_long = end == nullptr || Subtract(end->time, begin) >= criteria_.min_duration;
  const bool is_accepted = event.is_accepted && is_long && slice.depth < criteria_.max_depth;
  if (!is_accepted || !(is_inside || is_whole) || !criteria_.AcceptsTrack(event.track)) {
    ++counts_.dropped_slices;
    return;
  }
  const uint8_t decision = windows_ == nullptr || is_whole ? static_cast<uint8_t>(kKeep) : Cut(slice, end);
  ++counts_.slices;
  if (decision != kKeep) ++counts_.cut;
  decisions_[event.index] = decision;
  if (end != nullptr) decisions_[end->index] = decision;
}

uint8_t Plan::Cut(const OpenSlice& slice, const SliceEnd* end) {
  const auto& [is_set, needed_from, needed_to] = slice.needs;
  const SliceEvent& event = slice.event;
  uint8_t decision = kKeep;
  int64_t from = windows_->CutBegin(event.time);
  if (is_set && needed_from < from) begin_edges_[event.index] = from = needed_from;
  if (from != event.time) decision |= kCutBegin;
  if (end == nullptr) return decision;
  int64_t to = windows_->CutEnd(end->time);
  if (is_set && needed_to > to) end_edges_[end->index] = to = needed_to;
  return to == end->time ? decision : static_cast<uint8_t>(decision | kCutEnd);
}

bool Plan::IsReached(const std::vector<uint64_t>& flows, int64_t time) const {
  return !flows.empty() && flows_ != nullptr && flows_->Reach(flows, time, follows_flows_);
}

}  // namespace tracesmith::trim
