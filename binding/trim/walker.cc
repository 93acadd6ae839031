#include "trim/walker.h"

#include <cstring>

#include "trim/fields.h"

namespace tracesmith::trim {

Sequence& Walker::SequenceOf(uint64_t id) {
  if (last_ != nullptr && last_->id() == id) return *last_;
  Sequence*& sequence = by_id_[id];
  if (sequence == nullptr) sequence = &sequences_.emplace_back(id, tracks_, texts_);
  last_ = sequence;
  return *sequence;
}

void Walker::Resolve(WalkedPacket* packet) {
  const PacketFacts& facts = *packet->facts;
  Sequence& sequence = SequenceOf(facts.sequence_id);
  packet->sequence = &sequence;
  packet->rare = &packet->block->rare[facts.rare];
  if (facts.rare != 0) {
    const RareFacts& rare = *packet->rare;
    sequence.LearnHead(rare, &damage_);
    if (rare.clock_snapshot.begin != nullptr) clocks_.Learn(rare.clock_snapshot, &sequence.clocks(), &damage_);
    if (rare.has_interned) {
      FieldReader fields(facts.bytes, &damage_);
      while (fields.Next()) {
        if (fields.field() == packet_field::kInternedData) sequence.LearnInterned(fields.Data(), &damage_);
      }
    }
    packet->duration = rare.duration;
  }
  if (facts.needs_state && !sequence.has_state() && facts.content_field != packet_field::kClockSnapshot) {
    packet->is_skipped = true;
    return;
  }
  if (facts.content_field == packet_field::kTrackEvent) {
    FindEvent(packet);
  } else if (facts.content_field == packet_field::kThreadDescriptor) {
    sequence.LearnThread(facts.content, &damage_);
  } else if (facts.content_field == packet_field::kStreamingProfilePacket) {
    sequence.LearnSamples(facts.content, &damage_);
  }
  ResolveTime(packet);
}

void Walker::FindEvent(WalkedPacket* packet) {
  if (needs_event_) {
    if (!needs_event_()) return;
    ParseEvent(packet->facts->content, &event_block_);
    damage_ = event_block_.damage;
    packet->block = &event_block_;
    packet->event = &event_block_.events[0];
  } else {
    packet->event = &packet->block->events[packet->facts->event];
  }
  packet->track = TrackOf(*packet);
}

void Walker::ResolveTime(WalkedPacket* packet) {
  const PacketFacts& facts = *packet->facts;
  Sequence& sequence = *packet->sequence;
  packet->clock_id = facts.has_clock ? facts.clock_id : sequence.default_clock();
  if (facts.has_timestamp) {
    packet->has_time = clocks_.Resolve(facts.timestamp, packet->clock_id, &sequence.clocks(), &packet->time);
  }
  if (packet->event == nullptr) return;
  const EventFacts& event = *packet->event;
  if (event.has_legacy) packet->duration = packet->block->legacies[event.legacy].duration;
  if (event.has_delta) {
    sequence.microseconds = Add(sequence.microseconds, event.own_time);
    packet->time = FromMicroseconds(sequence.microseconds, &sequence);
    packet->has_time = true;
  } else if (event.has_absolute) {
    packet->time = FromMicroseconds(event.own_time, &sequence);
    packet->has_time = true;
  }
}

int64_t Walker::FromMicroseconds(int64_t microseconds, Sequence* sequence) const {
  const int64_t time = Multiply(microseconds, 1000);
  int64_t resolved = 0;
  const bool is_known = clocks_.Resolve(static_cast<uint64_t>(time), kMonotonic, &sequence->clocks(), &resolved);
  return is_known ? resolved : time;
}

const std::vector<uint32_t>& Walker::CategoriesOf(const WalkedPacket& packet) {
  const Range range = packet.event->categories;
  categories_.clear();
  for (uint32_t i = range.begin; i != range.end; ++i) {
    const TextRef& category = packet.block->categories[i];
    const uint32_t* const interned = category.text.begin == nullptr ? packet.sequence->Category(category.iid) : nullptr;
    categories_.push_back(interned != nullptr ? *interned : texts_.NumberOf(category.text.text()));
  }
  return categories_;
}

bool Walker::NameOf(const WalkedPacket& packet, uint32_t* name) {
  const EventFacts& event = *packet.event;
  if (event.has_name && event.name.text.begin != nullptr) {
    *name = texts_.NumberOf(event.name.text.text());
    return true;
  }
  const uint32_t* found = event.has_name ? packet.sequence->Name(event.name.iid) : nullptr;
  if (found == nullptr && event.has_legacy) {
    const LegacyFacts& legacy = packet.block->legacies[event.legacy];
    if (legacy.has_name) found = packet.sequence->Name(legacy.name);
  }
  if (found != nullptr) *name = *found;
  return found != nullptr;
}

uint32_t Walker::TrackOf(const WalkedPacket& packet) {
  const EventFacts& event = *packet.event;
  uint32_t track = packet.sequence->default_track();
  if (event.has_track) {
    if (!has_last_track_ || event.track != last_uuid_) {
      last_track_ = tracks_.OfUuid(event.track);
      last_uuid_ = event.track;
      has_last_track_ = true;
    }
    track = last_track_;
  }
  return event.has_legacy ? LegacyTrackOf(packet.block->legacies[event.legacy], packet, track) : track;
}

uint32_t Walker::LegacyTrackOf(const LegacyFacts& legacy, const WalkedPacket& packet, uint32_t track) {
  const Sequence& sequence = *packet.sequence;
  if (legacy.phase == 0) return track;
  const bool has_pid = legacy.has_pid || sequence.has_pid();
  const int64_t pid = legacy.has_pid ? legacy.pid : sequence.pid();
  const bool is_async = legacy.phase < 128 && std::strchr("benSFTp", static_cast<int>(legacy.phase)) != nullptr;
  if (!is_async) return legacy.has_tid ? tracks_.OfThread(pid, legacy.tid) : track;
  std::string key = "async ";
  for (const uint32_t category : CategoriesOf(packet)) key += std::to_string(category) + ',';
  key.append(legacy.scope.text()).append(" ");
  if (legacy.has_global) {
    key += std::to_string(legacy.global);
  } else {
    if (has_pid) key += std::to_string(pid);
    key += ' ';
    if (legacy.has_local || legacy.has_unscoped) key += std::to_string(legacy.has_local ? legacy.local : legacy.unscoped);
  }
  return tracks_.OfText(key, has_pid ? &pid : nullptr);
}

}  // namespace tracesmith::trim
