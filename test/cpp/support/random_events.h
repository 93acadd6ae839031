#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "batch_builder.h"

namespace tracesmith::test {

// Everything that a batch may hold, at random and reproducible by the seed: few tracks, times, ids and
// lengths, so that everything meets everything.
class RandomEvents {
 public:
  explicit RandomEvents(uint32_t seed);

  // Defines the tracks, in the first batch, then adds `rows` rows.
  Columns NextBatch(size_t rows);

 private:
  uint64_t Below(uint64_t limit);
  bool OneIn(uint64_t times) { return Below(times) == 0; }
  template <typename T>
  T Pick(std::initializer_list<T> values) {
    return values.begin()[Below(values.size())];
  }
  std::string Word();
  uint64_t Time();
  uint64_t LengthFrom(uint64_t time);

  void AddTracks();
  void AddMoreTracks();
  void AddRow();
  void AddSample(uint32_t track);
  void AddArguments(int depth);
  void AddValue(const std::string& key, int depth);
  void AddFlows();
  void AddCallStack();

  std::mt19937_64 engine_;
  BatchBuilder builder_;
  bool has_tracks_ = false;
  std::vector<uint32_t> tracks_;
  std::vector<uint32_t> counters_;
  uint64_t first_time_;
  uint64_t time_range_;
  uint64_t flow_rarity_;
};

}  // namespace tracesmith::test
