#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// What a trace says, whatever bytes it says it with: interned strings are resolved, times absolute,
// and tracks numbered in the order of their descriptors. Two encoders may choose other uuids, iids
// and clocks and must still agree on this.
namespace tracesmith::test {

enum class ValueType : uint8_t { kNone, kBool, kUint, kInt, kDouble, kPointer, kString, kDict, kArray };

struct DecodedArgument {
  std::string name;
  ValueType type = ValueType::kNone;
  uint64_t bits = 0;  // of anything but strings and what holds others
  std::string text;
  std::vector<DecodedArgument> children;

  bool operator==(const DecodedArgument& other) const;
};

struct DecodedFrame {
  std::string function;
  std::string file;
  uint64_t line = 0;
  uint64_t address = 0;

  bool operator==(const DecodedFrame& other) const;
};

struct DecodedEvent {
  // As TrackEvent numbers them.
  enum class Type : int32_t { kUnspecified, kSliceBegin, kSliceEnd, kInstant, kCounter };

  uint64_t time = 0;
  size_t track = 0;
  Type type = Type::kUnspecified;
  std::string name;
  std::vector<std::string> categories;
  std::vector<DecodedArgument> arguments;
  std::vector<uint64_t> flows;
  std::vector<uint64_t> terminating_flows;
  bool has_call_stack = false;
  std::vector<DecodedFrame> call_stack;
  // A double that is an integer of at most 53 bits counts as that integer: an encoder may write either.
  enum class Counter : uint8_t { kNone, kInteger, kDouble } counter = Counter::kNone;
  uint64_t counter_bits = 0;

  bool operator==(const DecodedEvent& other) const;
};

constexpr size_t kNoTrack = SIZE_MAX;

struct DecodedTrack {
  uint64_t uuid = 0;       // not compared
  size_t parent = kNoTrack;  // number of the parent track
  // Every other field that a descriptor has, in words.
  std::string fields;

  bool operator==(const DecodedTrack& other) const;
};

struct DecodedTrace {
  std::vector<DecodedTrack> tracks;
  std::vector<DecodedEvent> events;
};

std::string Describe(const DecodedEvent& event);
std::string Describe(const DecodedTrack& track);

// Fails at the first track or event in which they differ.
void CheckSameTrace(const DecodedTrace& actual, const DecodedTrace& expected);

// Reads a trace with the SDK's decoders. Fails where it is malformed or says something that a reader
// would lose: an event on a track without descriptor, an iid that nothing defined before.
DecodedTrace DecodeTrace(const std::vector<uint8_t>& bytes);

}  // namespace tracesmith::test
