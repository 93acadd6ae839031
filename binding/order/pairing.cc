#include "order/pairing.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace tracesmith {
namespace {

constexpr size_t kChannels = 4;

// Returns the arguments of an event: an attribute each, a nested object with everything in it as one.
std::vector<AttrRange> ArgumentsOf(const EventTable& table, const Event& event) {
  std::vector<AttrRange> arguments;
  for (uint32_t i = event.attr_begin; i < event.attr_end;) {
    uint32_t end = i;
    uint32_t depth = 0;
    do {
      const AttrType type = table.attrs()[end++].type;
      if (type == AttrType::kDict || type == AttrType::kArray) ++depth;
      if (type == AttrType::kEnd) --depth;
    } while (depth != 0);
    arguments.push_back({i, end});
    i = end;
  }
  return arguments;
}

// An event has any number of flows, at most one each of launch, correlation and call stack, and one argument of a name.
bool IsSameArgument(const Attr& a, const Attr& b) {
  const auto is_flow = [](AttrType type) {
    return type == AttrType::kFlowOut || type == AttrType::kFlowIn || type == AttrType::kFlow ||
           type == AttrType::kTerminatingFlow;
  };
  const auto has_no_key = [](AttrType type) {
    return type == AttrType::kLaunch || type == AttrType::kCorrelation || type == AttrType::kCallStack;
  };
  if (is_flow(a.type) || is_flow(b.type)) return false;
  if (has_no_key(a.type) || has_no_key(b.type)) return a.type == b.type;
  return a.key == b.key;
}

// Gives `event` the arguments of both events. If both have one, the value of `later` takes the place of the other.
void MergeArguments(EventTable& table, Event& event, const Event& later) {
  if (later.attrs().empty()) return;
  std::vector<AttrRange> merged = ArgumentsOf(table, event);
  PodVector<Attr>& attrs = table.attrs();
  for (const AttrRange& argument : ArgumentsOf(table, later)) {
    const auto same = std::find_if(merged.begin(), merged.end(), [&](const AttrRange& other) {
      return IsSameArgument(attrs[other.begin], attrs[argument.begin]);
    });
    if (same != merged.end()) {
      *same = argument;
    } else {
      merged.push_back(argument);
    }
  }
  event.attr_begin = static_cast<uint32_t>(attrs.size());
  for (const AttrRange& range : merged) {
    for (uint32_t i = range.begin; i < range.end; ++i) attrs.Add(attrs[i]);
  }
  event.attr_end = static_cast<uint32_t>(attrs.size());
}

// What one channel of one track has seen: opens not yet closed and complete slices that no close was
// absorbed by, the latest at the back. Entries that were closed through their correlation id stay in
// `open` until they come up, marked by their event no longer being an open.
struct TrackState {
  std::vector<uint32_t> open;
  std::vector<uint32_t> open_without_id;  // those of `open` that carry no id
  std::vector<uint32_t> complete;
};

class Pairing {
 public:
  explicit Pairing(EventTable& table) : table_(table), tracks_(table.tracks().size() * kChannels) {}

  PairingCounts Run(std::vector<uint32_t>& order) {
    for (const uint32_t index : order) {
      Event& event = table_.events()[index];
      const bool pairs = event.channel != Channel::kNone;
      if (event.kind == RowKind::kClose) {
        if (!pairs || !FindPartner(index)) StandAlone(event);
      } else if (event.kind == RowKind::kOpen) {
        if (pairs) RememberOpen(index);
      } else if (event.kind == RowKind::kSlice) {
        if (pairs) RememberComplete(index);
      }
    }
    std::vector<uint32_t> kept;
    kept.reserve(order.size());
    for (const uint32_t index : order) {
      Event& event = table_.events()[index];
      if (event.kind == RowKind::kClose) continue;  // it closed an open, or adds nothing
      if (event.kind == RowKind::kOpen) {
        event.kind = RowKind::kSlice;
        event.length = kNoEnd;
        ++counts_.unclosed;
      }
      kept.push_back(index);
    }
    order.swap(kept);
    return counts_;
  }

