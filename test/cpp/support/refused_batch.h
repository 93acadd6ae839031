#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "batch_builder.h"

// Bad batches, each made of a good one by changing one thing.
namespace tracesmith::test {

// Times are below it.
constexpr uint64_t kEndOfTime = uint64_t{1} << 63;

// Two good batches, the second of which has one row of each kind. Tracks 0 and 1, a plain one and a
// counter, are of the first.
struct BatchSequence {
  BatchSequence();

  Columns first;
  Columns second;
};

// In the second batch: rows, then attributes, first the slice's, then the instant's.
constexpr size_t kSliceRow = 0, kInstantRow = 1, kCounterRow = 2, kTrackRow = 3, kLastRow = 3;
constexpr size_t kText = 0, kDict = 1, kInner = 2, kEnd = 3, kLaunchAttr = 4, kStack = 5, kBool = 6, kInt = 7;
constexpr size_t kDouble = 8, kUint = 9, kPointer = 10;
// And words: a launch, then a call stack of one frame: its count, function, file, line, address.
constexpr size_t kFrameCountWord = kLaunchWords, kFunctionWord = kLaunchWords + 1, kFileWord = kLaunchWords + 2;

using Change = std::function<void(Columns&)>;

// Changes the second batch and checks that it is refused with a message that begins with `message`, a
// column and a place, and that the encoder is then as if it had not come.
void CheckRefused(const std::string& message, const Change& change);

template <typename T>
void CheckRefused(const std::string& message, std::vector<T> Columns::*column, size_t index, T value) {
  CheckRefused(message, [&](Columns& batch) { (batch.*column)[index] = value; });
}

// Changes the second batch and checks that it is taken, and that the trace can be read.
void CheckTaken(const Change& change);

// The first id that no string has behind the second batch.
uint32_t Beyond(const Columns& second);

inline uint64_t Bits(double value) { return BatchBuilder::Bits(value); }

}  // namespace tracesmith::test
