#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

// The fields of perfetto.protos.TracePacket and of the messages in it that trimming looks at; some are newer than the
// SDK. The same tables are in lib/protobuf/packets.ts and lib/trim.
namespace tracesmith::trim {

namespace packet_field {
constexpr uint32_t kFtraceEvents = 1;
constexpr uint32_t kClockSnapshot = 6;
constexpr uint32_t kTimestamp = 8;
constexpr uint32_t kSequenceId = 10;
constexpr uint32_t kTrackEvent = 11;
constexpr uint32_t kInternedData = 12;
constexpr uint32_t kSequenceFlags = 13;
constexpr uint32_t kIncrementalStateCleared = 41;
constexpr uint32_t kPreviousPacketDropped = 42;
constexpr uint32_t kProcessDescriptor = 43;
constexpr uint32_t kThreadDescriptor = 44;
constexpr uint32_t kCompressedPackets = 50;
constexpr uint32_t kGpuRenderStageEvent = 53;
constexpr uint32_t kStreamingProfilePacket = 54;
constexpr uint32_t kClockId = 58;
constexpr uint32_t kDefaults = 59;
constexpr uint32_t kTrackDescriptor = 60;
constexpr uint32_t kFirstPacketOnSequence = 87;
constexpr uint32_t kTraceAttributes = 126;
constexpr uint32_t kZstdCompressedPackets = 133;
}  // namespace packet_field

// Bits of SequenceFlags.
constexpr uint64_t kStateCleared = 1;
constexpr uint64_t kNeedsState = 2;

// perfetto.protos.BuiltinClock.
constexpr uint32_t kMonotonic = 3;
constexpr uint32_t kMonotonicRaw = 5;
constexpr uint32_t kBoottime = 6;

template <size_t size>
constexpr std::array<bool, 160> TableOf(const uint32_t (&fields)[size]) {
  std::array<bool, 160> table{};
  for (const uint32_t field : fields) table[field] = true;
  return table;
}

// Whether a field stands beside the content of a packet.
inline bool IsBesideContent(uint32_t field) {
  constexpr uint32_t kFields[] = {3, 8, 10, 12, 13, 41, 42, 58, 59, 79, 87, 98};
  static constexpr auto kTable = TableOf(kFields);
  return field < kTable.size() && kTable[field];
}

// Whether a content describes the trace and holds no event: it stays wherever its time lies, since others rely on it.
inline bool IsDescription(uint32_t content) {
  constexpr uint32_t kFields[] = {0,  2,  6,  33, 34, 35, 36, 43, 44, 45,  47,  51,  60,  61,  64,
                                  67, 69, 70, 72, 78, 82, 83, 89, 105, 122, 123, 124, 126, 128, 130};
  static constexpr auto kTable = TableOf(kFields);
  return content < kTable.size() && kTable[content];
}

}  // namespace tracesmith::trim
