#include "trim/event_log.h"

#include <cstring>
#include <utility>

namespace tracesmith::trim {
namespace {

constexpr size_t kChunk = size_t{1} << 20;
// Of chunks in memory.
constexpr uint64_t kMaxInMemory = uint64_t{24} << 20;

// The first byte of an event: its kind, and what follows.
constexpr uint8_t kKindMask = 7;
constexpr uint8_t kHasTime = 8;
constexpr uint8_t kHasName = 16;
constexpr uint8_t kHasCategories = 32;
constexpr uint8_t kHasDuration = 64;
constexpr uint8_t kHasFlows = 128;
// What follows without the flows, at most.
constexpr size_t kMaxEvent = 1 + 5 * 10;

uint8_t* PutVarint(uint8_t* at, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<uint8_t>(value | 0x80);
  *at++ = static_cast<uint8_t>(value);
  return at;
}

const uint8_t* GetVarint(const uint8_t* at, uint64_t* value) {
  uint64_t result = *at & 0x7f;
  for (unsigned shift = 7; *at++ >= 0x80; shift += 7) result |= static_cast<uint64_t>(*at & 0x7f) << shift;
  *value = result;
  return at;
}

// Small numbers of either sign as small ones.
uint64_t Fold(uint64_t difference) { return difference << 1 ^ (0 - (difference >> 63)); }
uint64_t Unfold(uint64_t folded) { return folded >> 1 ^ (0 - (folded & 1)); }

}  // namespace

void EventLog::Add(const LoggedEvent& event) {
  ++size_;
  const size_t used = filling_.size();
  const size_t flow_bytes = event.flows.size() * sizeof(uint64_t);
  filling_.resize(used + kMaxEvent + flow_bytes);
  uint8_t* const begin = filling_.data() + used;
  uint8_t* at = begin + 1;
  auto head = static_cast<uint8_t>(event.kind);
  at = PutVarint(at, uint64_t{event.track} << 1 | event.is_plain);
  if (event.has_time) {
    head |= kHasTime;
    at = PutVarint(at, Fold(static_cast<uint64_t>(event.time) - static_cast<uint64_t>(last_time_)));
    last_time_ = event.time;
  }
  if (event.has_name) {
    head |= kHasName;
    at = PutVarint(at, event.name);
  }
  if (event.categories != 0) {
    head |= kHasCategories;
    at = PutVarint(at, event.categories);
  }
  if (event.duration != 0) {
    head |= kHasDuration;
    at = PutVarint(at, static_cast<uint64_t>(event.duration));
  }
  if (flow_bytes != 0) {
    head |= kHasFlows;
    at = PutVarint(at, event.flows.size());
    std::memcpy(at, event.flows.data(), flow_bytes);
    at += flow_bytes;
  }
  *begin = head;
  filling_.resize(static_cast<size_t>(at - filling_.data()));
  if (filling_.size() >= kChunk) EndChunk();
}

const uint8_t* EventLog::Read(const uint8_t* at, LoggedEvent* event) {
  const uint8_t head = *at++;
  uint64_t value = 0;
  event->kind = static_cast<EventKind>(head & kKindMask);
  at = GetVarint(at, &value);
  event->track = static_cast<uint32_t>(value >> 1);
  event->is_plain = (value & 1) != 0;
  event->has_time = (head & kHasTime) != 0;
  if (event->has_time) {
    at = GetVarint(at, &value);
    event->time = static_cast<int64_t>(static_cast<uint64_t>(event->time) + Unfold(value));
  }
  event->has_name = (head & kHasName) != 0;
  value = 0;
  if (event->has_name) at = GetVarint(at, &value);
  event->name = static_cast<uint32_t>(value);
  value = 0;
  if ((head & kHasCategories) != 0) at = GetVarint(at, &value);
  event->categories = static_cast<uint32_t>(value);
  value = 0;
  if ((head & kHasDuration) != 0) at = GetVarint(at, &value);
  event->duration = static_cast<int64_t>(value);
  event->flows.clear();
  if ((head & kHasFlows) == 0) return at;
  at = GetVarint(at, &value);
  event->flows.resize(value);
  std::memcpy(event->flows.data(), at, value * sizeof(uint64_t));
  return at + value * sizeof(uint64_t);
}

uint32_t EventLog::ListOf(const std::vector<uint32_t>& categories) {
  if (categories.empty()) return 0;
  if (categories.size() == 1) return 2 * categories[0] + 1;
  const auto [found, is_new] = numbers_.try_emplace(categories, static_cast<uint32_t>(lists_.size()));
  if (is_new) lists_.push_back(&found->first);
  return 2 * found->second + 2;
}

IoStatus EventLog::Finish() {
  EndChunk();
  filling_ = {};
  return status_;
}

void EventLog::EndChunk() {
  last_time_ = 0;
  if (filling_.empty() || !status_.ok()) return;
  Chunk& chunk = chunks_.emplace_back(Chunk{filling_.size(), in_file_, {}});
  if (in_memory_ + filling_.size() <= kMaxInMemory) {
    in_memory_ += filling_.size();
    chunk.bytes = filling_;
  } else {
    if (!std::exchange(has_file_, true)) status_ = file_.Create(spill_path_);
    if (status_.ok()) status_ = file_.WriteAt(in_file_, filling_.data(), filling_.size());
    in_file_ += filling_.size();
  }
  filling_.clear();
}

}  // namespace tracesmith::trim
