#include "convert/event_collector.h"

#include <algorithm>
#include <cstring>

namespace tracesmith {

void EventCollector::Add(const ParsedBlock& block) {
  const ProcessTable& table = block.process_table;
  mapping_ = {};
  // Events of profiles may be the first of a process or thread, too.
  for (const ParsedBlock::ProfileEvent& profile : block.profile_events) {
    process_table_.AddFrom(table, profile.process_count, profile.thread_count, &mapping_);
    profiles_.AddEvent(profile.event);
  }
  process_table_.AddFrom(table, table.processes().size(), table.threads().size(), &mapping_);
  for (const ParsedBlock::Naming& naming : block.namings) Name(naming);
  for (const ParsedBlock::Event& event : block.events) AddRecord(block, event);
  events_ += block.event_count;
  record_count_ += block.events.size();
  lowest_time_ = std::min(lowest_time_, block.lowest_time);
  for (size_t i = 0; i < phases_.size(); ++i) phases_[i] += block.phases[i];
  needs_links_ |= block.needs_links;
}

void EventCollector::Name(const ParsedBlock::Naming& naming) {
  using Kind = ParsedBlock::Naming::Kind;
  const uint32_t owner = naming.owner;
  ProcessTable::Entry* entry;
  if (ParsedBlock::IsOfThread(naming.kind)) {
    entry = &process_table_.thread(mapping_.threads[owner]);
  } else {
    entry = &process_table_.process(mapping_.processes[owner]);
  }
  const bool is_sort_index = naming.kind == Kind::kProcessSortIndex || naming.kind == Kind::kThreadSortIndex;
  if (is_sort_index) {
    if (naming.sort_index != ProcessTable::kAbsent) entry->sort_index = naming.sort_index;
  } else if (naming.text.empty()) {
    // An empty name does not erase one that was there.
  } else if (naming.kind == Kind::kProcessLabel) {
    process_table_.process(mapping_.processes[owner]).labels.push_back(naming.text);
  } else {
    entry->name = naming.text;
  }
}

void EventCollector::AddRecord(const ParsedBlock& block, const ParsedBlock::Event& event) {
  EventRecord record = event.head;
  if (record.has_process_owner()) {
    record.owner = mapping_.processes[record.owner];
  } else if (record.has_thread_owner()) {
    record.owner = mapping_.threads[record.owner];
  }
  if (record.is_of_process()) record.key = MixHash(record.key, record.owner);
  if (survey_ != nullptr) {
    const auto time = static_cast<int64_t>(event.key.time - SortTimeOf(0));
    return survey_->Add(record, time, block.bytes.begin() + event.begin);
  }
  uint8_t* at = records_.Reserve(sizeof(record) + event.size);
  std::memcpy(at, &record, sizeof(record));
  if (event.size != 0) std::memcpy(at + sizeof(record), block.bytes.begin() + event.begin, event.size);
  records_.Commit(event.key, sizeof(record) + event.size);
}

}  // namespace tracesmith
