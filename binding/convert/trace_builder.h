#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sorting/record_sorter.h"
#include "convert/event_record.h"
#include "convert/linker.h"
#include "convert/row_batch.h"
#include "convert/track_maker.h"

namespace tracesmith {

// Makes rows of the sorted records of a trace and their links, and hands them over in batches.
class TraceBuilder {
 public:
  // `take` gives false where no more is wanted. All must outlive the builder.
  using Take = std::function<bool(const BatchView&)>;
  TraceBuilder(RowBatch& batch, TrackMaker& tracks, RecordSorter& links, Take take)
      : batch_(batch), tracks_(tracks), links_(links), take_(std::move(take)) {}

  // What is said about the whole trace: an argument, as an ArgRecorder wrote it.
  void AddMetadata(const uint8_t* begin, const uint8_t* end);

  // The records, in order. False: no more is wanted.
  bool Add(const Record& record);
  bool Finish() { return Flush(); }

 private:
  void AddSlice(const Record& record, const EventRecord& event);
  void AddInstant(const Record& record, const EventRecord& event);
  void AddLinks();
  bool Flush();
  uint32_t NameOf(const Record& record, const EventRecord& event);
  uint32_t CategoryOf(const Record& record, const EventRecord& event);
  uint32_t TrackOf(const EventRecord& event, uint32_t name);

  RowBatch& batch_;
  TrackMaker& tracks_;
  RecordSorter& links_;
  Take take_;
  uint64_t next_slice_ = 0;
  bool has_link_ = false;
  bool has_links_ = true;
  Record link_{};
};

}  // namespace tracesmith
