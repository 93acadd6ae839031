#pragma once

#include <perfetto.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "event_store.h"
#include "event_writer.h"
#include "timeline.h"
#include "track_table.h"

namespace tracesmith {

// The clock that a trace counts in, and what the clocks of the machine showed at one moment.
struct ClockReading {
  perfetto::protos::pbzero::BuiltinClock clock = perfetto::protos::pbzero::BUILTIN_CLOCK_BOOTTIME;
  // ns; all 0: nothing is known.
  uint64_t boottime = 0;
  uint64_t monotonic = 0;
  uint64_t realtime = 0;
};

// Turns batches of events into a native Perfetto trace.
//
// A whole trace: append every batch, Finish() once, read. As long as it comes in the order of time, it is
// encoded while it comes; else, and where pairs and flows must be found first, at the end. A stream: with a window, what is appended is
// written as the window releases it; take the output whenever there is some, Finish() at the end.
class TraceEncoder {
 public:
  // `window`: see Timeline; 0 for a whole trace.
  explicit TraceEncoder(size_t window = 0, const ClockReading& clock = ClockReading());

  // Says how many rows will be appended, where that is known.
  void Expect(size_t rows) { store_.Expect(rows); }

  // Copies a batch, and writes what a window releases then. One that fails is refused whole.
  Status Append(const BatchView& batch);

  // Writes what the window of a stream still holds, and the ends of slices that are known, so that a reader
  // of the output so far has all that came.
  void FlushWindow();

  // Encodes what is left, and lets go of it. No batch may come afterwards.
  void Finish();

  const TimelineCounts& counts() const { return parts_->timeline.counts(); }

  // What to call whenever there is some output, for who takes it while a stream is being written.
  void OnOutput(std::function<void()> on_output) { parts_->writer.OnBlock(std::move(on_output)); }

  // Puts the output of a whole trace there as it comes, as far as it fits: what is put in a block of its
  // own has to be copied once more. Comes before the first batch; the memory must outlive the encoder.
  void WriteInto(uint8_t* target, size_t capacity);
  // How much lies there, from the beginning on.
  size_t bytes_in_target() const { return target_used_; }

  // Of the output that was not taken.
  size_t size();
  // Copies up to `count` bytes of it from `offset`; gives how many there were.
  size_t Read(size_t offset, uint8_t* target, size_t count);
  // Calls take(const uint8_t*, size_t) with each piece, whole packets all together, and forgets it.
  template <typename Take>
  void TakeOutput(Take take);

 private:
  void WriteSequenceStart();
  void WriteClocks(uint64_t first_time);
  void WriteClockAnchor(uint64_t time);
  void WriteClockRelation();
  void AddTracks();
  void WriteMetadata();
  void Release(Timeline::Until until);
  bool ComesSorted();
  void EncodeSorted(size_t end);
  void StartOver();
  void BeginSequenceAnew();
  void IndexOutput();
  void MoveToTarget();

  bool is_stream_;
  ClockReading clock_;
  bool has_clocks_ = false;
  EventStore store_;
  protozero::HeapBuffered<TraceMessage> trace_;
  // What has seen the events that were encoded.
  struct Parts {
    Parts(EventStore& store, size_t window, TraceMessage* trace)
        : timeline(store, window), tracks(store, window == 0 ? kFirstUuidOfWhole : 1), writer(store, tracks, trace) {}

    Timeline timeline;
    TrackTable tracks;
    EventWriter writer;
  };
  std::optional<Parts> parts_;
  bool comes_sorted_ = true;  // a whole trace, so far
  size_t looked_at_ = 0;      // of its events, for that
  size_t encoded_ = 0;        // of those
  std::vector<protozero::ContiguousMemoryRange> ranges_;
  std::vector<size_t> range_ends_;
  bool is_indexed_ = false;
  uint8_t* target_ = nullptr;
  size_t target_capacity_ = 0;
  size_t target_used_ = 0;
};

template <typename Take>
void TraceEncoder::TakeOutput(Take take) {
  for (const auto& range : trace_.GetRanges()) take(range.begin, range.size());
  trace_.Reset();
  is_indexed_ = false;
}

}  // namespace tracesmith
