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
  if (facts.is_cleared || facts.defaults.begin != nullptr) sequence.LearnHead(facts, &damage_);
  if (facts.clock_snapshot.begin != nullptr) clocks_.Learn(facts.clock_snapshot, &sequence.clocks(), &damage_);
  if (facts.has_interned) {
    FieldReader fields(facts.bytes, &damage_);
    while (fields.Next()) {
      if (fields.field() == packet_field::kInternedData) sequence.LearnInterned(fields.Data(), &damage_);
    }
  }
  switch (facts.content_field) {
    case packet_field::kTrackEvent:
      packet->event = &packet->block->events[facts.event];
      ResolveEvent(packet);
      break;
    case packet_field::kThreadDescriptor:
      sequence.LearnThread(facts.content, &damage_);
      break;
    case packet_field::kStreamingProfilePacket:
      sequence.LearnSamples(facts.content, &damage_);
      break;
    case packet_field::kGpuRenderStageEvent:
      packet->duration = facts.duration;
      break;
  }
  ResolveTime(packet);
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
  packet->duration = event.duration;
  if (event.has_delta) {
    sequence.microseconds = Add(sequence.microseconds, event.delta);
    packet->time = FromMicroseconds(sequence.microseconds, &sequence);
    packet->has_time = true;
  } else if (event.has_absolute) {
    packet->time = FromMicroseconds(event.absolute, &sequence);
    packet->has_time = true;
  }
}

int64_t Walker::FromMicroseconds(int64_t microseconds, Sequence* sequence) const {
  const int64_t time = Multiply(microseconds, 1000);
  int64_t resolved = 0;
  const bool is_known = clocks_.Resolve(static_cast<uint64_t>(time), kMonotonic, &sequence->clocks(), &resolved);
  return is_known ? resolved : time;
}

void Walker::ResolveEvent(WalkedPacket* packet) {
  const EventFacts& event = *packet->event;
  const Sequence& sequence = *packet->sequence;
  categories_.clear();
  for (uint32_t i = event.categories.begin; i != event.categories.end; ++i) {
    const TextRef& category = packet->block->categories[i];
    const uint32_t* const interned = category.text.begin == nullptr ? sequence.Category(category.iid) : nullptr;
    categories_.push_back(interned != nullptr ? *interned : texts_.NumberOf(category.text.text()));
  }
  packet->categories = &categories_;
  if (event.has_name && event.name.text.begin != nullptr) {
    packet->name = texts_.NumberOf(event.name.text.text());
    packet->has_name = true;
  } else if (event.has_name || event.has_legacy_name) {
    const uint32_t* name = event.has_name ? sequence.Name(event.name.iid) : nullptr;
    if (name == nullptr && event.has_legacy_name) name = sequence.Name(event.legacy_name);
    packet->has_name = name != nullptr;
    if (name != nullptr) packet->name = *name;
  }
  if (!event.has_track) {
    packet->track = sequence.default_track();
  } else if (has_last_track_ && event.track == last_uuid_) {
    packet->track = last_track_;
  } else {
    packet->track = last_track_ = tracks_.OfUuid(event.track);
    last_uuid_ = event.track;
    has_last_track_ = true;
  }
  if (event.has_legacy) ResolveLegacyTrack(packet->block->legacies[event.legacy], packet);
}

void Walker::ResolveLegacyTrack(const LegacyFacts& legacy, WalkedPacket* packet) {
  const Sequence& sequence = *packet->sequence;
  if (legacy.phase == 0) return;
  const bool has_pid = legacy.has_pid || sequence.has_pid();
  const int64_t pid = legacy.has_pid ? legacy.pid : sequence.pid();
  const bool is_async = legacy.phase < 128 && std::strchr("benSFTp", static_cast<int>(legacy.phase)) != nullptr;
  if (!is_async) {
    if (legacy.has_tid) packet->track = tracks_.OfThread(pid, legacy.tid);
    return;
  }
  std::string key = "async ";
  for (const uint32_t category : categories_) key += std::to_string(category) + ',';
  key.append(legacy.scope.text()).append(" ");
  if (legacy.has_global) {
    key += std::to_string(legacy.global);
  } else {
    if (has_pid) key += std::to_string(pid);
    key += ' ';
    if (legacy.has_local || legacy.has_unscoped) key += std::to_string(legacy.has_local ? legacy.local : legacy.unscoped);
  }
  packet->track = tracks_.OfText(key, has_pid ? &pid : nullptr);
}

}  // namespace tracesmith::trim
