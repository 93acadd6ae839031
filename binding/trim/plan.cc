#include "trim/plan.h"

#include <algorithm>

#include "trim/trace_clocks.h"

namespace tracesmith::trim {
bool Criteria::AcceptsTexts(const LoggedEvent& event, const EventLog& log) const {
  if (!texts.AcceptsName(event.name)) return false;
  if (texts.categories.empty()) return true;
  uint8_t found = 0;
  log.ForEachCategory(event.categories, [&](uint32_t category) { found |= texts.categories[category]; });
  return texts.AcceptsCategories(found);
}

FlowsInside::FlowsInside(const Windows& windows, LateTracks& late)
    : windows_(windows), stacks_(late, [this](OpenSlice& slice, const SliceEnd* end, OpenSlice*) {
        if (slice.flows.empty()) return;
        const bool is_inside =
            end == nullptr ? windows_.TouchesEndless(slice.begin) : windows_.Touches(slice.begin, end->time);
        if (is_inside) Note(slice.flows, slice.begin);
      }) {}

void FlowsInside::Add(const LoggedEvent& event, uint64_t index) {
  if (!event.has_time) return;
  if (IsOfSlice(event.kind)) {
    stacks_.Add(event, index, true);
  } else if (event.kind == EventKind::kInstant && windows_.Has(event.time)) {
    Note(FlowIds(event.flows), event.time);
  }
}

bool FlowsInside::Reach(const FlowIds& flows, int64_t begin, bool also_out) const {
  return std::any_of(flows.begin(), flows.end(), [&](uint64_t id) {
    const int64_t* const time = times_.Find(id);
    return time != nullptr && (also_out || begin < *time);
  });
}

void FlowsInside::Note(const FlowIds& flows, int64_t time) {
  for (const uint64_t id : flows) {
    const int64_t* const known = times_.Find(id);
    if (known == nullptr || time > *known) times_[id] = time;
  }
}

Plan::Plan(const Criteria& criteria, const Windows* windows, const Shared<FlowsInside>* flows, bool follows_flows,
           const EventLog& log, LateTracks& late)
    : criteria_(criteria),
      windows_(windows),
      flows_(flows),
      follows_flows_(follows_flows),
      log_(log),
      bits_(log.size(), kDrop),
      stacks_(late, [this](OpenSlice& slice, const SliceEnd* end, OpenSlice* parent) { DecideSlice(slice, end, parent); },
          [this](const LoggedEvent& end, uint64_t index) { DecideEnd(end, index); }) {}

void Plan::Add(const LoggedEvent& event, uint64_t index) {
  if (event.is_plain) bits_[index] = kIsPlain;
  // What has no time, or none that is known, is left to the reader of the trace.
  if (!event.has_time) {
    bits_[index] |= kKeep;
    return;
  }
  if (IsOfSlice(event.kind)) {
    stacks_.Add(event, index, event.kind == EventKind::kEnd || criteria_.AcceptsTexts(event, log_));
    return;
  }
  const bool is_inside = windows_ == nullptr || windows_->Has(event.time);
  bool stays = criteria_.AcceptsTrack(event.track);
  if (event.kind == EventKind::kCounter) {
    stays = stays && is_inside;
    ++(stays ? counts_.counters : counts_.dropped_counters);
  } else {
    stays = stays && (is_inside || IsReached(FlowIds(event.flows), event.time)) && criteria_.AcceptsTexts(event, log_);
    if (event.kind == EventKind::kInstant) ++(stays ? counts_.instants : counts_.dropped_instants);
  }
  if (stays) bits_[index] |= kKeep;
}

const int64_t* Plan::BeginEdge(uint64_t index) const {
  const auto found = begin_edges_.find(index);
  return found == begin_edges_.end() ? nullptr : &found->second;
}

const int64_t* Plan::EndEdge(uint64_t index) const {
  const auto found = end_edges_.find(index);
  return found == end_edges_.end() ? nullptr : &found->second;
}

void Plan::DecideSlice(OpenSlice& slice, const SliceEnd* end, OpenSlice* parent) {
  const int64_t begin = slice.begin;
  bool is_inside = true;
  bool is_whole = false;
  if (windows_ != nullptr) {
    is_inside = end == nullptr ? windows_->TouchesEndless(begin) : windows_->Touches(begin, end->time);
    // Without a part in the windows it stays whole: because of its arrows, or because it lies around what stays for them.
    is_whole = IsReached(slice.flows, begin) || (!is_inside && slice.needs.is_set);
    if (is_whole) slice.needs.Include(begin, end == nullptr ? begin : end->time);
    if (slice.needs.is_set && parent != nullptr) parent->needs.Include(slice.needs.from, slice.needs.to);
  }
  const bool is_long = end == nullptr || Subtract(end->time, begin) >= criteria_.min_duration;
  const bool is_accepted = slice.is_accepted && is_long && slice.depth < criteria_.max_depth;
  if (!is_accepted || !(is_inside || is_whole) || !criteria_.AcceptsTrack(slice.track)) {
    ++counts_.dropped_slices;
    return;
  }
  const uint8_t decision = windows_ == nullptr || is_whole ? static_cast<uint8_t>(kKeep) : Cut(slice, end);
  ++counts_.slices;
  if (decision != kKeep) ++counts_.cut;
  bits_[slice.index] |= decision;
  if (end != nullptr) bits_[end->index] |= decision;
}

// An end of nothing ends nothing in what is left either, but may have values of counters.
void Plan::DecideEnd(const LoggedEvent& end, uint64_t index) {
  const bool is_inside = windows_ == nullptr || windows_->Has(end.time);
  if (is_inside && criteria_.AcceptsTrack(end.track)) bits_[index] |= kKeep;
}

uint8_t Plan::Cut(const OpenSlice& slice, const SliceEnd* end) {
  const Needs& needs = slice.needs;
  uint8_t decision = kKeep;
  int64_t from = windows_->CutBegin(slice.begin);
  if (needs.is_set && needs.from < from) begin_edges_[slice.index] = from = needs.from;
  if (from != slice.begin) decision |= kCutBegin;
  if (end == nullptr) return decision;
  int64_t to = windows_->CutEnd(end->time);
  if (needs.is_set && needs.to > to) end_edges_[end->index] = to = needs.to;
  return to == end->time ? decision : static_cast<uint8_t>(decision | kCutEnd);
}

bool Plan::IsReached(const FlowIds& flows, int64_t time) const {
  if (flows.empty() || flows_ == nullptr) return false;
  return std::any_of(flows_->begin(), flows_->end(), [&](const std::unique_ptr<FlowsInside>& inside) {
    return inside->Reach(flows, time, follows_flows_);
  });
}

Decisions::Decisions(Shared<Plan> plans, const Windows* windows) : plans_(std::move(plans)), windows_(windows) {
  for (const std::unique_ptr<Plan>& plan : plans_) {
    const std::vector<uint8_t> bits = plan->TakeBits();
    bits_.resize(bits.size());
    for (size_t i = 0; i < bits.size(); ++i) bits_[i] |= bits[i];
  }
}

int64_t Decisions::BeginEdge(uint64_t index, int64_t begin) const {
  for (const std::unique_ptr<Plan>& plan : plans_) {
    const int64_t* const edge = plan->BeginEdge(index);
    if (edge != nullptr) return *edge;
  }
  return windows_->CutBegin(begin);
}

int64_t Decisions::EndEdge(uint64_t index, int64_t end) const {
  for (const std::unique_ptr<Plan>& plan : plans_) {
    const int64_t* const edge = plan->EndEdge(index);
    if (edge != nullptr) return *edge;
  }
  return windows_->CutEnd(end);
}

PlanCounts Decisions::counts() const {
  PlanCounts sum;
  for (const std::unique_ptr<Plan>& plan : plans_) sum.Add(plan->counts());
  return sum;
}

void PlanCounts::Add(const PlanCounts& other) {
  slices += other.slices;
  instants += other.instants;
  counters += other.counters;
  cut += other.cut;
  dropped_slices += other.dropped_slices;
  dropped_instants += other.dropped_instants;
  dropped_counters += other.dropped_counters;
}

}  // namespace tracesmith::trim
