#include "chrome_json/process_table.h"

#include <cctype>

namespace tracesmith {
namespace {

bool IsNumber(const EventId& id) { return id.kind == EventId::Kind::kInteger; }

// Reads a decimal number without leading zeros.
bool ReadDecimal(std::string_view text, int64_t* number) {
  const bool is_negative = !text.empty() && text[0] == '-';
  const std::string_view digits = text.substr(is_negative ? 1 : 0);
  if (digits.empty() || digits.size() > 18 || (digits[0] == '0' && text.size() > 1)) return false;
  int64_t value = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return false;
    value = value * 10 + (digit - '0');
  }
  *number = is_negative ? -value : value;
  return true;
}

}  // namespace

ProcessTable::Name ProcessTable::NameOf(const EventId& id) {
  switch (id.kind) {
    case EventId::Kind::kInteger:
      return {std::to_string(id.integer), true, id.integer};
    case EventId::Kind::kUnsigned:
      return {std::to_string(id.unsigned_integer), false, 0};
    case EventId::Kind::kNone:
      return {"", false, 0};
    default:
      break;
  }
  Name name{std::string(id.text), false, 0};
  name.is_number = ReadDecimal(id.text, &name.number);
  return name;
}

uint32_t ProcessTable::ProcessOf(const EventId& pid) { return ProcessNamed(NameOf(pid)); }

uint32_t ProcessTable::ProcessNamed(Name name) {
  const auto [found, is_new] = process_of_.emplace(name.text, static_cast<uint32_t>(processes_.size()));
  if (is_new) processes_.push_back({std::move(name.text), name.is_number, name.number, {}, {}, kAbsent});
  return found->second;
}

uint32_t ProcessTable::ThreadOf(const EventId& pid, const EventId& given_tid) {
  const EventId& tid = given_tid.kind == EventId::Kind::kNone ? pid : given_tid;
  const bool are_numbers = IsNumber(pid) && IsNumber(tid);
  Last& last = last_[(static_cast<uint64_t>(pid.integer) * 31 + static_cast<uint64_t>(tid.integer)) % kLast];
  if (are_numbers && last.is_set && last.pid == pid.integer && last.tid == tid.integer) return last.thread;
  const uint32_t thread = ThreadNamed(ProcessOf(pid), NameOf(tid));
  if (are_numbers) last = {pid.integer, tid.integer, thread, true};
  return thread;
}

uint32_t ProcessTable::ThreadNamed(uint32_t process, Name name) {
  const auto next = static_cast<uint32_t>(threads_.size());
  const auto [found, is_new] = thread_of_.emplace(std::to_string(process) + " " + name.text, next);
  if (is_new) threads_.push_back({process, std::move(name.text), name.is_number, name.number, {}, kAbsent});
  return found->second;
}

void ProcessTable::AddFrom(const ProcessTable& other, size_t processes, size_t threads, Mapping* mapping) {
  while (mapping->processes.size() < processes) {
    const Process& process = other.processes_[mapping->processes.size()];
    mapping->processes.push_back(ProcessNamed({process.id, process.is_number, process.number}));
  }
  for (size_t i = 0; i < processes; ++i) {
    if (other.processes_[i].has_gpu_work) processes_[mapping->processes[i]].has_gpu_work = true;
  }
  while (mapping->threads.size() < threads) {
    const Thread& thread = other.threads_[mapping->threads.size()];
    const uint32_t process = mapping->processes[thread.process];
    mapping->threads.push_back(ThreadNamed(process, {thread.id, thread.is_number, thread.number}));
  }
}

void ProcessTable::Clear() {
  processes_.clear();
  threads_.clear();
  process_of_.clear();
  thread_of_.clear();
  for (Last& last : last_) last.is_set = false;
}

int64_t ProcessTable::GpuOf(uint32_t index) const {
  const Process& process = processes_[index];
  if (!process.is_number || process.number < 0) return -1;
  for (const std::string& label : process.labels) {
    if (label == "GPU " + process.id) return process.number;
  }
  return process.has_gpu_work && process.number < 1024 ? process.number : -1;
}

}  // namespace tracesmith
