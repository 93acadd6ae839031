#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "../chrome_json/event_reader.h"
#include "../sorting/record_sorter.h"
#include "compact_args.h"
#include "cpu_profiles.h"
#include "event_record.h"
#include "identities.h"
#include "text_pool.h"

namespace tracesmith {

// Takes in the events of a trace in the order of the file, as an EventReader tells them: each becomes a
// record of a sorter, or says something about a process or thread, or is counted as one that means nothing
// on a timeline or cannot be read. What several events mean together is found out when they are sorted.
class EventCollector {
 public:
  // All must outlive the collector.
  EventCollector(TextPool& texts, Identities& identities, RecordSorter& records, CpuProfiles& profiles)
      : texts_(texts), identities_(identities), records_(records), profiles_(profiles), args_(texts) {}

  // The sink for the arguments of the next event.
  ArgRecorder* args() { return &args_; }
  void operator()(const ChromeEvent& event);

  uint64_t events() const { return events_; }
  // By phase; the last two are other texts and none.
  static constexpr size_t kOtherPhases = 128;
  static constexpr size_t kNoPhase = 129;
  using Phases = std::array<uint64_t, kNoPhase + 1>;
  const Phases& phases() const { return phases_; }
  const Findings& findings() const { return findings_; }
  // Whether anything has to be paired or drawn, for which the sorted events must be gone through once more.
  bool needs_links() const { return needs_links_; }

 private:
  void AddComplete(const ChromeEvent& event);
  void AddHalf(const ChromeEvent& event, RecordKind kind);
  void AddAsync(const ChromeEvent& event, RecordKind kind);
  void AddInstant(const ChromeEvent& event);
  void AddCounters(const ChromeEvent& event);
  void AddCounter(const ChromeEvent& event, std::string_view arg, double value);
  void AddFlowPoint(const ChromeEvent& event);
  void AddMetadata(const ChromeEvent& event);

  // Gives whether the event has a time; else it is dropped.
  bool HasTime(const ChromeEvent& event);
  void BindFlow(const ChromeEvent& event, EventRecord* record);
  void Add(const ChromeEvent& event, uint64_t rank, EventRecord record);
  void Write(uint64_t time, uint64_t rank, EventRecord record, std::string_view name, std::string_view category);
  uint64_t IdentityOf(std::string_view text);
  std::string TextOfArg(std::string_view key);
  void Drop(const ChromeEvent& event, const char* reason) { Note(event, FindingCategory::kDropped, reason); }
  void Note(const ChromeEvent& event, FindingCategory category, const char* reason);

  TextPool& texts_;
  Identities& identities_;
  RecordSorter& records_;
  CpuProfiles& profiles_;
  ArgRecorder args_;
  uint64_t events_ = 0;
  Phases phases_{};
  Findings findings_;
  bool has_complete_ = false;
  bool needs_links_ = false;
  std::string counter_name_;
  uint64_t bound_flow_ = 0;  // the key of the next record with one
};

}  // namespace tracesmith
