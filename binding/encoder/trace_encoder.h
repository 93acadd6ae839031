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

// The SDK's header takes longer to compile than most files that include this one, so it stays in the .cc files.
class SequenceWriter;

struct EncoderOptions {
  // The clock that the times of the trace are of, and what it showed at one moment.
  ClockReading clock;
  SequenceIds sequences;
  Framing framing = Framing::kTrace;
  // Of a stream: forget what is interned and begin the sequence anew after so many bytes of packets, so that a reader can
  // begin there. 0: only when so much is interned that it takes tens of megabytes here and in a reader.
  uint64_t anew_after_bytes = 0;
};

// Turns batches of rows into the packets of a trace, and passes these to a sink. The same batches in the same order give
// the same bytes. An encoder is used by one thread at a time.
class TraceEncoder {
 public:
  virtual ~TraceEncoder() = default;
  TraceEncoder() = default;
  TraceEncoder(const TraceEncoder&) = delete;
  TraceEncoder& operator=(const TraceEncoder&) = delete;

  // Copies a batch. One that it refuses leaves no trace.
  virtual Status Append(const BatchView& batch) = 0;
  // Encodes what is left, and frees it. No batch may come afterwards.
  virtual void Finish() = 0;
  virtual const TimelineCounts& counts() const = 0;
};

// A trace whose events may come in any order, and whose opens, closes and flows find each other over all of it: it is
// encoded when all of it is there.
//
// A trace that comes in the order of time, as most profilers hand it over, is encoded while it comes, beside the thread
// that makes the batches; if an event breaks that order, the packets are forgotten and encoding begins again at the end.
// `npm run bench` measures the gain: the row whose first event comes last against the tidy one.
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
  bool comes_sorted_ = true;  // so far
  size_t checked_ = 0;        // events whose order was checked
  size_t encoded_ = 0;        // events that were encoded while they came
};

// A trace that is encoded while it comes, in bounded memory: StreamTimeline holds back the events of its window, and the
// encoder writes what the window releases.
class StreamTraceEncoder : public TraceEncoder {
 public:
  // `sink` must outlive the encoder. `window`: slices, see StreamTimeline.
  StreamTraceEncoder(PacketSink& sink, size_t window, const EncoderOptions& options = EncoderOptions());
  ~StreamTraceEncoder() override;

  Status Append(const BatchView& batch) override;
  void Finish() override;
  const TimelineCounts& counts() const override { return timeline_.counts(); }

  // Passes what the window has released to the sink, however little.
  void Flush();
  // The same with all that the window holds, and the known ends of open slices: a reader of the output has all that came.
  void FlushWindow();
  // Forgets what is interned and begins the sequence anew: a reader that begins there understands all that follows but the
  // descriptors of tracks.
  void BeginAnew();

 private:
  void Write(StreamTimeline::Until until);

  EventTable table_;
  StreamTimeline timeline_;
  std::unique_ptr<SequenceWriter> sequence_;
};

}  // namespace tracesmith
