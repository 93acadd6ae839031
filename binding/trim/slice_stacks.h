#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "trim/event_log.h"

namespace tracesmith::trim {

// The ids of the arrows of an event. Most have none, and most others one.
class FlowIds {
 public:
  FlowIds() = default;
  explicit FlowIds(const std::vector<uint64_t>& ids) : count_(ids.size()) {
    if (count_ == 1) one_ = ids[0];
    if (count_ > 1) several_ = std::make_unique<std::vector<uint64_t>>(ids);
  }

  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  const uint64_t* begin() const { return several_ == nullptr ? &one_ : several_->data(); }
  const uint64_t* end() const { return begin() + count_; }

 private:
  size_t count_ = 0;
  uint64_t one_ = 0;
  std::unique_ptr<std::vector<uint64_t>> several_;
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
  bool is_complete = false;  // said its end with its beginning
  bool is_accepted = true;   // by the filters of texts
  uint32_t track = 0;
  uint32_t name = 0;
  uint32_t depth = 0;
  uint64_t index = 0;  // of its beginning among all events
  int64_t begin = 0;
  int64_t end = 0;  // of a complete one
  FlowIds flows;
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

inline bool IsOfSlice(EventKind kind) {
  return kind == EventKind::kBegin || kind == EventKind::kEnd || kind == EventKind::kComplete;
}

// Puts the beginnings and ends of each track together, in the order of time, as readers of the trace do. The twin of
// SliceStacks in lib/trim.
class SliceStacks {
 public:
  // Told of each slice behind those in it; `end` is null for one that nothing ends, and `parent` for one in no other.
  using OnSlice = std::function<void(OpenSlice& slice, const SliceEnd* end, OpenSlice* parent)>;

  // Told of an end of nothing.
  using OnEnd = std::function<void(const LoggedEvent& end, uint64_t index)>;

  SliceStacks(LateTracks& late, OnSlice on_slice, OnEnd on_end = {})
      : late_(late), on_slice_(std::move(on_slice)), on_end_(std::move(on_end)) {}

  // Takes the beginnings and ends in the order of the file. Those of late tracks wait until the end. `is_accepted` is
  // for OpenSlice.
  void Add(const LoggedEvent& event, uint64_t index, bool is_accepted);
  // Tells of those that are still open, inner ones first.
  void Finish();

 private:
  struct Stack {
    std::vector<OpenSlice> slices;
    int64_t last = INT64_MIN;
  };
  struct Waiting {
    LoggedEvent event;
    uint64_t index;
    bool is_accepted;
  };

  void Feed(const LoggedEvent& event, uint64_t index, bool is_accepted);
  void End(const LoggedEvent& event, uint64_t index, std::vector<OpenSlice>* slices);
  void CloseTop(std::vector<OpenSlice>* slices);

  LateTracks& late_;
  OnSlice on_slice_;
  OnEnd on_end_;
  std::vector<Stack> stacks_;  // by track
  std::vector<Waiting> waiting_;
};

}  // namespace tracesmith::trim
