#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "chrome_json/chrome_event.h"

namespace tracesmith {

// The processes and threads that events name, in the order in which they first appear, and what metadata
// events say about them. A number and a text that spells it are one.
class Identities {
 public:
  struct Process {
    std::string id;      // as it is written
    bool is_number;
    int64_t number;
    std::string name;
    std::vector<std::string> labels;
    int64_t sort_index;  // kAbsent: none
    bool has_gpu_work = false;
  };
  struct Thread {
    uint32_t process;
    std::string id;
    bool is_number;
    int64_t number;
    std::string name;
    int64_t sort_index;
  };
  static constexpr int64_t kAbsent = INT64_MIN;

  // Without a tid it is the main thread, whose tid is the pid.
  uint32_t ThreadOf(const EventId& pid, const EventId& tid);
  uint32_t ProcessOf(const EventId& pid);

  // Where those of another, which saw a part of the trace, are here.
  struct Mapping {
    std::vector<uint32_t> processes;
    std::vector<uint32_t> threads;
  };
  // Takes in the first processes and threads of that other, other than those that the mapping has already.
  // What they are called stays behind.
  void TakeIn(const Identities& other, size_t processes, size_t threads, Mapping* mapping);
  void Clear();

  Process& process(uint32_t index) { return processes_[index]; }
  const std::vector<Process>& processes() const { return processes_; }
  Thread& thread(uint32_t index) { return threads_[index]; }
  const std::vector<Thread>& threads() const { return threads_; }

  // As it is written.
  static std::string TextOf(const EventId& id) { return NameOf(id).text; }

  // The number of the GPU that a process stands for, as Kineto writes them; -1 for one that is none.
  int64_t GpuOf(uint32_t process) const;

 private:
  struct Name {
    std::string text;
    bool is_number;
    int64_t number;
  };
  static Name NameOf(const EventId& id);
  uint32_t ProcessNamed(Name name);
  uint32_t ThreadNamed(uint32_t process, Name name);

  std::vector<Process> processes_;
  std::vector<Thread> threads_;
  std::unordered_map<std::string, uint32_t> process_of_;  // by id
  std::unordered_map<std::string, uint32_t> thread_of_;   // by process and id
  // The last answer: most events are of the thread of the one before.
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
