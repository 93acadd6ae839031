#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "convert/event_record.h"
#include "convert/text_pool.h"

namespace tracesmith {

// Problem: users want to know what a trace holds without converting it. An EventSurvey counts the events that an
// EventCollector would sort: by kind, by track, and from when to when.
//
// It keeps the tracks, not the events; the texts are the caller's. One thread at a time may use it.
class EventSurvey {
 public:
  // A track that is neither a process nor a thread.
  struct Track {
    enum class Kind : uint8_t { kAsync, kCounter, kGlobal };
    Kind kind;
    uint32_t process;  // kNoProcess: none
    std::string name;
    uint64_t events = 0;
    uint64_t lanes = 1;  // tracks of the same name in the process
  };
  static constexpr uint32_t kNoProcess = UINT32_MAX;

  struct Counts {
    uint64_t slices = 0;
    uint64_t instants = 0;
    uint64_t counters = 0;
    uint64_t flow_points = 0;
  };

  // The texts must outlive the survey.
  explicit EventSurvey(const TextPool& texts) : texts_(texts) {}

  // `rest` is what follows the head of the record.
  void Add(const EventRecord& record, int64_t time, const uint8_t* rest);
  // Adds a time to the span.
  void Include(int64_t time);

  const Counts& counts() const { return counts_; }
  // In the order of their first events; async tracks of one name in a process are one.
  std::vector<Track> Tracks() const;
  uint64_t EventsOfThread(uint32_t thread) const { return thread < on_thread_.size() ? on_thread_[thread] : 0; }
  uint64_t EventsOfProcess(uint32_t process) const { return process < on_process_.size() ? on_process_[process] : 0; }

  // ns; meaningless if nothing has a time.
  bool has_time() const { return first_ <= last_; }
  int64_t first() const { return first_; }
  int64_t last() const { return last_; }
  // The lowest time above 0; INT64_MAX if there is none.
  int64_t first_above_zero() const { return first_above_zero_; }

 private:
  // A track by its key; the earliest event names it.
  struct Keyed {
    Track track;
    int64_t since;
  };

  static void CountIn(std::vector<uint64_t>* counts, uint32_t owner);
  Track* TrackOf(const EventRecord& record, int64_t time, const uint8_t* rest);

  const TextPool& texts_;
  Counts counts_;
  std::vector<uint64_t> on_thread_;
  std::vector<uint64_t> on_process_;
  std::vector<Keyed> keyed_;
  std::unordered_map<uint64_t, size_t> keyed_of_;
  int64_t first_ = INT64_MAX;
  int64_t last_ = INT64_MIN;
  int64_t first_above_zero_ = INT64_MAX;
};

}  // namespace tracesmith
