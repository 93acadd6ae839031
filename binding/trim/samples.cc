#include "trim/samples.h"

#include <vector>

namespace tracesmith::trim {
namespace {

// perfetto.protos.StreamingProfilePacket.
constexpr uint32_t kCallstackIid = 1;
constexpr uint32_t kTimestampDelta = 2;

struct Samples {
  std::vector<uint64_t> stacks;
  std::vector<int64_t> steps;
  int64_t begin = 0;  // microseconds
};

// Writes the fields that are no samples.
Samples ReadSamples(const WalkedPacket& packet, Walker& walker, MessageWriter* others) {
  Samples samples;
  // The walker has added the steps of this packet already.
  samples.begin = packet.sequence->microseconds;
  FieldReader fields(packet.facts->content, walker.damage());
  while (fields.Next()) {
    if (fields.field() == kCallstackIid) {
      fields.Integers([&](uint64_t stack) { samples.stacks.push_back(stack); });
    } else if (fields.field() == kTimestampDelta) {
      fields.Integers([&](uint64_t value) {
        const auto step = static_cast<int64_t>(value);
        samples.steps.push_back(step);
        samples.begin = Subtract(samples.begin, step);
      });
    } else if (others != nullptr) {
      others->Raw(fields.raw());
    }
  }
  return samples;
}

}  // namespace

void ForEachSampleTime(const WalkedPacket& packet, Walker& walker, const std::function<void(int64_t)>& visit) {
  const Samples samples = ReadSamples(packet, walker, nullptr);
  int64_t at = samples.begin;
  for (const int64_t step : samples.steps) visit(walker.FromMicroseconds(at = Add(at, step), packet.sequence));
}

TrimmedSamples TrimSamples(const WalkedPacket& packet, Walker& walker, const Windows* windows, int64_t gone,
                           MessageWriter* written) {
  const Samples samples = ReadSamples(packet, walker, written);
  TrimmedSamples trimmed;
  trimmed.left = gone;
  int64_t at = samples.begin;
  for (size_t i = 0; i < samples.stacks.size(); ++i) {
    const int64_t step = i < samples.steps.size() ? samples.steps[i] : 0;
    at = Add(at, step);
    if (windows != nullptr && !windows->Has(walker.FromMicroseconds(at, packet.sequence))) {
      trimmed.left = Add(trimmed.left, step);
      ++trimmed.dropped;
      continue;
    }
    ++trimmed.kept;
    written->Integer(kCallstackIid, samples.stacks[i]);
    written->Integer(kTimestampDelta, static_cast<uint64_t>(Add(step, trimmed.left)));
    trimmed.left = 0;
  }
  return trimmed;
}

}  // namespace tracesmith::trim
