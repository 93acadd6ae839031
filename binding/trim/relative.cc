#include "trim/relative.h"

#include <algorithm>

#include "base/bits.h"
#include "trim/fields.h"

namespace tracesmith::trim {

CounterValue CounterValue::Plus(const CounterValue& other) const {
  if (is_integer && other.is_integer) return OfInteger(Add(integer, other.integer));
  return OfReal(AsReal() + other.AsReal());
}

void RelativeValues::Begin(const WalkedPacket& packet, std::string* damage) {
  if (packet.sequence != sequence_) {
    sequence_ = packet.sequence;
    gone_ = &by_sequence_[sequence_];
  }
  if (packet.rare->is_cleared) gone_->counters.clear();
  if (packet.facts->content_field == packet_field::kThreadDescriptor) {
    gone_->microseconds = gone_->thread_microseconds = gone_->instructions = 0;
  } else if (packet.facts->content_field == packet_field::kClockSnapshot) {
    FieldReader snapshot(packet.facts->content, damage);
    while (snapshot.Next()) {
      if (snapshot.field() != 1) continue;
      uint64_t id = 0;
      FieldReader clock = snapshot.Message();
      while (clock.Next()) {
        if (clock.field() == 1) id = clock.Integer();
      }
      const auto is_of_clock = [id](const auto& entry) { return entry.first == id; };
      gone_->clocks.erase(std::remove_if(gone_->clocks.begin(), gone_->clocks.end(), is_of_clock), gone_->clocks.end());
    }
  }
}

bool RelativeValues::IsIncremental(const WalkedPacket& packet) {
  const SequenceClock* const clock = packet.sequence->clocks().Find(packet.clock_id);
  return clock != nullptr && clock->is_incremental;
}

void RelativeValues::DropTimes(const WalkedPacket& packet) {
  if (packet.facts->has_timestamp && IsIncremental(packet)) {
    const auto step = static_cast<int64_t>(packet.facts->timestamp);
    const auto known = std::find_if(gone_->clocks.begin(), gone_->clocks.end(),
                                    [&](const auto& entry) { return entry.first == packet.clock_id; });
    if (known == gone_->clocks.end()) {
      gone_->clocks.emplace_back(packet.clock_id, step);
    } else {
      known->second = Add(known->second, step);
    }
  }
  if (packet.event != nullptr && packet.event->has_delta) AddMicroseconds(packet.event->own_time);
}

void RelativeValues::DropValues(const WalkedPacket& packet, std::string* damage) {
  if (packet.event == nullptr || !packet.event->has_counters) return;
  const Relative& relative = Read(packet, damage);
  gone_->thread_microseconds = Add(gone_->thread_microseconds, relative.thread_microseconds);
  gone_->instructions = Add(gone_->instructions, relative.instructions);
  DropCounters(relative);
}

void RelativeValues::DropCounters(const Relative& relative) {
  for (const CounterStep& step : relative.counters) {
    if (!step.has_track || !tracks_.IsIncremental(step.track)) continue;
    const auto [known, is_new] = gone_->counters.try_emplace(step.track, step.value);
    if (!is_new) known->second = known->second.Plus(step.value);
  }
}

void RelativeValues::KeepTimes(const WalkedPacket& packet, Rebased* rebased) {
  if (!gone_->clocks.empty() && packet.facts->has_timestamp && IsIncremental(packet)) {
    const auto clock = std::find_if(gone_->clocks.begin(), gone_->clocks.end(),
                                    [&](const auto& entry) { return entry.first == packet.clock_id; });
    if (clock != gone_->clocks.end()) {
      rebased->timestamp = packet.facts->timestamp + static_cast<uint64_t>(clock->second);
      rebased->has_timestamp = true;
      gone_->clocks.erase(clock);
    }
  }
  if (packet.event != nullptr && packet.event->has_delta && gone_->microseconds != 0) {
    rebased->microseconds = Add(packet.event->own_time, TakeMicroseconds());
    rebased->has_microseconds = true;
  }
}

void RelativeValues::KeepValues(const WalkedPacket& packet, bool is_moved, Rebased* rebased, std::string* damage) {
  const bool is_clean = gone_->thread_microseconds == 0 && gone_->instructions == 0 && gone_->counters.empty();
  if ((is_clean && !is_moved) || !packet.event->has_counters) return;
  const Relative& relative = Read(packet, damage);
  if (relative.has_thread_microseconds && gone_->thread_microseconds != 0) {
    rebased->thread_microseconds = Add(relative.thread_microseconds, std::exchange(gone_->thread_microseconds, 0));
    rebased->has_thread_microseconds = true;
  }
  if (relative.has_instructions && gone_->instructions != 0) {
    rebased->instructions = Add(relative.instructions, std::exchange(gone_->instructions, 0));
    rebased->has_instructions = true;
  }
  if (is_moved) return DropCounters(relative);
  const bool is_any_gone = std::any_of(relative.counters.begin(), relative.counters.end(), [&](const CounterStep& step) {
    return step.has_track && gone_->counters.count(step.track) != 0;
  });
  if (!is_any_gone) return;
  rebased->has_counters = true;
  for (const CounterStep& step : relative.counters) {
    const auto gone = step.has_track ? gone_->counters.find(step.track) : gone_->counters.end();
    const bool is_gone = gone != gone_->counters.end();
    rebased->counters.emplace_back(step.field, is_gone ? gone->second.Plus(step.value) : step.value);
    if (is_gone) gone_->counters.erase(gone);
  }
}

void RelativeValues::AddCounters(uint32_t field, const std::vector<CounterValue>& values,
                                 const std::vector<uint64_t>& tracks) {
  for (size_t i = 0; i < values.size(); ++i) {
    const bool has_track = i < tracks.size();
    relative_.counters.push_back({field, has_track, has_track ? tracks_.OfUuid(tracks[i]) : 0, values[i]});
  }
}

const RelativeValues::Relative& RelativeValues::Read(const WalkedPacket& packet, std::string* damage) {
  relative_ = {};
  std::vector<uint64_t> tracks;
  std::vector<uint64_t> double_tracks;
  std::vector<CounterValue> values;
  std::vector<CounterValue> doubles;
  FieldReader fields(packet.facts->content, damage);
  while (fields.Next()) {
    switch (fields.field()) {
      case 2:
        relative_.thread_microseconds = fields.Signed();
        relative_.has_thread_microseconds = true;
        break;
      case 8:
        relative_.instructions = fields.Signed();
        relative_.has_instructions = true;
        break;
      case 12:
        fields.Integers([&](uint64_t value) { values.push_back(CounterValue::OfInteger(static_cast<int64_t>(value))); });
        break;
      case 30:
        relative_.counters.push_back({30, true, packet.track, CounterValue::OfInteger(fields.Signed())});
        break;
      case 31:
        fields.Integers([&](uint64_t uuid) { tracks.push_back(uuid); });
        break;
      case 44:
        fields.Words([&](uint64_t word) {
          relative_.counters.push_back({44, true, packet.track, CounterValue::OfReal(AsDouble(word))});
        });
        break;
      case 45:
        fields.Integers([&](uint64_t uuid) { double_tracks.push_back(uuid); });
        break;
      case 46:
        fields.Words([&](uint64_t word) { doubles.push_back(CounterValue::OfReal(AsDouble(word))); });
        break;
    }
  }
  // What the event says of its tracks goes before the defaults of the sequence.
  AddCounters(12, values, tracks.empty() ? packet.sequence->default_counters() : tracks);
  AddCounters(46, doubles, double_tracks.empty() ? packet.sequence->default_double_counters() : double_tracks);
  return relative_;
}

}  // namespace tracesmith::trim
