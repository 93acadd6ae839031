#include <cstring>

#include "input/inflate.h"
#include "proto/packet_framing.h"
#include "trim/fields.h"
#include "trim/packet_facts.h"

namespace tracesmith::trim {
namespace {

// The same as MAX_PACKET_BYTES in lib/protobuf.
constexpr size_t kMaxInflated = size_t{64} << 20;

// perfetto.protos.TrackEvent.Type
EventKind KindOfType(uint64_t type) {
  switch (type) {
    case 1:
      return EventKind::kBegin;
    case 2:
      return EventKind::kEnd;
    case 3:
      return EventKind::kInstant;
    case 4:
      return EventKind::kCounter;
    default:
      return EventKind::kOther;
  }
}

// Chrome's older tracing says by a phase letter what an event is.
EventKind KindOfPhase(uint64_t phase) {
  switch (phase) {
    case 'B':
    case 'b':
    case 'S':
      return EventKind::kBegin;
    case 'E':
    case 'e':
    case 'F':
      return EventKind::kEnd;
    case 'X':
      return EventKind::kComplete;
    case 'i':
    case 'I':
    case 'R':
    case 'n':
    case 'T':
    case 'p':
      return EventKind::kInstant;
    case 'C':
      return EventKind::kCounter;
    default:
      return EventKind::kOther;
  }
}

class Parser {
 public:
  Parser(TraceBlock& block, bool reads_events) : block_(block), reads_events_(reads_events) {}

  // False at damage.
  bool Parse(ByteSpan bytes) {
    PacketFacts packet;
    packet.bytes = bytes;
    packet.content = {};
    packet.timestamp = 0;
    packet.clock_id = packet.sequence_id = packet.content_field = packet.event = packet.rare = 0;
    packet.has_timestamp = packet.has_clock = packet.needs_state = false;
    FieldReader fields(bytes, &block_.damage);
    while (fields.Next()) {
      switch (fields.field()) {
        case packet_field::kTimestamp:
          packet.timestamp = fields.Integer();
          packet.has_timestamp = true;
          break;
        case packet_field::kSequenceId:
          packet.sequence_id = static_cast<uint32_t>(fields.Integer());
          break;
        case packet_field::kInternedData:
          RareOf(&packet).has_interned = true;
          break;
        case packet_field::kSequenceFlags:
          packet.needs_state = (fields.Integer() & kNeedsState) != 0;
          if ((fields.Integer() & kStateCleared) != 0) RareOf(&packet).is_cleared = true;
          break;
        case packet_field::kIncrementalStateCleared:
          if (fields.Integer() != 0) RareOf(&packet).is_cleared = true;
          break;
        case packet_field::kPreviousPacketDropped:
          if (fields.Integer() != 0) RareOf(&packet).is_dropped_before = true;
          break;
        case packet_field::kFirstPacketOnSequence:
          RareOf(&packet).is_first = true;
          break;
        case packet_field::kClockId:
          packet.clock_id = static_cast<uint32_t>(fields.Integer());
          packet.has_clock = true;
          break;
        case packet_field::kDefaults:
          RareOf(&packet).defaults = fields.Data();
          break;
        case packet_field::kCompressedPackets:
          return ParseCompressed(fields.Data());
        case packet_field::kZstdCompressedPackets:
          return Damaged("its packets are compressed with zstd, which this version cannot read");
        default:
          if (IsBesideContent(fields.field())) break;
          packet.content_field = fields.field();
          packet.content = fields.is_delimited() ? fields.Data() : ByteSpan{};
      }
    }
    switch (packet.content_field) {
      case packet_field::kTrackEvent:
        packet.event = static_cast<uint32_t>(block_.events.size());
        if (reads_events_) ReadEvent(packet.content);
        break;
      case packet_field::kClockSnapshot:
        RareOf(&packet).clock_snapshot = packet.content;
        break;
      case packet_field::kGpuRenderStageEvent: {
        FieldReader stage(packet.content, &block_.damage);
        while (stage.Next()) {
          if (stage.field() == 2) RareOf(&packet).duration = stage.Signed();
        }
      }
    }
    if (!block_.damage.empty()) return false;
    block_.packets.push_back(packet);
    return true;
  }

