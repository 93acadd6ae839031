#include "trim/survey.h"

#include <algorithm>

#include "trim/fields.h"
#include "trim/ftrace.h"
#include "trim/samples.h"

namespace tracesmith::trim {

Survey::Survey(const Options& options, Tracks& tracks, const Texts& texts, Walker& walker, LateTracks& late)
    : options_(options),
      needs_slices_(!options.names.empty() || !options.prefix.empty()),
      tracks_(tracks),
      texts_(texts),
      walker_(walker),
      stacks_(late, [this](OpenSlice& slice, const SliceEnd* end, OpenSlice*) {
        const SliceEvent& event = slice.event;
        if (!IsWanted(event.name)) return;
        named_.push_back({event.name, event.time, end == nullptr ? 0 : end->time, end != nullptr});
      }) {}

void Survey::Add(const WalkedPacket& packet) {
  const ByteSpan content = packet.facts->content;
  const uint32_t field = packet.facts->content_field;
  switch (field) {
    case packet_field::kTrackDescriptor:
      tracks_.Learn(content, walker_.damage());
      break;
    case packet_field::kProcessDescriptor:
      tracks_.LearnProcess(content, walker_.damage());
      break;
    case packet_field::kThreadDescriptor:
      tracks_.LearnThread(content, walker_.damage());
      break;
    case packet_field::kFtraceEvents:
      ForEachBundleTime(packet, walker_, [this](int64_t time) { Include(time); });
      break;
    case packet_field::kStreamingProfilePacket:
      ForEachSampleTime(packet, walker_, [this](int64_t time) { Include(time); });
      break;
  }
  if (packet.event != nullptr) ++events_;
  if (!packet.has_time || IsDescription(field)) return;
  const int64_t end = tracesmith::trim::Add(packet.time, packet.duration);
  Include(packet.time);
  Include(end);
  if (packet.event != nullptr && needs_slices_) AddEvent(packet, end);
}

void Survey::AddEvent(const WalkedPacket& packet, int64_t end) {
  const EventKind kind = packet.event->kind;
  if (kind == EventKind::kInstant) {
    if (IsWanted(packet.name)) named_.push_back({packet.name, packet.time, packet.time, true});
  } else if (kind == EventKind::kBegin || kind == EventKind::kEnd || kind == EventKind::kComplete) {
    stacks_.Add({kind, packet.has_name, true, packet.track, packet.name, events_, packet.time, end, {}});
  }
}

bool Survey::IsWanted(uint32_t name) {
  if (name >= is_wanted_.size()) is_wanted_.resize(std::max<size_t>(name + 1, texts_.size()), -1);
  if (is_wanted_[name] < 0) {
    const std::string& text = texts_[name];
    const bool has_prefix = !options_.prefix.empty() && text.compare(0, options_.prefix.size(), options_.prefix) == 0;
    is_wanted_[name] = has_prefix || options_.names.count(text) != 0;
  }
  return is_wanted_[name] != 0;
}

void Survey::Include(int64_t time) {
  start_ = has_time_ ? std::min(start_, time) : time;
  // As if every trace began at 0 where nothing is later.
  end_ = std::max(end_, time);
  has_time_ = true;
}

}  // namespace tracesmith::trim
