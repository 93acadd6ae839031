// What the columns of an event batch hold. lib/batch/layout.ts is the TypeScript side of this file
// and explains each value; the two must agree number by number, which test/batch/layout.test.ts checks.
#pragma once

#include <cstdint>

namespace tracesmith {

enum class RowKind : uint8_t {
  kSlice = 1,
  kInstant = 2,
  kOpen = 3,
  kClose = 4,
  kCounter = 5,
  kFlowPoint = 6,
  kTrack = 7,
  kBegin = 8,
  kEnd = 9,
  kMetadata = 10,
};

enum class Channel : uint8_t { kNone = 0, kKernel = 1, kRange = 2, kCollective = 3 };

enum RowFlag : uint8_t {
  kTimeIs64Bit = 1,
  kExtentIs64Bit = 2,
  kHasExtent = 4,
  kKeepsPlace = 8,
  kIsInside = 16,
  kIsHeld = 32,
  kReleases = 64,
};

enum AttrHead : uint32_t { kKeyShift = 6, kIs64Bit = 32 };
constexpr uint32_t kMaxStrings = 67108864;

enum class AttrType : uint8_t {
  kText = 1,
  kInt = 2,
  kUint = 3,
  kDouble = 4,
  kBool = 5,
  kPointer = 6,
  kDict = 7,
  kArray = 8,
  kEnd = 9,
  kLaunch = 10,
  kCorrelation = 11,
  kFlowOut = 12,
  kFlowIn = 13,
  kCallStack = 14,
  kFlow = 15,
  kTerminatingFlow = 16,
  kJson = 17,
};

constexpr uint32_t kLaunchWords = 9;
enum LaunchHas : uint32_t { kGrid = 1, kBlock = 2, kSharedMemory = 4, kRegisters = 8 };

constexpr uint32_t kFrameWords = 5;

enum class TrackKind : uint8_t { kProcess = 1, kThread = 2, kPlain = 3, kCounter = 4 };

enum class TrackProperty : uint32_t {
  kPid = 1,
  kTid = 2,
  kSortIndex = 3,
  kLabel = 4,
  kUnit = 5,
  kRank = 6,
  kChildOrdering = 7,
  kDescription = 8,
  kCommandLine = 9,
  kUnitName = 10,
  kUnitMultiplier = 11,
  kIncremental = 12,
  kYAxisShareKey = 13,
  kGpu = 14,
  kGpuVendor = 15,
  kGpuArchitecture = 16,
  kGpuUuid = 17,
  kGpuPciBdf = 18,
  kGpuStream = 19,
  kGpuEvents = 20,
};

enum class GpuEvents : uint32_t { kTracks = 1, kRenderStages = 2, kBoth = 3 };

constexpr uint32_t kMaxArgDepth = 64;

}  // namespace tracesmith
