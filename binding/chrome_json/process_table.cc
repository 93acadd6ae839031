#include "chrome_json/process_table.h"

#include <charconv>

namespace tracesmith {
namespace {

bool IsNumber(const EventId& id) { return id.kind == EventId::Kind::kInteger; }

// Reads a decimal number without leading zeros.
bool ReadDecimal(std::string_view text, int64_t* number) {
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  if (std::to_string(value) != text) return false;
  *number = value;
  return true;
}

}  // namespace

ProcessTable::Id ProcessTable::IdOf(const EventId& id) {
  if (id.kind == EventId::Kind::kInteger) return {std::to_string(id.integer), true, id.integer};
  if (id.kind == EventId::Kind::kUnsigned) return {std::to_string(id.unsigned_integer)};
  Id read{std::string(id.text)};
  read.is_number = ReadDecimal(id.text, &read.number);
  return read;
}

uint32_t ProcessTable::ProcessWith(Id id) {
  const auto [found, is_new] = process_of_.emplace(id.text, static_cast<uint32_t>(processes_.size()));
  if (is_new) processes_.push_back({{std::move(id)}, {}});
  return found->second;
}

uint32_t ProcessTable::ThreadOf(const EventId& pid, const EventId& given_tid) {
  const EventId& tid = given_tid.kind == EventId::Kind::kNone ? pid : given_tid;
  const bool are_numbers = IsNumber(pid) && IsNumber(tid);
  Last& last = last_[(static_cast<uint64_t>(pid.integer) * 31 + static_cast<uint64_t>(tid.integer)) % kLast];
  if (are_numbers && last.is_set && last.pid == pid.integer && last.tid == tid.integer) return last.thread;
  const uint32_t thread = ThreadWith(ProcessOf(pid), IdOf(tid));
  if (are_numbers) last = {pid.integer, tid.integer, thread, true};
  return thread;
}

uint32_t ProcessTable::ThreadWithTid(const EventId& tid) {
  const std::string text = TextOf(tid);
  for (uint32_t i = 0; i < threads_.size(); ++i) {
    if (threads_[i].id.text == text) return i;
  }
  return ThreadOf(EventId(), tid);
}

uint32_t ProcessTable::ThreadWith(uint32_t process, Id id) {
  const auto next = static_cast<uint32_t>(threads_.size());
  const auto [found, is_new] = thread_of_.emplace(std::to_string(process) + " " + id.text, next);
  if (is_new) threads_.push_back({{std::move(id)}, process});
  return found->second;
}

void ProcessTable::AddFrom(const ProcessTable& other, size_t processes, size_t threads, Mapping* mapping) {
  while (mapping->processes.size() < processes) {
    const Process& process = other.processes_[mapping->processes.size()];
    mapping->processes.push_back(ProcessWith(process.id));
  }
  for (size_t i = 0; i < processes; ++i) {
    if (other.processes_[i].has_gpu_work) processes_[mapping->processes[i]].has_gpu_work = true;
  }
  while (mapping->threads.size() < threads) {
    const Thread& thread = other.threads_[mapping->threads.size()];
    const uint32_t process = mapping->processes[thread.process];
    mapping->threads.push_back(ThreadWith(process, thread.id));
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
  const Id& id = process.id;
  if (!id.is_number || id.number < 0) return -1;
  for (const std::string& label : process.labels) {
    if (label == "GPU " + id.text) return id.number;
  }
  return process.has_gpu_work && id.number < 1024 ? id.number : -1;
}

}  // namespace tracesmith
