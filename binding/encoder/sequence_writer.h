#pragma once

#include <cstdint>
#include <vector>

#include "encoder/event_writer.h"
#include "encoder/packet_writer.h"
#include "encoder/trace_encoder.h"
#include "encoder/track_table.h"

namespace tracesmith {

// Packets refer to what their sequence said before: a default clock, interned data, tracks. SequenceWriter writes all
// that is no event: the start of the sequence, the clocks, descriptors of tracks and the metadata of the trace. Events
// go through event_writer().
//
// It owns all state of the sequence; the table and the sink belong to others. One thread at a time.
class SequenceWriter {
 public:
  // Writes the start of the sequence. The table and the sink must outlive the writer. Tracks that prescribe no uuid get
  // free ones from `first_uuid` on.
  SequenceWriter(const EventTable& table, PacketSink& sink, const EncoderOptions& options, uint64_t first_uuid);

  // Writes the descriptors of tracks that are new in the table. Must come before the events on them.
  void AddTracks();
  // Writes what Metadata rows say about the trace.
  void WriteMetadata(const std::vector<AttrRange>& rows);

  // Writes the clocks, once, before the first event, whose time is `first_time` ns.
  void WriteClocks(uint64_t first_time);
  bool has_clocks() const { return has_clocks_; }

  EventWriter& event_writer() { return event_writer_; }

  // Whether the sequence should begin anew: so much is interned, or so many bytes are written.
  bool IsAnewDue() const;
  // Forgets what is interned and clears the incremental state. Everything must be flushed.
  void BeginAnew();

  // Passes everything that was written to the sink.
  void Flush() { event_writer_.Flush(); }

 private:
  void WriteStart(bool is_first);
  void WriteClockAnchor(uint64_t time);
  void WriteClockRelation();
  void AddOwnClock(uint64_t time, perfetto::protos::pbzero::ClockSnapshot* snapshot);

  const EventTable& table_;
  ClockReading clock_reading_;
  uint64_t anew_after_bytes_;
  PacketWriter packets_;
  TrackTable tracks_;
  uint64_t default_uuid_;  // of events that name no track
  uint32_t own_clock_;
  EventWriter event_writer_;
  bool has_clocks_ = false;
  uint64_t began_at_ = 0;  // bytes of packets before the last start
};

}  // namespace tracesmith
