#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "chrome_json/chrome_event.h"

namespace tracesmith {

// Problem: events name processes and threads by numbers or texts, millions of times. A ProcessTable numbers the
// processes and threads from 0, in the order in which they first appear, and keeps the names and properties that
// metadata events set. A number and a text that spells it are the same id.
//
// It owns all its texts. One thread at a time may use it: each parser of blocks has a table of its own, and AddFrom()
// adds its entries to that of the trace.
class ProcessTable {
 public:
  static constexpr int64_t kAbsent = INT64_MIN;
  struct Id {
    std::string text;        // as it is written
    bool is_number = false;  // `number` is the id
    int64_t number = 0;
  };
  struct Entry {
    Id id;
    std::string name{};
    int64_t sort_index = kAbsent;
  };
  struct Process : Entry {
    std::vector<std::string> labels{};
    bool has_gpu_work = false;
  };
  struct Thread : Entry {
    uint32_t process;
  };

  // Return the number of the entry, which they add if it is new. An event without a tid belongs to the main thread,
  // whose tid is the pid.
  uint32_t ThreadOf(const EventId& pid, const EventId& tid);
  // The first thread with this id, of whatever process; a new one of a process without an id if there is none.
  uint32_t ThreadWithTid(const EventId& tid);
  uint32_t ProcessOf(const EventId& pid) { return ProcessWith(IdOf(pid)); }

  // The numbers in this table of the entries of another table.
  struct Mapping {
    std::vector<uint32_t> processes;
    std::vector<uint32_t> threads;
  };
  // Adds the first `processes` and `threads` of a table of a part of the trace, except those that the mapping already
  // has. Does not copy their names.
  void AddFrom(const ProcessTable& other, size_t processes, size_t threads, Mapping* mapping);
  void Clear();

  Process& process(uint32_t index) { return processes_[index]; }
  const std::vector<Process>& processes() const { return processes_; }
  Thread& thread(uint32_t index) { return threads_[index]; }
  const std::vector<Thread>& threads() const { return threads_; }

  // The id as it is written.
  static std::string TextOf(const EventId& id) { return IdOf(id).text; }

  // The number of the GPU that a process stands for in a trace of Kineto; -1 if it is no GPU.
  int64_t GpuOf(uint32_t process) const;

 private:
  static Id IdOf(const EventId& id);
  uint32_t ProcessWith(Id id);
  uint32_t ThreadWith(uint32_t process, Id id);

  std::vector<Process> processes_;
  std::vector<Thread> threads_;
  std::unordered_map<std::string, uint32_t> process_of_;  // by id
  std::unordered_map<std::string, uint32_t> thread_of_;   // by process and id
  // The last results of ThreadOf(), by a hash of the ids: most events belong to a thread of the events before.
  struct Last {
    int64_t pid = 0;
    int64_t tid = 0;
    uint32_t thread = 0;
    bool is_set = false;
  };
  static constexpr size_t kLast = 64;
  Last last_[kLast];
};

}  // namespace tracesmith
