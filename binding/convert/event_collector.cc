#include "convert/event_collector.h"

#include <cstring>

namespace tracesmith {

void EventCollector::Add(const ParsedBlock& block) {
  AddProcesses(block);
  for (const ParsedBlock::Naming& naming : block.namings) Name(naming);
  for (const ParsedBlock::Event& event : block.events) AddRecord(block, event);
  events_ += block.event_count;
  for (size_t i = 0; i < phases_.size(); ++i) phases_[i] += block.phases[i];
  has_complete_ |= block.has_complete;
  needs_links_ |= block.needs_links;
}

// Events of profiles may be the first of a process or thread, too.
void EventCollector::AddProcesses(const ParsedBlock& block) {
  mapping_ = {};
  for (const ParsedBlock::ProfileEvent& profile : block.profile_events) {
    process_table_.AddFrom(block.process_table, profile.process_count, profile.thread_count, &mapping_);
    profiles_.AddEvent(profile.event);
  }
  const ProcessTable& table = block.process_table;
  process_table_.AddFrom(table, table.processes().size(), table.threads().size(), &mapping_);
}

void EventCollector::Name(const ParsedBlock::Naming& naming) {
  using Kind = ParsedBlock::Naming::Kind;
  switch (naming.kind) {
    case Kind::kProcessName:
      process_table_.process(mapping_.processes[naming.owner]).name = naming.text;
      break;
    case Kind::kProcessLabel:
      process_table_.process(mapping_.processes[naming.owner]).labels.push_back(naming.text);
      break;
    case Kind::kProcessSortIndex:
      process_table_.process(mapping_.processes[naming.owner]).sort_index = naming.sort_index;
      break;
    case Kind::kThreadName:
      process_table_.thread(mapping_.threads[naming.owner]).name = naming.text;
      break;
    case Kind::kThreadSortIndex:
      process_table_.thread(mapping_.threads[naming.owner]).sort_index = naming.sort_index;
      break;
  }
}

void EventCollector::AddRecord(const ParsedBlock& block, const ParsedBlock::Event& event) {
  EventRecord record = event.head;
  SortKey key = event.key;
  switch (record.kind) {
    case RecordKind::kAsyncEnd:
      if (has_complete_) key.rank = kEndRank;
      [[fallthrough]];
    case RecordKind::kAsyncBegin:
    case RecordKind::kAsyncInstant:
      record.owner = mapping_.processes[record.owner];
      if (record.is_of_process()) record.key = MixHash(record.key, record.owner);
      break;
    case RecordKind::kCounter:
      record.owner = mapping_.processes[record.owner];
      record.key = MixHash(record.key, record.owner);
      break;
    case RecordKind::kProcessInstant:
      record.owner = mapping_.processes[record.owner];
      break;
    case RecordKind::kEnd:
      if (has_complete_) key.rank = kEndRank;
      [[fallthrough]];
    default:
      record.owner = mapping_.threads[record.owner];
  }
  uint8_t* at = records_.Reserve(sizeof(record) + event.size);
  std::memcpy(at, &record, sizeof(record));
  if (event.size != 0) std::memcpy(at + sizeof(record), block.bytes.begin() + event.begin, event.size);
  records_.Commit(key, sizeof(record) + event.size);
}

}  // namespace tracesmith
