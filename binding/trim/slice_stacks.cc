#include "trim/slice_stacks.h"

#include <algorithm>

#include "trim/trace_clocks.h"

namespace tracesmith::trim {

void SliceStacks::Add(const LoggedEvent& event, uint64_t index, bool is_accepted) {
  if (event.track >= stacks_.size()) stacks_.resize(event.track + 1);
  if (late_.Has(event.track)) {
    waiting_.push_back({event, index, is_accepted});
    return;
  }
  int64_t& last = stacks_[event.track].last;
  if (event.time < last) {
    late_.Add(event.track);
  } else {
    last = event.time;
  }
  Feed(event, index, is_accepted);
}

void SliceStacks::Finish() {
  std::stable_sort(waiting_.begin(), waiting_.end(),
                   [](const Waiting& a, const Waiting& b) { return a.event.time < b.event.time; });
  for (const Waiting& waiting : waiting_) Feed(waiting.event, waiting.index, waiting.is_accepted);
  waiting_ = {};
  for (Stack& stack : stacks_) {
    while (!stack.slices.empty()) CloseTop(&stack.slices);
  }
}

void SliceStacks::Feed(const LoggedEvent& event, uint64_t index, bool is_accepted) {
  std::vector<OpenSlice>& slices = stacks_[event.track].slices;
  // Complete slices that have ended.
  while (!slices.empty() && slices.back().is_complete && slices.back().end <= event.time) CloseTop(&slices);
  if (event.kind == EventKind::kEnd) return End(event, index, &slices);
  OpenSlice& slice = slices.emplace_back();
  slice.is_complete = event.kind == EventKind::kComplete;
  slice.is_accepted = is_accepted;
  slice.track = event.track;
  slice.name = event.name;
  slice.depth = static_cast<uint32_t>(slices.size() - 1);
  slice.index = index;
  slice.begin = event.time;
  slice.end = tracesmith::trim::Add(event.time, event.duration);
  if (!event.flows.empty()) slice.flows = FlowIds(event.flows);
}

void SliceStacks::End(const LoggedEvent& event, uint64_t index, std::vector<OpenSlice>* slices) {
  // An end with a name ends the innermost slice of that name.
  for (size_t at = slices->size(); at-- > 0;) {
    OpenSlice& slice = (*slices)[at];
    if (slice.is_complete || (event.has_name && slice.name != event.name)) continue;
    const SliceEnd end{index, event.time};
    on_slice_(slice, &end, at == 0 ? nullptr : &(*slices)[at - 1]);
    slices->erase(slices->begin() + static_cast<ptrdiff_t>(at));
    return;
  }
  if (on_end_) on_end_(event, index);
}

void SliceStacks::CloseTop(std::vector<OpenSlice>* slices) {
  OpenSlice& slice = slices->back();
  OpenSlice* const parent = slices->size() == 1 ? nullptr : &(*slices)[slices->size() - 2];
  const SliceEnd end{slice.index, slice.end};
  on_slice_(slice, slice.is_complete ? &end : nullptr, parent);
  slices->pop_back();
}

}  // namespace tracesmith::trim
