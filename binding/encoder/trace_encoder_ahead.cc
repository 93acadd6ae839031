// How a stream that comes in the order of time is encoded: at once, while its producer makes more, instead of when the
// window releases it. What the window still holds is kept apart as packets, and is encoded again, by the window from
// then on, where something comes that belongs before it.

#include <algorithm>
#include <numeric>

#include "encoder/trace_encoder.h"
#include "encoder/trace_encoder_parts.h"

namespace tracesmith {
namespace {

// Encoding waits for the window when so many bytes of packets wait for it: large arguments are twice in memory.
constexpr size_t kMostAhead = size_t{8} << 20;
// Where a stream could be encoded again is a copy of all lanes: a small part of what it costs to encode a stretch.
size_t MostLanes(size_t slices_of_stretch) { return std::max<size_t>(64, slices_of_stretch / 8); }

}  // namespace

void TraceEncoder::AppendAhead(bool ends_soon) {
  Parts& parts = *parts_;
  const size_t most_lanes = MostLanes(parts.timeline.slices_at_once());
  const bool is_left_to_finish = ends_soon && std::max(store_.tracks().size(), parts.timeline.lanes()) < most_lanes / 2;
  while (goes_ahead_) {
    const Timeline::Taken taken = parts.timeline.TakeInOrder(is_left_to_finish);
    if (is_left_to_finish && taken != Timeline::Taken::kUntilDisorder) return;
    EncodeAhead(Ahead::kLastMoment);
    if (parts.timeline.lanes() > most_lanes) return GoBack();
    if (taken == Timeline::Taken::kAll) return;
    // Before what is out of order the window releases all that it can. Where all of it is of one moment that is nothing.
    if (!ReleaseAhead(false)) return GoBack();
  }
}

void TraceEncoder::EncodeAhead(Ahead until) {
  Parts& parts = *parts_;
  const bool all = until != Ahead::kLastMoment;
  if (!parts.timeline.has_taken()) return;
  while (true) {
    if (parts.ahead.empty() || parts.ahead.back().stretch.is_whole) {
      const size_t waiting = std::accumulate(parts.ahead.begin(), parts.ahead.end(), size_t{0},
                                             [](size_t sum, const Parts::Ahead& one) { return sum + one.packets.size(); });
      if (waiting >= kMostAhead && !all) return;
      const size_t expected = parts.ahead.empty() ? Parts::kPieceSize : parts.ahead.back().packets.size();
      if (until == Ahead::kEnd) OutputAhead(parts.ahead.size());
      parts.ahead.emplace_back();
      parts.ahead.back().packets.reserve(expected + expected / 8);  // growing would touch twice the memory
    }
    if (!has_clocks_) WriteClocks(parts.timeline.FirstTaken());
    if (parts.begins_anew) {
      parts.writer.Flush();
      BeginSequenceAnew();
      parts.begins_anew = false;
    }
    parts.MoveTrace(nullptr, 0, &parts.ahead.back().packets);
    Parts::Ahead& last = parts.ahead.back();
    parts.timeline.VisitAhead(all, &last.stretch, parts.writer);
    // Where a batch ends has no say in what is written.
    if (all || last.stretch.is_whole) parts.writer.Flush();
    if (!last.stretch.is_whole) return;
    last.end = parts.mark();
    parts.begins_anew = parts.writer.HasInternedMuch();
  }
}

// Releases what the window does without, or all. Gives whether there was something.
bool TraceEncoder::ReleaseAhead(bool all) {
  Parts& parts = *parts_;
  bool has_released = false;
  while (!parts.ahead.empty() && (all || parts.timeline.CanRelease(parts.ahead.front().stretch))) {
    Parts::Ahead& first = parts.ahead.front();
    parts.released.push_back(std::move(first.packets));
    if (parts.timeline.Release(first.stretch)) parts.begins_anew = true;
    parts.last_released = first.stretch.is_whole ? std::move(first.end) : parts.mark();
    parts.ahead.pop_front();
    has_released = true;
  }
  return has_released;
}

// Encodes the rest, which nothing comes behind. Who takes the output can write what waited meanwhile.
void TraceEncoder::FinishAhead() {
  const std::deque<Parts::Ahead>& ahead = parts_->ahead;
  const bool has_part = !ahead.empty() && !ahead.back().stretch.is_whole;
  OutputAhead(ahead.size() - has_part);
  EncodeAhead(Ahead::kEnd);
  OutputAhead(ahead.size());
  goes_ahead_ = false;
}

// Releases the first `count` stretches for good.
void TraceEncoder::OutputAhead(size_t count) {
  for (; count > 0; --count) {
    parts_->released.push_back(std::move(parts_->ahead.front().packets));
    parts_->ahead.pop_front();
  }
  if (on_output_) on_output_();
}

// From what was released last on, the window decides when something is encoded.
void TraceEncoder::GoBack() {
  Parts& parts = *parts_;
  parts.writer.Flush();
  parts.ahead.clear();
  parts.timeline.GoBack(parts.last_released.timeline);
  parts.writer.GoBack(parts.last_released.writer);
  has_clocks_ = parts.last_released.has_clocks;
  goes_ahead_ = false;
  if (has_clocks_) BeginSequenceAnew();
}

}  // namespace tracesmith
