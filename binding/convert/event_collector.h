#pragma once

#include <cstdint>

#include "chrome_json/process_table.h"
#include "convert/event_record.h"
#include "convert/event_survey.h"
#include "profile/cpu_profiles.h"
#include "sorting/record_sorter.h"

namespace tracesmith {

// Problem: threads parse blocks of a trace independently, but numbers of processes and threads, and the ranks of ends,
// depend on the order of the file. An EventCollector receives the parsed blocks in this order, completes their records
// and adds them to a sorter.
//
// With a survey it counts the records and sorts none.
//
// The table, the sorter and the profiles are the caller's. One thread at a time may use it.
class EventCollector {
 public:
  // All must outlive the collector.
  EventCollector(ProcessTable& process_table, RecordSorter& records, CpuProfiles& profiles,
                 EventSurvey* survey = nullptr)
      : process_table_(process_table), records_(records), profiles_(profiles), survey_(survey) {}

  void Add(const ParsedBlock& block);

  uint64_t events() const { return events_; }
  // Events that have a place in the trace; of a counter each value.
  uint64_t records() const { return record_count_; }
  // ns; 0 if no time is below.
  int64_t lowest_time() const { return lowest_time_; }
  const ParsedBlock::Phases& phases() const { return phases_; }
  // Whether a Linker must read the sorted records, to pair events or draw arrows.
  bool needs_links() const { return needs_links_; }

 private:
  void Name(const ParsedBlock::Naming& naming);
  void AddRecord(const ParsedBlock& block, const ParsedBlock::Event& event);

  ProcessTable& process_table_;
  RecordSorter& records_;
  CpuProfiles& profiles_;
  EventSurvey* const survey_;  // may be null
  ProcessTable::Mapping mapping_;  // from the numbers of the block
  uint64_t events_ = 0;
  uint64_t record_count_ = 0;
  int64_t lowest_time_ = 0;
  ParsedBlock::Phases phases_{};
  bool needs_links_ = false;
};

}  // namespace tracesmith