  void ReadEvent(ByteSpan content) {
    EventFacts event;
    event.has_track = event.has_name = event.has_delta = event.has_absolute = event.has_legacy = event.has_counters = false;
    event.categories.begin = static_cast<uint32_t>(block_.categories.size());
    event.flows.begin = static_cast<uint32_t>(block_.flows.size());
    uint64_t type = 0;
    FieldReader fields(content, &block_.damage);
    while (fields.Next()) {
      // Most fields of most events.
      if (fields.field() == 4) continue;
      switch (fields.field()) {
        case 1:
          event.own_time = fields.Signed();
          event.has_delta = true;
          break;
        case 2:
        case 8:
        case 12:
        case 30:
        case 44:
        case 46:
          event.has_counters = true;
          break;
        case 3:
          fields.Integers([&](uint64_t iid) { block_.categories.push_back({iid, {}}); });
          break;
        case 6:
          ReadLegacy(fields.Data(), &event);
          break;
        case 9:
          type = fields.Integer();
          break;
        case 10:
          event.name = {fields.Integer(), {}};
          event.has_name = true;
          break;
        case 11:
          event.track = fields.Integer();
          event.has_track = true;
          break;
        case 16:
          // The other goes before it.
          if (!event.has_delta) event.own_time = fields.Signed();
          event.has_absolute = true;
          break;
        case 22:
          block_.categories.push_back({0, fields.Data()});
          break;
        case 23:
          event.name = {0, fields.Data()};
          event.has_name = true;
          break;
        case 36:
        case 42:
          fields.Integers([&](uint64_t id) { block_.flows.push_back({id, fields.field() == 42}); });
          break;
        case 47:
        case 48:
          fields.Words([&](uint64_t id) { block_.flows.push_back({id, fields.field() == 48}); });
          break;
      }
    }
    event.categories.end = static_cast<uint32_t>(block_.categories.size());
    event.flows.end = static_cast<uint32_t>(block_.flows.size());
    event.kind = KindOfType(type);
    if (event.has_legacy && event.kind == EventKind::kOther) {
      event.kind = KindOfPhase(block_.legacies[event.legacy].phase);
    }
    block_.events.push_back(event);
  }

 private:
  RareFacts& RareOf(PacketFacts* packet) {
    if (packet->rare == 0) {
      packet->rare = static_cast<uint32_t>(block_.rare.size());
      block_.rare.emplace_back();
    }
    return block_.rare[packet->rare];
  }

  bool Damaged(std::string what) {
    if (block_.damage.empty()) block_.damage = std::move(what);
    return false;
  }

  bool ParseCompressed(ByteSpan data) {
    if (!block_.damage.empty()) return false;
    std::vector<uint8_t>& content = block_.inflated.emplace_back();
    const std::string problem = Inflate(data.begin, data.size(), kMaxInflated, &content);
    if (!problem.empty()) return Damaged("compressed packets that cannot be inflated: " + problem);
    const uint8_t* at = content.data();
    const uint8_t* const end = at + content.size();
    while (at != end) {
      ByteSpan packet;
      packet.end = EndOfPacket(at, end, &packet.begin);
      if (packet.end == nullptr) return Damaged("compressed packets that are cut off");
      if (!Parse(packet)) return false;
      at = packet.end;
    }
    return true;
  }

  void ReadLegacy(ByteSpan content, EventFacts* event) {
    event->has_legacy = true;
    event->legacy = static_cast<uint32_t>(block_.legacies.size());
    LegacyFacts& legacy = block_.legacies.emplace_back();
    FieldReader fields(content, &block_.damage);
    while (fields.Next()) {
      switch (fields.field()) {
        case 1:
          legacy.name = fields.Integer();
          legacy.has_name = true;
          break;
        case 2:
          legacy.phase = fields.Integer();
          break;
        case 3:
          legacy.duration = static_cast<int64_t>(fields.Integer() * 1000);
          break;
        case 6:
          legacy.unscoped = fields.Integer();
          legacy.has_unscoped = true;
          break;
        case 7:
          legacy.scope = fields.Data();
          break;
        case 10:
          legacy.local = fields.Integer();
          legacy.has_local = true;
          break;
        case 11:
          legacy.global = fields.Integer();
          legacy.has_global = true;
          break;
        case 18:
          legacy.pid = fields.Signed();
          legacy.has_pid = true;
          break;
        case 19:
          legacy.tid = fields.Signed();
          legacy.has_tid = true;
          break;
      }
    }
  }

  TraceBlock& block_;
  const bool reads_events_;
};

}  // namespace

void ParseEvent(ByteSpan content, TraceBlock* block) {
  block->Clear();
  Parser(*block, true).ReadEvent(content);
}

void ParsePackets(TraceBlock* block, bool reads_events) {
  block->Clear();
  Parser parser(*block, reads_events);
  const uint8_t* at = block->bytes.data();
  const uint8_t* const end = at + block->size;
  while (at != end) {
    ByteSpan packet;
    packet.end = EndOfPacket(at, end, &packet.begin);
    if (packet.end == nullptr || !parser.Parse(packet)) {
      block->damage_offset = block->offset + static_cast<uint64_t>(at - block->bytes.data());
      return;
    }
    at = packet.end;
  }
}

}  // namespace tracesmith::trim
