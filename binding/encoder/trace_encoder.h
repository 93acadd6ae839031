#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/clocks.h"
#include "order/event_store.h"
#include "order/timeline.h"

namespace tracesmith {

// Turns batches of events into a native Perfetto trace.
//
// A whole trace: append every batch, Finish() once, read. As long as it comes in the order of time, it is
// encoded while it comes; else, and where pairs and flows must be found first, at the end. A stream: with a
// window, what is appended is written as the window releases it, and encoded before that as long as it comes in
// the order of time; take the output whenever there is some, Finish() at the end.
class TraceEncoder {
 public:
  // A smaller window leaves little to do at the end.
  static constexpr size_t kAheadFrom = 4096;

  // `window`: see Timeline; 0 for a whole trace. From `ahead_from` on a stream is encoded ahead of its window.
  explicit TraceEncoder(size_t window = 0, const ClockReading& clock = ClockReading(), size_t ahead_from = kAheadFrom);
  ~TraceEncoder();
  TraceEncoder(const TraceEncoder&) = delete;
  TraceEncoder& operator=(const TraceEncoder&) = delete;

  // Says how many rows will be appended, where that is known.
  void Expect(size_t rows) { store_.Expect(rows); }

  // Copies a batch, and writes what a window releases then. One that fails is refused whole. Where the caller has all
  // that is still to come (`ends_soon`), a stream in the order of time is encoded by Finish, which releases all the
  // window holds before. Nothing is undone then: where the window would encode again what has too many lanes, or a moment
  // longer than itself, the same events are other bytes.
  Status Append(const BatchView& batch, bool ends_soon = false);

  // Writes what the window of a stream still holds, and the ends of slices that are known, so that a reader
  // of the output so far has all that came.
  void FlushWindow();

  // Encodes what is left, and lets go of it. No batch may come afterwards.
  void Finish();

  const TimelineCounts& counts() const;

  // What to call whenever there is some output, for who takes it while a stream is being written.
  void OnOutput(std::function<void()> on_output);

  // Puts the output of a whole trace there as it comes, as far as it fits: what is put in a block of its
  // own has to be copied once more. Comes before the first batch; the memory must outlive the encoder.
  void WriteInto(uint8_t* target, size_t capacity);
  // How much lies there, from the beginning on.
  size_t bytes_in_target() const { return target_used_; }

  // Of the output that was not taken.
  size_t size();
  // Copies up to `count` bytes of it from `offset`; gives how many there were.
  size_t Read(size_t offset, uint8_t* target, size_t count);
  // That of a stream so far, in pieces, which are whole packets all together.
  std::vector<std::vector<uint8_t>> TakeOutput();

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
  void AppendAhead(bool ends_soon);
  // Encodes what was taken: all but the last moment, all of it, or all there will ever be.
  enum class Ahead : uint8_t { kLastMoment, kAll, kEnd };
  void EncodeAhead(Ahead until);
  bool ReleaseAhead(bool all);
  void FinishAhead();
  void OutputAhead(size_t count);
  void GoBack();
  void IndexOutput();
  void TakeBlock(const uint8_t* block, size_t size);
  void MoveToTarget(const uint8_t* block, size_t size);

  bool is_stream_;
  ClockReading clock_;
  bool has_clocks_ = false;
  EventStore store_;
  struct Parts;  // see trace_encoder_parts.h
  std::unique_ptr<Parts> parts_;
  std::function<void()> on_output_;
  bool goes_ahead_;           // a stream, which comes in the order of time so far
  bool comes_sorted_ = true;  // a whole trace, so far
  size_t looked_at_ = 0;      // of its events, for that
  size_t encoded_ = 0;        // of those
  uint8_t* target_ = nullptr;
  size_t target_capacity_ = 0;
  size_t target_used_ = 0;
};

}  // namespace tracesmith
