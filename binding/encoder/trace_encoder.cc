#include "encoder/trace_encoder.h"

#include <algorithm>

#include "encoder/derived_ids.h"
#include "encoder/sequence_writer.h"

namespace tracesmith {
namespace {

// The tracks of a whole trace may prescribe uuids (device << 32) | GPU stream, also in later batches: uuids that we
// choose begin above. The tracks of a streamed trace prescribe none, and small uuids make small packets.
constexpr uint64_t kFirstUuidOfWhole = uint64_t{1} << 40;
constexpr uint64_t kFirstUuidOfStream = 1;

constexpr size_t kMostReserved = size_t{1} << 18;  // events
constexpr size_t kLeastPacket = 64;                // bytes that nearly every event of a whole trace takes

}  // namespace

WholeTraceEncoder::WholeTraceEncoder(PacketMemory& memory, const EncoderOptions& options)
    : memory_(memory), options_(options) {
  Start();
}

WholeTraceEncoder::~WholeTraceEncoder() = default;

// Begins the trace, or drops its packets and begins again: the table keeps all events.
void WholeTraceEncoder::Start() {
  memory_.Clear();
  timeline_ = std::make_unique<WholeTimeline>(table_);
  sequence_ = std::make_unique<SequenceWriter>(table_, memory_, options_, kFirstUuidOfWhole);
}

Status WholeTraceEncoder::Append(const BatchView& batch) {
  Status status = table_.Append(batch);
  if (status.ok() && ComesSorted()) {
    // Events of the latest time wait, since more of that time may come.
    const PodVector<Event>& events = table_.events();
    size_t end = checked_;
    while (end > encoded_ && events[end - 1].time == events[checked_ - 1].time) --end;
    EncodeSorted(end);
  } else {
    memory_.Prepare(batch.rows * kLeastPacket);
  }
  return status;
}

void WholeTraceEncoder::Finish() {
  if (ComesSorted()) {
    EncodeSorted(checked_);
    sequence_->WriteMetadata(table_.TakeMetadata());
    if (!sequence_->has_clocks()) sequence_->WriteClocks(0);
    timeline_->Finish(sequence_->event_writer());
  } else {
    if (encoded_ != 0) Start();
    timeline_->Order();
    sequence_->AddTracks();
    sequence_->WriteMetadata(table_.TakeMetadata());
    sequence_->WriteClocks(timeline_->first_time());
    timeline_->VisitAll(sequence_->event_writer());
  }
  sequence_->Flush();
  table_ = EventTable();
}

// Whether the events so far are in the order of time, and none depends on a later one, as pairs and flows do.
bool WholeTraceEncoder::ComesSorted() {
  const PodVector<Event>& events = table_.events();
  comes_sorted_ = comes_sorted_ && !table_.has_pairs() && !table_.has_flows() && !table_.has_flow_points();
  for (; comes_sorted_ && checked_ < events.size(); ++checked_) {
    comes_sorted_ = checked_ == 0 || events[checked_].time >= events[checked_ - 1].time;
  }
  return comes_sorted_;
}

void WholeTraceEncoder::EncodeSorted(size_t end) {
  sequence_->AddTracks();
  if (end == encoded_) return;
  if (!sequence_->has_clocks()) sequence_->WriteClocks(table_.events()[0].time);
  timeline_->VisitSorted(encoded_, end, sequence_->event_writer());
  encoded_ = end;
}

StreamTraceEncoder::StreamTraceEncoder(PacketSink& sink, size_t window, const EncoderOptions& options)
    : sink_(sink), options_(options), timeline_(table_, window) {
  // Room for the events that wait, and for those that are written and not dropped yet.
  table_.ReserveEvents(std::min(4 * window, kMostReserved));
}

StreamTraceEncoder::~StreamTraceEncoder() = default;

void StreamTraceEncoder::Start() {
  uint64_t first_uuid = kFirstUuidOfStream;
  if (options_.derives_ids) {
    const DerivedIds ids(table_, options_.seed);
    first_uuid = ids.uuid();
    options_.own_clock = ids.clock();
    // Tracks take them in their order; a process has another one, and is named in its events.
    if (!table_.events().empty()) options_.default_uuid = first_uuid + table_.events()[0].track;
  }
  sequence_ = std::make_unique<SequenceWriter>(table_, sink_, options_, first_uuid);
}

Status StreamTraceEncoder::Append(const BatchView& batch) {
  Status status = table_.Append(batch);
  if (!status.ok()) return status;
  if (!sequence_) Start();
  sequence_->AddTracks();
  sequence_->WriteMetadata(table_.TakeMetadata());
  while (timeline_.FillWindow()) Write(StreamTimeline::Until::kWindowFits);
  return status;
}

void StreamTraceEncoder::Flush() {
  if (sequence_) sequence_->Flush();
}

void StreamTraceEncoder::FlushWindow() {
  if (!sequence_) return;
  if (!timeline_.is_empty()) Write(StreamTimeline::Until::kReadable);
  sequence_->Flush();
}

void StreamTraceEncoder::Finish() {
  if (!sequence_) Start();
  if (!timeline_.is_empty()) Write(StreamTimeline::Until::kEmpty);
  timeline_.Finish(sequence_->event_writer());
  sequence_->Flush();
  table_ = EventTable();
}

void StreamTraceEncoder::BeginAnew() {
  if (!sequence_) return;
  sequence_->Flush();
  sequence_->BeginAnew();
}

void StreamTraceEncoder::Write(StreamTimeline::Until until) {
  if (!sequence_->has_clocks()) sequence_->WriteClocks(timeline_.first_time());
  // Interned data is looked up by the table's numbers of launch configurations and call stacks, so new numbers void it.
  const bool are_values_renumbered = timeline_.VisitOldest(until, sequence_->event_writer());
  sequence_->Flush();
  if (are_values_renumbered || sequence_->IsAnewDue()) sequence_->BeginAnew();
}

}  // namespace tracesmith
