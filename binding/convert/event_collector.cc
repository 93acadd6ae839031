#include "convert/event_collector.h"

#include <cstring>

#include "convert/text_pool.h"

namespace tracesmith {

void EventCollector::Take(const ParsedBlock& block) {
  TakeIdentities(block);
  for (const ParsedBlock::Naming& naming : block.namings) Name(naming);
  for (const ParsedBlock::Item& item : block.items) AddRecord(block, item);
  events_ += block.events;
  for (size_t i = 0; i < phases_.size(); ++i) phases_[i] += block.phases[i];
  has_complete_ |= block.has_complete;
  needs_links_ |= block.needs_links;
}

// Parts of profiles name some, too.
void EventCollector::TakeIdentities(const ParsedBlock& block) {
  here_ = {};
  for (const ParsedBlock::ProfilePart& part : block.profile_parts) {
    identities_.TakeIn(block.identities, part.processes, part.threads, &here_);
    profiles_.Take(part.event);
  }
  identities_.TakeIn(block.identities, block.identities.processes().size(), block.identities.threads().size(), &here_);
}

void EventCollector::Name(const ParsedBlock::Naming& naming) {
  using Kind = ParsedBlock::Naming::Kind;
  switch (naming.kind) {
    case Kind::kProcessName:
      identities_.process(here_.processes[naming.of]).name = naming.text;
      break;
    case Kind::kProcessLabel:
      identities_.process(here_.processes[naming.of]).labels.push_back(naming.text);
      break;
    case Kind::kProcessSortIndex:
      identities_.process(here_.processes[naming.of]).sort_index = naming.sort_index;
      break;
    case Kind::kThreadName:
      identities_.thread(here_.threads[naming.of]).name = naming.text;
      break;
    case Kind::kThreadSortIndex:
      identities_.thread(here_.threads[naming.of]).sort_index = naming.sort_index;
      break;
  }
}

void EventCollector::AddRecord(const ParsedBlock& block, const ParsedBlock::Item& item) {
  EventRecord record = item.head;
  SortKey key = item.key;
  switch (record.kind) {
    case RecordKind::kAsyncEnd:
      if (has_complete_) key.rank = kEndRank;
      [[fallthrough]];
    case RecordKind::kAsyncBegin:
    case RecordKind::kAsyncInstant:
      record.thread = here_.processes[record.thread];
      if (record.is_of_process()) record.key = MixHash(record.key, record.thread);
      break;
    case RecordKind::kCounter:
      record.thread = here_.processes[record.thread];
      record.key = MixHash(record.key, record.thread);
      break;
    case RecordKind::kProcessInstant:
      record.thread = here_.processes[record.thread];
      break;
    case RecordKind::kEnd:
      if (has_complete_) key.rank = kEndRank;
      [[fallthrough]];
    default:
      record.thread = here_.threads[record.thread];
  }
  uint8_t* at = records_.Reserve(sizeof(record) + item.size);
  std::memcpy(at, &record, sizeof(record));
  if (item.size != 0) std::memcpy(at + sizeof(record), block.bytes.begin() + item.begin, item.size);
  records_.Commit(key, sizeof(record) + item.size);
}

}  // namespace tracesmith
