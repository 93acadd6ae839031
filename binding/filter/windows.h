#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace tracesmith {

// From a time on, and before another.
struct Window {
  int64_t from;
  int64_t to;
};

// Parts of the time that stay: sorted, and none touches another. The twin of Windows in lib/filter, which makes them.
class Windows {
 public:
  explicit Windows(std::vector<Window> list) : list_(std::move(list)) {}

  bool Has(int64_t time) const {
    const auto window = EndingAfter(time);
    return window != list_.end() && window->from <= time;
  }
  // The same of a slice that nothing ends.
  bool TouchesEndless(int64_t begin) const { return EndingAfter(begin) != list_.end(); }

  // Whether a slice is in it with a part of its own.
  bool Touches(int64_t begin, int64_t end) const {
    const auto window = EndingAfter(begin);
    return window != list_.end() && (begin >= window->from || end > window->from);
  }

  // The time at which a slice begins when what lies before is cut off.
  int64_t CutBegin(int64_t begin) const {
    const auto window = EndingAfter(begin);
    return window == list_.end() ? begin : std::max(begin, window->from);
  }
  int64_t CutEnd(int64_t end) const {
    const auto behind =
        std::partition_point(list_.begin(), list_.end(), [end](const Window& window) { return window.from < end; });
    return behind == list_.begin() ? end : std::min(end, (behind - 1)->to);
  }

 private:
  std::vector<Window>::const_iterator EndingAfter(int64_t time) const {
    return std::partition_point(list_.begin(), list_.end(), [time](const Window& window) { return window.to <= time; });
  }

  std::vector<Window> list_;
};

}  // namespace tracesmith
