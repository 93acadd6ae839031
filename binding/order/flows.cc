#include "order/flows.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace tracesmith {
namespace {

constexpr uint32_t kNoEvent = UINT32_MAX;

using FlowId = std::pair<uint32_t, uint64_t>;  // type and id

struct FlowIdHash {
  size_t operator()(const FlowId& id) const { return std::hash<uint64_t>()(id.second * 0x9e3779b97f4a7c15 ^ id.first); }
};

// A flow attribute on its way to an arrow.
struct Point {
  uint64_t time;
  uint32_t event;  // where it binds, kNoEvent where nothing was found
  bool arrives;
  FlowId id;
};

bool IsFlow(const Attr& attr) { return attr.type == AttrType::kFlowOut || attr.type == AttrType::kFlowIn; }

// Finds the slices that FlowPoint rows bind to, by replaying each track.
class Binder {
 public:
  explicit Binder(const EventTable& table) : table_(table), tracks_(table.tracks().size()) {}

  std::vector<Point> Run(const std::vector<uint32_t>& order) {
    for (const uint32_t index : order) {
      const Event& event = table_.events()[index];
      if (event.kind == RowKind::kCounter) continue;  // no arrow can be drawn to a sample
      if (event.kind == RowKind::kSlice && table_.has_flow_points()) {
        TrackState& track = tracks_[event.track];
        for (const size_t point : track.waiting) points_[point].event = index;
        track.waiting.clear();
        if (event.length != 0) track.open.push_back(index);
      }
      for (uint32_t i = event.attr_begin; i < event.attr_end; ++i) {
        const Attr& attr = table_.attrs()[i];
        if (IsFlow(attr)) AddPoint(index, attr);
      }
    }
    return std::move(points_);
  }

 private:
  struct TrackState {
    std::vector<uint32_t> open;   // slices by start; those that ended may linger below later ones
    std::vector<size_t> waiting;  // points that bind to the next slice
  };

  void AddPoint(uint32_t index, const Attr& attr) {
    const Event& event = table_.events()[index];
    TrackState& track = tracks_[event.track];
    uint32_t target = index;
    if (event.kind == RowKind::kFlowPoint) {
      target = kNoEvent;
      if (event.channel != Channel::kNone) {
        track.waiting.push_back(points_.size());
      } else {
        while (!track.open.empty() && table_.events()[track.open.back()].end() <= event.time) track.open.pop_back();
        if (!track.open.empty()) target = track.open.back();
      }
    }
    points_.push_back({event.time, target, attr.type == AttrType::kFlowIn, {attr.key, attr.value}});
  }

  const EventTable& table_;
  std::vector<TrackState> tracks_;
  std::vector<Point> points_;
};

Arrows ConnectPoints(const EventTable& table, std::vector<Point> points) {
  constexpr uint32_t kNone = UINT32_MAX;
  struct Departure {
    uint32_t event;
    uint32_t before;  // the departure of the same flow before this one, or kNone
    bool used;
  };
  struct Flow {
    uint32_t last = kNone;         // departure
    uint64_t unused = 0;           // departures
    uint64_t lost_departures = 0;  // of points that bind to no slice
    uint64_t lone_arrivals = 0;
  };
  const auto comes_before = [](const Point& a, const Point& b) {
    return std::tie(a.time, a.arrives) < std::tie(b.time, b.arrives);
  };
  if (!std::is_sorted(points.begin(), points.end(), comes_before)) {
    std::stable_sort(points.begin(), points.end(), comes_before);
  }

  Arrows arrows;
  std::vector<Departure> departures;  // of all flows, in the order of time
  std::unordered_map<FlowId, Flow, FlowIdHash> flows;
  flows.reserve(points.size() / 2);
  for (const Point& point : points) {
    Flow& flow = flows[point.id];
    if (!point.arrives) {
      if (point.event == kNoEvent) {
        ++flow.lost_departures;
      } else {
        departures.push_back({point.event, flow.last, false});
        flow.last = static_cast<uint32_t>(departures.size() - 1);
        ++flow.unused;
      }
      continue;
    }
    // A step of a flow arrives and leaves at one event: its arrow comes from the departure before.
    uint32_t from = flow.last;
    while (from != kNone && departures[from].event == point.event) from = departures[from].before;
    const bool can_be_drawn = point.event != kNoEvent && from != kNone &&
                              table.events()[departures[from].event].time <= table.events()[point.event].time;
    if (!can_be_drawn) {
      ++flow.lone_arrivals;
      continue;
    }
    if (!std::exchange(departures[from].used, true)) --flow.unused;
    const uint64_t arrow = ++arrows.drawn;
    arrows.ends.push_back({departures[from].event, false, arrow});
    arrows.ends.push_back({point.event, true, arrow});
  }
  for (const auto& [id, flow] : flows) {
    arrows.undrawn += std::max(flow.lost_departures + flow.unused, flow.lone_arrivals);
  }
  arrows.SortByEvent(table.events().size());
  return arrows;
}

// Within events of one time, writes the departure of an arrow before its arrival and keeps the order
// of each track: a depth-first visit with a stack of its own, since chains can be long.
class TieOrder {
 public:
  TieOrder(const EventTable& table, const Arrows& arrows)
      : table_(table), arrows_(arrows), departure_of_(arrows.drawn + 1) {
    for (const ArrowEnd& end : arrows.ends) {
      if (!end.arrives) departure_of_[end.arrow] = end.event;
    }
  }

