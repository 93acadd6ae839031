#include "convert/event_survey.h"

#include <algorithm>
#include <string_view>

namespace tracesmith {

void EventSurvey::CountIn(std::vector<uint64_t>* counts, uint32_t owner) {
  if (owner >= counts->size()) counts->resize(owner + 1, 0);
  ++(*counts)[owner];
}

void EventSurvey::Include(int64_t time) {
  first_ = std::min(first_, time);
  last_ = std::max(last_, time);
}

void EventSurvey::Add(const EventRecord& record, int64_t time, const uint8_t* rest) {
  Include(time);
  if (time > 0) first_above_zero_ = std::min(first_above_zero_, time);
  switch (record.kind) {
    case RecordKind::kComplete:
      if (record.duration != kNoDuration) Include(static_cast<int64_t>(static_cast<uint64_t>(time) + record.duration));
      [[fallthrough]];
    case RecordKind::kBegin:
      ++counts_.slices;
      return CountIn(&on_thread_, record.owner);
    case RecordKind::kInstant:
      ++counts_.instants;
      return CountIn(&on_thread_, record.owner);
    case RecordKind::kProcessInstant:
      ++counts_.instants;
      return CountIn(&on_process_, record.owner);
    case RecordKind::kAsyncBegin:
      ++counts_.slices;
      ++TrackOf(record, time, rest)->events;
      return;
    case RecordKind::kAsyncInstant:
    case RecordKind::kGlobalInstant:
      ++counts_.instants;
      ++TrackOf(record, time, rest)->events;
      return;
    case RecordKind::kCounter:
      ++counts_.counters;
      ++TrackOf(record, time, rest)->events;
      return;
    case RecordKind::kAsyncEnd:
      TrackOf(record, time, rest);
      return;
    case RecordKind::kEnd:
      return;
    default:
      ++counts_.flow_points;
  }
}

EventSurvey::Track* EventSurvey::TrackOf(const EventRecord& record, int64_t time, const uint8_t* rest) {
  const bool is_global = record.kind == RecordKind::kGlobalInstant;
  const bool is_counter = record.kind == RecordKind::kCounter;
  const auto kind = is_global ? Track::Kind::kGlobal : is_counter ? Track::Kind::kCounter : Track::Kind::kAsync;
  const uint64_t key = is_global ? 0 : MixHash(record.key, static_cast<uint64_t>(kind));
  const auto [found, is_new] = keyed_of_.emplace(key, keyed_.size());
  if (is_new) keyed_.push_back({{kind, kNoProcess, {}}, INT64_MAX});
  Keyed& keyed = keyed_[found->second];
  if (is_global || (!is_new && time >= keyed.since)) return &keyed.track;
  keyed.since = time;
  keyed.track.process = record.owner;
  const std::string_view text(reinterpret_cast<const char*>(rest), record.name_size);
  keyed.track.name = record.has_name() ? TextIn(texts_, {record.name_id, text}) : std::string_view();
  return &keyed.track;
}

std::vector<EventSurvey::Track> EventSurvey::Tracks() const {
  std::vector<Track> tracks;
  std::unordered_map<std::string, size_t> async_of;
  for (const Keyed& keyed : keyed_) {
    if (keyed.track.kind == Track::Kind::kAsync) {
      const std::string key = std::to_string(keyed.track.process) + " " + keyed.track.name;
      const auto [found, is_new] = async_of.emplace(key, tracks.size());
      if (!is_new) {
        tracks[found->second].events += keyed.track.events;
        ++tracks[found->second].lanes;
        continue;
      }
    }
    tracks.push_back(keyed.track);
  }
  return tracks;
}

}  // namespace tracesmith