 private:
  TrackState& StateOf(const Event& event) {
    return tracks_[event.track * kChannels + static_cast<size_t>(event.channel)];
  }

  // Only kernels are tied to their completion by an id.
  uint64_t PairingId(const Event& event) const {
    return event.channel == Channel::kKernel ? table_.CorrelationOf(event) : 0;
  }

  void RememberComplete(uint32_t index) {
    const Event& event = table_.events()[index];
    const uint64_t id = PairingId(event);
    if (id != 0) {
      complete_ids_.insert(id);
    } else {
      StateOf(event).complete.push_back(index);
    }
  }

  void RememberOpen(uint32_t index) {
    const Event& event = table_.events()[index];
    StateOf(event).open.push_back(index);
    const uint64_t id = PairingId(event);
    (id != 0 ? open_by_id_[id] : StateOf(event).open_without_id).push_back(index);
  }

  // Whether a close ended an open slice or belongs to one that is complete already.
  bool FindPartner(uint32_t index) {
    const Event& event = table_.events()[index];
    const uint64_t id = PairingId(event);
    TrackState& state = StateOf(event);
    if (id == 0) {
      if (DropClosed(state.open)) return Join(state.open.back(), index);
      if (state.complete.empty()) return false;
      state.complete.pop_back();
      return true;
    }
    const auto found = open_by_id_.find(id);
    if (found != open_by_id_.end() && DropClosed(found->second)) return Join(found->second.back(), index);
    if (complete_ids_.count(id) != 0) return true;
    // Two ids that differ belong to two kernels; a launch without an id may be this one's.
    return DropClosed(state.open_without_id) && Join(state.open_without_id.back(), index);
  }

  void StandAlone(Event& close) {
    if (close.length != kNoEnd) {
      close.kind = RowKind::kSlice;
    } else {
      close.kind = RowKind::kInstant;
      ++counts_.unmatched;
    }
  }

  // Takes opens off the back that were closed by another way; false when none is left.
  bool DropClosed(std::vector<uint32_t>& opens) const {
    while (!opens.empty() && table_.events()[opens.back()].kind != RowKind::kOpen) opens.pop_back();
    return !opens.empty();
  }

  bool Join(uint32_t open_index, uint32_t close_index) {
    Event& open = table_.events()[open_index];
    const Event& close = table_.events()[close_index];
    open.kind = RowKind::kSlice;
    open.length = close.time + (close.length == kNoEnd ? 0 : close.length) - open.time;
    MergeArguments(table_, open, close);
    return true;
  }

  EventTable& table_;
  std::vector<TrackState> tracks_;
  std::unordered_map<uint64_t, std::vector<uint32_t>> open_by_id_;
  std::unordered_set<uint64_t> complete_ids_;
  PairingCounts counts_;
};

// At one time, a completion that names its launch by id comes after it whatever order they came in.
void MoveIdentifiedClosesLast(const EventTable& table, std::vector<uint32_t>& order) {
  const PodVector<Event>& events = table.events();
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && events[order[end]].time == events[order[begin]].time) ++end;
    if (end - begin > 1) {
      std::stable_partition(order.begin() + static_cast<std::ptrdiff_t>(begin),
                            order.begin() + static_cast<std::ptrdiff_t>(end), [&](uint32_t index) {
                              const Event& event = events[index];
                              return event.kind != RowKind::kClose || table.CorrelationOf(event) == 0;
                            });
    }
    begin = end;
  }
}

}  // namespace

PairingCounts PairOpensWithCloses(EventTable& table, std::vector<uint32_t>& order) {
  if (!table.has_pairs()) return PairingCounts();
  MoveIdentifiedClosesLast(table, order);
  return Pairing(table).Run(order);
}

}  // namespace tracesmith
