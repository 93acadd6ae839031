#include "trim/slice_stacks.h"

#include <algorithm>

namespace tracesmith::trim {

void SliceStacks::Add(SliceEvent event) {
  if (event.track >= stacks_.size()) stacks_.resize(event.track + 1);
  if (late_.Has(event.track)) {
    waiting_.push_back(std::move(event));
    return;
  }
  int64_t& last = stacks_[event.track].last;
  if (event.time < last) {
    late_.Add(event.track);
  } else {
    last = event.time;
  }
  Feed(std::move(event));
}

void SliceStacks::Finish() {
  std::stable_sort(waiting_.begin(), waiting_.end(),
                   [](const SliceEvent& a, const SliceEvent& b) { return a.time < b.time; });
  for (SliceEvent& event : waiting_) Feed(std::move(event));
  waiting_.clear();
  for (Stack& stack : stacks_) {
    while (!stack.slices.empty()) CloseTop(&stack.slices);
  }
}

void SliceStacks::Feed(SliceEvent event) {
  std::vector<OpenSlice>& slices = stacks_[event.track].slices;
  // Complete slices that have ended.
  while (!slices.empty()) {
    const SliceEvent& top = slices.back().event;
    if (top.kind != EventKind::kComplete || top.end > event.time) break;
    CloseTop(&slices);
  }
  if (event.kind == EventKind::kEnd) return End(event, &slices);
  OpenSlice& slice = slices.emplace_back();
  slice.depth = static_cast<uint32_t>(slices.size() - 1);
  slice.event = std::move(event);
}

void SliceStacks::End(const SliceEvent& event, std::vector<OpenSlice>* slices) {
  // An end with a name ends the innermost slice of that name.
  for (size_t at = slices->size(); at-- > 0;) {
    OpenSlice& slice = (*slices)[at];
    if (slice.event.kind == EventKind::kComplete || (event.has_name && slice.event.name != event.name)) continue;
    const SliceEnd end{event.index, event.time};
    on_slice_(slice, &end, at == 0 ? nullptr : &(*slices)[at - 1]);
    slices->erase(slices->begin() + static_cast<ptrdiff_t>(at));
    return;
  }
}

void SliceStacks::CloseTop(std::vector<OpenSlice>* slices) {
  OpenSlice& slice = slices->back();
  OpenSlice* const parent = slices->size() == 1 ? nullptr : &(*slices)[slices->size() - 2];
  const SliceEnd end{slice.event.index, slice.event.end};
  on_slice_(slice, slice.event.kind == EventKind::kComplete ? &end : nullptr, parent);
  slices->pop_back();
}

}  // namespace tracesmith::trim
