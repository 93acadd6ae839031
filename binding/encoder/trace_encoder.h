#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/clocks.h"
#include "order/event_table.h"
#include "order/stream_timeline.h"
#include "order/whole_timeline.h"
#include "proto/packet_memory.h"
#include "proto/packet_sink.h"
#include "proto/sequences.h"

namespace tracesmith {

// perfetto.h takes longer to compile than most files that include this one, so this one does without it.
class SequenceWriter;

struct EncoderOptions {
  // The clock of the trace's timestamps, and what the clocks of the machine showed at one moment.
  ClockReading clock;
  SequenceIds sequences;
  // Of a stream: whether the numbers of its tracks depend on the first rows and the seed, so that several traces can be
  // joined. Otherwise they are the least.
  bool derives_ids = false;
  uint32_t seed = 0;
  // The track of events that name none; 0 for none.
  uint64_t default_uuid = 0;
  // A clock that no trace has which may be joined with this one; 0 for none.
  uint32_t own_clock = 0;
  Framing framing = Framing::kTrace;
  // Of a stream: after so many bytes, begin the sequence anew (clear the incremental state), so that a reader can start
  // there. 0: only when the interned data takes tens of megabytes, here and in a reader.
  uint64_t anew_after_bytes = 0;
};

// Producers hand over rows (events, tracks, metadata) in batches; a trace is a series of packets. TraceEncoder turns
// rows into packets and passes these to a sink. The same batches in the same order give the same bytes.
//
// It owns copies of the rows until they are written. The sink belongs to the caller. One thread at a time.
class TraceEncoder {
 public:
  virtual ~TraceEncoder() = default;
  TraceEncoder() = default;
  TraceEncoder(const TraceEncoder&) = delete;
  TraceEncoder& operator=(const TraceEncoder&) = delete;

  // Copies a batch. One that it refuses changes nothing.
  virtual Status Append(const BatchView& batch) = 0;
  // Encodes what is left, and frees it. No batch may come afterwards.
  virtual void Finish() = 0;
  virtual const TimelineCounts& counts() const = 0;
};

// A trace whose events may come in any order, and whose flows and pairs of open and close (one slice in two rows) may
// be far apart: it is encoded when all of it is there.
//
// A trace that comes in the order of time, as most profilers hand it over, is encoded while it comes: an export takes 1.4
// times as long where one event breaks that order. Then the packets are dropped and all of it is encoded in Finish().
class WholeTraceEncoder : public TraceEncoder {
 public:
  // `memory` must outlive the encoder.
  explicit WholeTraceEncoder(PacketMemory& memory, const EncoderOptions& options = EncoderOptions());
  ~WholeTraceEncoder() override;

  // Announces how many rows will come.
  void Expect(size_t rows) { table_.Expect(rows); }

  Status Append(const BatchView& batch) override;
  void Finish() override;
  const TimelineCounts& counts() const override { return timeline_->counts(); }

 private:
  void Start();
  bool ComesSorted();
  void EncodeSorted(size_t end);

  PacketMemory& memory_;
  EncoderOptions options_;
  EventTable table_;
  std::unique_ptr<WholeTimeline> timeline_;
  std::unique_ptr<SequenceWriter> sequence_;
  bool comes_sorted_ = true;  // all events so far
  size_t checked_ = 0;        // events whose order was checked
  size_t encoded_ = 0;        // events that were encoded while they came
};

// A trace that is encoded while it comes, in bounded memory. A slice often comes after later ones, so a window holds
// back the latest slices to put them in order; the encoder writes what the window releases.
class StreamTraceEncoder : public TraceEncoder {
 public:
  // `sink` must outlive the encoder. `window`: how many slices are held back, at least 1.
  StreamTraceEncoder(PacketSink& sink, size_t window, const EncoderOptions& options = EncoderOptions());
  ~StreamTraceEncoder() override;

  Status Append(const BatchView& batch) override;
  void Finish() override;
  const TimelineCounts& counts() const override { return timeline_.counts(); }

  // Passes what the window has released to the sink, however little.
  void Flush();
  // Empties the window too, and writes the known ends of open slices: the output then has all that came.
  void FlushWindow();
  // Clears the incremental state of the sequence: a reader can start there, but the descriptors of tracks do not come
  // again.
  void BeginAnew();

 private:
  // Begins the trace; with the first rows, since the numbers of tracks depend on them.
  void Start();
  void Write(StreamTimeline::Until until);

  PacketSink& sink_;
  EncoderOptions options_;
  EventTable table_;
  StreamTimeline timeline_;
  std::unique_ptr<SequenceWriter> sequence_;
};

}  // namespace tracesmith
