#include "encoder/trace_encoder.h"

#include <algorithm>
#include <string_view>

#include "encoder/sequence_writer.h"

namespace tracesmith {
namespace {

// The tracks of a whole trace may prescribe uuids (device << 32) | GPU stream, also in later batches: uuids that we
// choose begin above. The tracks of a streamed trace prescribe none, and small uuids make small packets.
constexpr uint64_t kFirstUuidOfWhole = uint64_t{1} << 40;
constexpr uint64_t kFirstUuidOfStream = 1;

// A uuid and a sequence id are in each packet. As varints these have five and four bytes in all traces, 35 and 28 bits:
// few, and enough to leave no room for an accident.
constexpr uint64_t kLeastDerivedUuid = uint64_t{1} << 28;
constexpr uint64_t kMostDerivedUuid = (uint64_t{1} << 35) - (uint64_t{1} << 28);
constexpr uint32_t kLeastDerivedSequence = uint32_t{1} << 21;
static_assert(kLeastDerivedSequence + (UINT64_MAX >> 37) + 2 < uint64_t{1} << 28, "four bytes");

// FNV-1a.
class Hash {
 public:
  void Add(std::string_view text) {
    for (const char byte : text) state_ = (state_ ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
    Add(text.size());
  }
  void Add(uint64_t number) {
    for (int i = 0; i < 64; i += 8) state_ = (state_ ^ (number >> i & 0xff)) * 0x100000001b3;
  }
  // FNV leaves the bits of the last bytes close to each other.
  uint64_t value() const { return (state_ ^ state_ >> 32) * 0x9e3779b97f4a7c15; }

 private:
  uint64_t state_ = 0xcbf29ce484222325;
};

// Of the first rows of a trace: the tracks up to that of the first event, and that event. Two threads of a program may define the same tracks; they hardly begin in the same nanosecond.
uint64_t HashOfStart(const EventTable& table) {
  Hash hash;
  const auto text = [&](uint64_t id) { return id == 0 ? std::string_view() : table.strings()[static_cast<uint32_t>(id)]; };
  if (!table.events().empty()) {
    const Event& first = table.events()[0];
    hash.Add(first.time);
    hash.Add(static_cast<uint64_t>(first.kind));
    hash.Add(text(first.name));
  }
  // Tracks that come behind the first event may be in a later batch: when a batch is sent may depend on time.
  const size_t tracks = table.events().empty() ? table.tracks().size() : table.events()[0].track + size_t{1};
  for (size_t t = 0; t < tracks; ++t) {
    const Track& track = table.tracks()[t];
    hash.Add(text(track.name));
    for (uint32_t i = track.attr_begin; i < track.attr_end; ++i) {
      const Attr& attr = table.attrs()[i];
      hash.Add(attr.key);
      if (attr.type == AttrType::kText) hash.Add(text(attr.value));
      else hash.Add(attr.value);
    }
  }
  return hash.value();
}

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
    const uint64_t hash = HashOfStart(table_);
    first_uuid = kLeastDerivedUuid + hash % (kMostDerivedUuid - kLeastDerivedUuid);
    options_.sequences = SequenceIds::From(kLeastDerivedSequence + static_cast<uint32_t>(hash >> 37));
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
