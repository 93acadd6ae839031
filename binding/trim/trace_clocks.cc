#include "trim/trace_clocks.h"

#include <string>

namespace tracesmith::trim {
namespace {

// These ids mean something else on each sequence.
bool IsSequenceClock(uint64_t id) { return id >= 64 && id <= 127; }

int64_t Times(uint64_t value, uint64_t factor) {
  return factor == 0 ? static_cast<int64_t>(value) : Multiply(static_cast<int64_t>(value), factor);
}

}  // namespace

void TraceClocks::Learn(ByteSpan snapshot, SequenceClocks* sequence, std::string* damage) {
  std::vector<Reading> readings;
  uint64_t primary = 0;
  bool has_primary = false;
  FieldReader fields(snapshot, damage);
  while (fields.Next()) {
    if (fields.field() == 1) {
      Reading& reading = readings.emplace_back();
      FieldReader clock = fields.Message();
      while (clock.Next()) {
        if (clock.field() == 1) reading.id = clock.Integer();
        if (clock.field() == 2) reading.timestamp = clock.Integer();
        if (clock.field() == 3) reading.is_incremental = clock.Integer() != 0;
        if (clock.field() == 4) reading.multiplier = clock.Integer();
      }
    } else if (fields.field() == 2) {
      primary = fields.Integer();
      has_primary = true;
    }
  }
  if (has_primary && !is_trace_clock_known_) trace_clock_ = primary;
  is_trace_clock_known_ = true;

  int64_t trace_time = 0;
  const bool has_time = TraceTimeOf(readings, &trace_time);
  for (const Reading& reading : readings) {
    const int64_t last = Times(reading.timestamp, reading.multiplier);
    const int64_t offset = Subtract(trace_time, last);
    if (IsSequenceClock(reading.id)) {
      sequence->Set({reading.id, reading.is_incremental, reading.multiplier, last, offset, has_time});
    } else if (has_time) {
      offsets_[reading.id] = offset;
    }
  }
}

bool TraceClocks::Resolve(uint64_t timestamp, uint64_t clock_id, SequenceClocks* sequence, int64_t* time) const {
  // Without a clock, or on the trace's own, the time is what it says.
  if (clock_id == 0 || clock_id == trace_clock_) {
    *time = static_cast<int64_t>(timestamp);
    return true;
  }
  SequenceClock* const clock = IsSequenceClock(clock_id) ? sequence->Find(clock_id) : nullptr;
  if (clock == nullptr) {
    const int64_t* const offset = offsets_.Find(clock_id);
    if (offset != nullptr) *time = Add(static_cast<int64_t>(timestamp), *offset);
    return offset != nullptr;
  }
  const int64_t own = Times(timestamp, clock->multiplier);
  clock->last = clock->is_incremental ? Add(clock->last, own) : own;
  *time = Add(clock->last, clock->offset);
  return clock->has_offset;
}

bool TraceClocks::TraceTimeOf(const std::vector<Reading>& readings, int64_t* time) const {
  for (const Reading& reading : readings) {
    if (reading.id != trace_clock_) continue;
    *time = Times(reading.timestamp, reading.multiplier);
    return true;
  }
  for (const Reading& reading : readings) {
    const int64_t* const offset = IsSequenceClock(reading.id) ? nullptr : offsets_.Find(reading.id);
    if (offset == nullptr) continue;
    *time = Add(Times(reading.timestamp, reading.multiplier), *offset);
    return true;
  }
  return false;
}

}  // namespace tracesmith::trim
