#pragma once

#include <perfetto.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "order/event_table.h"
#include "order/whole_timeline.h"

namespace tracesmith::test {

// Encodes what TraceEncoder encodes, in the plainest way that the format has: the SDK's typed setters
// only, absolute times, every string where it is used. It shares the order of events (WholeTimeline) with
// the encoder and nothing below it, neither tracks and uuids nor any writing. It is what the encoder is
// held to, packet by packet, and what it is measured against.
class ReferenceEncoder {
 public:
  // Takes the events of the table apart as WholeTimeline does; the table must outlive the encoder.
  explicit ReferenceEncoder(EventTable& table);

  // May be called once.
  void Encode();

  const TimelineCounts& counts() const { return counts_; }
  std::vector<uint8_t> Bytes() { return trace_.SerializeAsArray(); }
  // Without making one array of it.
  size_t Size();

  // Called by the timeline.
  void Begin(const Event& event, uint32_t lane, Arrows::Span arrows);
  void End(uint32_t track, uint32_t lane, uint64_t time);
  void Complete(const Event& event);
  void Instant(const Event& event, Arrows::Span arrows);
  void Counter(const Event& event);

 private:
  using TrackEvent = perfetto::protos::pbzero::TrackEvent;
  using DebugAnnotation = perfetto::protos::pbzero::DebugAnnotation;
  using TrackDescriptor = perfetto::protos::pbzero::TrackDescriptor;

  static constexpr uint32_t kSequenceId = 7;

  uint64_t NewUuid();
  uint64_t UuidOf(uint32_t track, uint32_t lane);
  TrackDescriptor* AddDescriptor(uint64_t uuid, const Track& track);
  void WriteTrack(uint32_t track);
  bool HasProperty(const Track& track, TrackProperty property, int64_t* value) const;
  TrackEvent* AddEvent(TrackEvent::Type type, uint64_t time, uint64_t uuid, bool uses_call_stacks);
  void WriteEvent(TrackEvent::Type type, const Event& event, uint32_t lane, Arrows::Span arrows);
  void WriteLaunch(uint32_t launch, TrackEvent* event);
  // Gives the index of the attribute behind the argument.
  uint32_t WriteArgument(uint32_t attr, bool has_name, DebugAnnotation* annotation);
  void WriteCallStacks();
  std::string_view StringOf(uint32_t id) const { return table_.strings()[id]; }

  EventTable& table_;
  protozero::HeapBuffered<perfetto::protos::pbzero::Trace> trace_;
  TimelineCounts counts_;
  std::unordered_set<uint64_t> taken_uuids_;
  uint64_t last_uuid_ = 1000;
  std::vector<std::vector<uint64_t>> uuids_;  // by track and lane
  // "[256,1,1]" of grid and block: making them anew would time std::to_string, not the setters.
  std::vector<std::pair<std::string, std::string>> launch_texts_;
};

}  // namespace tracesmith::test
