#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "trim/packet_facts.h"

namespace tracesmith::trim {

// The beginning or end of a slice, or both.
struct SliceEvent {
  EventKind kind = EventKind::kOther;
  bool has_name = false;
  // Whether the filters of texts accept its beginning.
  bool is_accepted = true;
  uint32_t track = 0;
  uint32_t name = 0;
  uint64_t index = 0;  // among all events
  int64_t time = 0;
  int64_t end = 0;  // of a complete one
  std::vector<uint64_t> flows;
};

// A time range that must lie in a slice, since slices in it stay wherever they lie.
struct Needs {
  bool is_set = false;
  int64_t from = 0;
  int64_t to = 0;

  void Include(int64_t begin, int64_t end) {
    from = is_set && from < begin ? from : begin;
    to = is_set && to > end ? to : end;
    is_set = true;
  }
};

// A slice whose end has not come, and later the whole of it.
struct OpenSlice {
  SliceEvent event;
  uint32_t depth = 0;
  Needs needs;
};

// Where a slice ends: the number of the event and the time.
struct SliceEnd {
  uint64_t index;
  int64_t time;
};

// Which tracks have slices that the file has not in the order of time. They are known behind the first pass that meets
// them, which must be done again then.
class LateTracks {
 public:
  bool Has(uint32_t track) const { return track < is_late_.size() && is_late_[track]; }
  void Add(uint32_t track) {
    if (track >= is_late_.size()) is_late_.resize(track + 1);
    if (!is_late_[track]) ++count_;
    is_late_[track] = true;
  }
  size_t count() const { return count_; }

 private:
  std::vector<bool> is_late_;
  size_t count_ = 0;
};

// Puts the beginnings and ends of each track together, in the order of time, as readers of the trace do. The twin of
// SliceStacks in lib/trim.
class SliceStacks {
 public:
  // Told of each slice behind those in it; `end` is null for one that nothing ends, and `parent` for one in no other.
  using OnSlice = std::function<void(OpenSlice& slice, const SliceEnd* end, OpenSlice* parent)>;

  SliceStacks(LateTracks& late, OnSlice on_slice) : late_(late), on_slice_(std::move(on_slice)) {}

  // Takes the events in the order of the file. Those of late tracks wait until the end.
  void Add(SliceEvent event);
  // Tells of those that are still open, inner ones first.
  void Finish();

 private:
  struct Stack {
    std::vector<OpenSlice> slices;
    int64_t last = INT64_MIN;
  };

  void Feed(SliceEvent event);
  void End(const SliceEvent& event, std::vector<OpenSlice>* slices);
  void CloseTop(std::vector<OpenSlice>* slices);

  LateTracks& late_;
  OnSlice on_slice_;
  std::vector<Stack> stacks_;  // by track
  std::vector<SliceEvent> waiting_;
};

}  // namespace tracesmith::trim
