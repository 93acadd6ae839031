#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "io/io_status.h"
#include "io/temporary_file.h"
#include "trim/packet_facts.h"

namespace tracesmith::trim {

// A TrackEvent as far as it decides what stays.
struct LoggedEvent {
  EventKind kind = EventKind::kOther;
  bool has_time = false;
  bool has_name = false;
  bool is_plain = true;  // see EventFacts
  uint32_t track = 0;
  uint32_t name = 0;        // in Texts
  uint32_t categories = 0;  // in the log
  int64_t time = 0;
  int64_t duration = 0;  // of a complete one
  std::vector<uint64_t> flows;
};

// Problem: it takes several passes to decide what stays, and parsing packets takes the most of each. An EventLog keeps
// what the passes ask of the events, in about ten bytes an event: the first in memory, more of them in a temporary file.
// One thread at a time adds.
class EventLog {
 public:
  // `spill_path` is TemporaryFile's.
  explicit EventLog(std::string spill_path) : spill_path_(std::move(spill_path)) {}

  void Add(const LoggedEvent& event);
  // Comes behind the last event.
  IoStatus Finish();
  uint64_t size() const { return size_; }

  // The number of a list of categories, for Add().
  uint32_t ListOf(const std::vector<uint32_t>& categories);
  // Calls visit(category) for those of a list.
  template <typename Visit>
  void ForEachCategory(uint32_t list, Visit visit) const {
    if (list == 0) return;
    if (list % 2 == 1) return visit(list / 2);
    for (const uint32_t category : *lists_[list / 2 - 1]) visit(category);
  }

  // Calls visit(const LoggedEvent&) for all events in their order; false ends that. Any number of threads may do so.
  template <typename Visit>
  IoStatus ForEach(Visit visit) const {
    LoggedEvent event;
    std::vector<uint8_t> read;
    for (const Chunk& chunk : chunks_) {
      const uint8_t* at = chunk.bytes.data();
      if (chunk.bytes.empty()) {
        read.resize(chunk.size);
        const IoStatus status = file_.ReadAt(chunk.offset, read.data(), chunk.size);
        if (!status.ok()) return status;
        at = read.data();
      }
      const uint8_t* const end = at + chunk.size;
      event.time = 0;
      while (at != end) {
        at = Read(at, &event);
        if (!visit(static_cast<const LoggedEvent&>(event))) return {};
      }
    }
    return {};
  }

 private:
  struct Chunk {
    size_t size;
    uint64_t offset;             // in the file
    std::vector<uint8_t> bytes;  // empty if they are in the file
  };

  void EndChunk();
  static const uint8_t* Read(const uint8_t* at, LoggedEvent* event);

  const std::string spill_path_;
  std::vector<Chunk> chunks_;
  std::vector<uint8_t> filling_;
  int64_t last_time_ = 0;
  uint64_t size_ = 0;
  uint64_t in_memory_ = 0;
  uint64_t in_file_ = 0;
  TemporaryFile file_;
  bool has_file_ = false;
  IoStatus status_;
  std::map<std::vector<uint32_t>, uint32_t> numbers_;
  std::vector<const std::vector<uint32_t>*> lists_;  // keys of the map
};

}  // namespace tracesmith::trim