  // Orders [begin, end), whose events have the same time.
  void Arrange(uint32_t* begin, uint32_t* end) {
    if (std::none_of(begin, end, [&](uint32_t event) { return HasArrivalFromSameTime(event); })) return;
    nodes_.clear();
    std::unordered_map<uint32_t, uint32_t> last_of_track;
    for (const uint32_t* index = begin; index != end; ++index) {
      const uint32_t track = table_.events()[*index].track;
      const auto previous = last_of_track.find(track);
      nodes_[*index] = {previous == last_of_track.end() ? kNoEvent : previous->second, State::kNew};
      last_of_track[track] = *index;
    }
    std::vector<uint32_t> arranged;
    arranged.reserve(static_cast<size_t>(end - begin));
    for (const uint32_t* index = begin; index != end; ++index) Visit(*index, arranged);
    std::copy(arranged.begin(), arranged.end(), begin);
  }

  // Arrows that a cycle of arrows at one time leaves backwards.
  const std::unordered_set<uint64_t>& cut() const { return cut_; }

 private:
  enum class State { kNew, kOpen, kDone };
  struct Node {
    uint32_t previous_on_track;
    State state;
  };
  struct Visiting {
    uint32_t event;
    const ArrowEnd* next;
    const ArrowEnd* last;
    bool took_previous;
  };

  bool HasArrivalFromSameTime(uint32_t event) const {
    const Arrows::Span span = arrows_.At(event);
    return std::any_of(span.first, span.last, [&](const ArrowEnd& end) {
      return end.arrives && table_.events()[departure_of_[end.arrow]].time == table_.events()[event].time;
    });
  }

  void Visit(uint32_t event, std::vector<uint32_t>& arranged) {
    std::vector<Visiting> stack;
    Enter(event, stack);
    while (!stack.empty()) {
      Visiting& top = stack.back();
      Node& node = nodes_.at(top.event);
      if (!top.took_previous) {
        top.took_previous = true;
        Enter(node.previous_on_track, stack);
      } else if (top.next != top.last) {
        const ArrowEnd& end = *top.next++;
        if (!end.arrives) continue;
        const auto departure = nodes_.find(departure_of_[end.arrow]);
        if (departure == nodes_.end()) continue;  // of an earlier time
        if (ComesAfterOpen(departure->first, departure->second)) {
          cut_.insert(end.arrow);
        } else {
          Enter(departure->first, stack);
        }
      } else {
        node.state = State::kDone;
        const auto open = open_on_track_.find(table_.events()[top.event].track);
        if (--open->second == 0) open_on_track_.erase(open);
        arranged.push_back(top.event);
        stack.pop_back();
      }
    }
  }

  // Whether an event of the same track is being visited: its track puts it before this one, and the
  // arrow that asks for this one to come first closes a cycle.
  bool ComesAfterOpen(uint32_t event, const Node& node) const {
    return node.state == State::kOpen ||
           (node.state == State::kNew && open_on_track_.count(table_.events()[event].track) != 0);
  }

  void Enter(uint32_t event, std::vector<Visiting>& stack) {
    if (event == kNoEvent) return;
    Node& node = nodes_.at(event);
    if (node.state != State::kNew) return;
    node.state = State::kOpen;
    ++open_on_track_[table_.events()[event].track];
    const Arrows::Span span = arrows_.At(event);
    stack.push_back({event, span.first, span.last, false});
  }

  const EventTable& table_;
  const Arrows& arrows_;
  std::vector<uint32_t> departure_of_;  // events by arrow
  std::unordered_map<uint32_t, Node> nodes_;
  std::unordered_map<uint32_t, uint32_t> open_on_track_;  // events being visited
  std::unordered_set<uint64_t> cut_;
};

void ArrangeTies(const EventTable& table, std::vector<uint32_t>& order, Arrows& arrows) {
  TieOrder ties(table, arrows);
  const PodVector<Event>& events = table.events();
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && events[order[end]].time == events[order[begin]].time) ++end;
    if (end - begin > 1) ties.Arrange(order.data() + begin, order.data() + end);
    begin = end;
  }
  if (ties.cut().empty()) return;
  arrows.ends.erase(std::remove_if(arrows.ends.begin(), arrows.ends.end(),
                                   [&](const ArrowEnd& end) { return ties.cut().count(end.arrow) != 0; }),
                    arrows.ends.end());
  arrows.SortByEvent(events.size());
  arrows.drawn -= ties.cut().size();
  arrows.undrawn += ties.cut().size();
}

}  // namespace

void Arrows::SortByEvent(size_t events) {
  first_.assign(events + 1, 0);
  for (const ArrowEnd& end : ends) ++first_[end.event + 1];
  for (size_t event = 0; event < events; ++event) first_[event + 1] += first_[event];
  std::vector<uint32_t> next(first_.begin(), first_.end() - 1);
  std::vector<ArrowEnd> sorted(ends.size());
  // The ends of each event are in the order of their arrows already: departures are put down first.
  for (const bool arrives : {false, true}) {
    for (const ArrowEnd& end : ends) {
      if (end.arrives == arrives) sorted[next[end.event]++] = end;
    }
  }
  ends = std::move(sorted);
}

Arrows ConnectFlows(const EventTable& table, std::vector<uint32_t>& order) {
  Arrows arrows;
  if (table.has_flows()) arrows = ConnectPoints(table, Binder(table).Run(order));
  if (table.has_flow_points()) {
    const auto is_point = [&](uint32_t index) { return table.events()[index].kind == RowKind::kFlowPoint; };
    order.erase(std::remove_if(order.begin(), order.end(), is_point), order.end());
  }
  if (!arrows.ends.empty()) ArrangeTies(table, order, arrows);
  return arrows;
}

}  // namespace tracesmith
