#include "trim/survey.h"

#include <algorithm>

#include "trim/fields.h"
#include "trim/ftrace.h"
#include "trim/samples.h"

namespace tracesmith::trim {

void Survey::Add(const WalkedPacket& packet) {
  if (packet.is_skipped) return;
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
  if (packet.event != nullptr) AddEvent(packet);
  if (!packet.has_time || IsDescription(field)) return;
  Include(packet.time);
  if (packet.duration != 0) Include(tracesmith::trim::Add(packet.time, packet.duration));
}

void Survey::AddEvent(const WalkedPacket& packet) {
  const EventFacts& facts = *packet.event;
  event_.kind = facts.kind;
  event_.has_time = packet.has_time;
  event_.time = packet.time;
  event_.duration = packet.duration;
  event_.track = packet.track;
  event_.is_plain = facts.is_plain();
  event_.has_name = walker_.NameOf(packet, &event_.name);
  event_.categories = facts.categories.empty() ? 0 : log_.ListOf(walker_.CategoriesOf(packet));
  event_.flows.clear();
  for (uint32_t i = facts.flows.begin; i != facts.flows.end; ++i) event_.flows.push_back(packet.block->flows[i].id);
  log_.Add(event_);
}

void Survey::Include(int64_t time) {
  start_ = has_time_ ? std::min(start_, time) : time;
  // As if every trace began at 0 where nothing is later.
  end_ = std::max(end_, time);
  has_time_ = true;
}

NamedTimes::NamedTimes(const WantedNames& wanted, const Texts& texts, LateTracks& late)
    : stacks_(late, [this](OpenSlice& slice, const SliceEnd* end, OpenSlice*) {
        if (is_wanted_[slice.name]) times_.push_back({slice.name, slice.begin, end == nullptr ? 0 : end->time, end != nullptr});
      }) {
  for (uint32_t name = 0; name < texts.size(); ++name) {
    const std::string& text = texts[name];
    const bool has_prefix = !wanted.prefix.empty() && text.compare(0, wanted.prefix.size(), wanted.prefix) == 0;
    is_wanted_.push_back(has_prefix || wanted.names.count(text) != 0);
  }
}

void NamedTimes::Add(const LoggedEvent& event, uint64_t index) {
  if (!event.has_time) return;
  if (IsOfSlice(event.kind)) {
    stacks_.Add(event, index, true);
  } else if (event.kind == EventKind::kInstant && is_wanted_[event.name]) {
    times_.push_back({event.name, event.time, event.time, true});
  }
}

}  // namespace tracesmith::trim
