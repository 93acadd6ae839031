#include "convert/event_collector.h"

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
  for (size_t i = 0; i < phases_.size(); ++i) phases_[i] += block.phases[i];
  has_complete_ |= block.has_complete;
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
  if (naming.kind == Kind::kProcessLabel) {
    process_table_.process(mapping_.processes[owner]).labels.push_back(naming.text);
  } else if (naming.kind == Kind::kProcessName || naming.kind == Kind::kThreadName) {
    entry->name = naming.text;
  } else {
    entry->sort_index = naming.sort_index;
  }
}

void EventCollector::AddRecord(const ParsedBlock& block, const ParsedBlock::Event& event) {
  EventRecord record = event.head;
  SortKey key = event.key;
  const bool is_end = record.kind == RecordKind::kEnd || record.kind == RecordKind::kAsyncEnd;
  if (is_end && has_complete_) key.rank = kEndRank;
  record.owner = record.has_process_owner() ? mapping_.processes[record.owner] : mapping_.threads[record.owner];
  if (record.is_of_process()) record.key = MixHash(record.key, record.owner);
  uint8_t* at = records_.Reserve(sizeof(record) + event.size);
  std::memcpy(at, &record, sizeof(record));
  if (event.size != 0) std::memcpy(at + sizeof(record), block.bytes.begin() + event.begin, event.size);
  records_.Commit(key, sizeof(record) + event.size);
}

}  // namespace tracesmith
