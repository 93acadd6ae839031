#pragma once

#include <perfetto.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "event_store.h"
#include "timeline.h"
#include "track_table.h"

namespace tracesmith {

// Turns batches of events into a native Perfetto trace: append every batch, encode once, read.
class TraceEncoder {
 public:
  TraceEncoder();

  // Says how many rows will be appended, where that is known.
  void Expect(size_t rows) { store_.Expect(rows); }

  // Copies a batch. One that fails is refused whole.
  Status Append(const BatchView& batch) { return store_.Append(batch); }

  // Encodes all that was appended, and lets go of it. May run on any thread, nothing else may be
  // called meanwhile.
  void Encode();

  const TimelineCounts& counts() const { return counts_; }
  size_t size() const { return size_; }

  // Copies up to `count` bytes of the encoded trace from `offset`; gives how many there were.
  size_t Read(size_t offset, uint8_t* target, size_t count) const;

 private:
  void EncodeEvents();
  void WriteSequenceStart(uint64_t first_time);

  EventStore store_;
  protozero::HeapBuffered<TraceMessage> trace_;
  TimelineCounts counts_;
  std::vector<protozero::ContiguousMemoryRange> ranges_;
  std::vector<size_t> range_ends_;
  size_t size_ = 0;
};

}  // namespace tracesmith
