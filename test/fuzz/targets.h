#pragma once

#include <cstddef>
#include <cstdint>

// What is fuzzed. Each target takes any bytes, and throws where something is wrong that no sanitizer sees.
namespace tracesmith::test {

struct FuzzTarget {
  const char* name;
  void (*run)(const uint8_t* data, size_t size);
};

// Batches as they come from JavaScript, into a whole trace, a stream and an encoder on other threads.
void FuzzBatches(const uint8_t* data, size_t size);
// A JSON file, through the whole conversion.
void FuzzConversion(const uint8_t* data, size_t size);
// JSON text, cut into events and read: the same without threads and files, many times as fast.
void FuzzEventText(const uint8_t* data, size_t size);
// What a file is, and gzip.
void FuzzInputFile(const uint8_t* data, size_t size);
// A CPU profile.
void FuzzProfile(const uint8_t* data, size_t size);

constexpr FuzzTarget kFuzzTargets[] = {
    {"batches", FuzzBatches},      {"conversion", FuzzConversion}, {"event_text", FuzzEventText},
    {"input_file", FuzzInputFile}, {"profile", FuzzProfile},
};

}  // namespace tracesmith::test
