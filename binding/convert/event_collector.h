#pragma once

#include <cstdint>

#include "sorting/record_sorter.h"
#include "profile/cpu_profiles.h"
#include "chrome_json/identities.h"
#include "convert/parsed_block.h"

namespace tracesmith {

// Takes in the parsed blocks of a trace in the order of the file, and adds to their records what depends on
// that order: which processes and threads there are, and whether there was a complete event before.
class EventCollector {
 public:
  // All must outlive the collector.
  EventCollector(Identities& identities, RecordSorter& records, CpuProfiles& profiles)
      : identities_(identities), records_(records), profiles_(profiles) {}

  void Take(const ParsedBlock& block);

  uint64_t events() const { return events_; }
  // See ParsedBlock.
  static constexpr size_t kOtherPhases = ParsedBlock::kOtherPhases;
  static constexpr size_t kNoPhase = ParsedBlock::kNoPhase;
  using Phases = ParsedBlock::Phases;
  const Phases& phases() const { return phases_; }
  // Whether anything has to be paired or drawn, for which the sorted events must be gone through once more.
  bool needs_links() const { return needs_links_; }

 private:
  void TakeIdentities(const ParsedBlock& block);
  void Name(const ParsedBlock::Naming& naming);
  void AddRecord(const ParsedBlock& block, const ParsedBlock::Item& item);

  Identities& identities_;
  RecordSorter& records_;
  CpuProfiles& profiles_;
  Identities::Mapping here_;  // of what the block names
  uint64_t events_ = 0;
  Phases phases_{};
  bool has_complete_ = false;
  bool needs_links_ = false;
};

}  // namespace tracesmith
