#pragma once

#include <perfetto.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "encoder/event_writer.h"
#include "order/timeline.h"
#include "encoder/trace_encoder.h"
#include "encoder/track_table.h"

namespace tracesmith {

// What has seen the events that were encoded, and the packets that they became. Known to the .cc files of TraceEncoder
// alone: the SDK's header takes longer to compile than most files that include that one.
struct TraceEncoder::Parts {
  // From where a stream can be encoded again.
  struct Mark {
    Timeline::State timeline;
    EventWriter::Mark writer;
    bool has_clocks = false;  // false where nothing was encoded yet
  };
  // What was encoded ahead of its window.
  struct Ahead {
    Timeline::Stretch stretch;
    std::vector<uint8_t> packets;
    Mark end;  // where it is whole
  };
  static constexpr size_t kPieceSize = 256 * 1024;

  Parts(EventStore& store, size_t window)
      : timeline(store, window), tracks(store, window == 0 ? kFirstUuidOfWhole : 1), writer(store, tracks, trace.get()) {}

  size_t TraceSize() {
    size_t size = 0;
    for (const auto& range : trace.GetRanges()) size += range.size();
    return size;
  }
  // Appends what is in the trace to `packets`, which empties it, and a block behind it.
  void MoveTrace(const uint8_t* block, size_t size, std::vector<uint8_t>* packets) {
    for (const auto& range : trace.GetRanges()) packets->insert(packets->end(), range.begin, range.end);
    trace.Reset();
    is_indexed = false;
    if (size != 0) packets->insert(packets->end(), block, block + size);
  }
  void Release(const uint8_t* block = nullptr, size_t size = 0) {
    std::vector<uint8_t> packets;
    packets.reserve(TraceSize() + size);
    MoveTrace(block, size, &packets);
    if (!packets.empty()) released.push_back(std::move(packets));
  }
  Mark mark() const { return {timeline.state(), writer.mark(), true}; }

  protozero::HeapBuffered<TraceMessage> trace{kPieceSize, kPieceSize};
  Timeline timeline;
  TrackTable tracks;
  EventWriter writer;
  // Of the output; see IndexOutput.
  std::vector<protozero::ContiguousMemoryRange> ranges;
  std::vector<size_t> range_ends;
  bool is_indexed = false;

  std::vector<std::vector<uint8_t>> released;  // output of a stream that was not taken

  // While a stream is encoded ahead: what was, in the order of time. The trace is empty between two calls then.
  std::deque<Ahead> ahead;
  Mark last_released;
  bool begins_anew = false;  // the sequence, before more is encoded
};

}  // namespace tracesmith
