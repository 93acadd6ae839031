#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chrome_json/event_reader.h"
#include "convert/compact_args.h"
#include "convert/parsed_block.h"
#include "convert/text_pool.h"

namespace tracesmith {

// Reads the events of blocks: each becomes a record to be, or says something about a process or thread, or is
// counted as one that means nothing on a timeline or cannot be read. A block depends on no other, so several
// threads read blocks at a time, each with a parser of its own; what depends on the order is up to the
// EventCollector. What several events mean together is found out when they are sorted.
class EventParser {
 public:
  // The texts must outlive the parser.
  explicit EventParser(TextPool& texts) : texts_(texts), args_(texts) {}

  // The text must stay until the block is collected.
  void Parse(const TextBlock& text, ParsedBlock* block);

  // Of all blocks that it parsed.
  Findings findings() const;

 private:
  void Take(const ChromeEvent& event);
  void AddComplete(const ChromeEvent& event);
  void AddHalf(const ChromeEvent& event, RecordKind kind);
  void AddAsync(const ChromeEvent& event, RecordKind kind);
  void AddInstant(const ChromeEvent& event);
  void AddCounters(const ChromeEvent& event);
  void AddCounter(const ChromeEvent& event, std::string_view arg, double value);
  void AddFlowPoint(const ChromeEvent& event);
  void AddMetadata(const ChromeEvent& event);
  void AddProfilePart(const ChromeEvent& event);
  void NoteGpuWork(uint32_t thread);

  // Gives whether the event has a time; else it is dropped.
  bool HasTime(const ChromeEvent& event);
  void BindFlow(const ChromeEvent& event, EventRecord* record);
  void Add(const ChromeEvent& event, uint64_t rank, EventRecord record);
  void Write(uint64_t time, uint64_t rank, EventRecord record, std::string_view name, std::string_view category);
  uint64_t IdentityOf(std::string_view text);
  std::string TextOfArg(std::string_view key);
  void Drop(const ChromeEvent& event, const char* reason) { Note(event, FindingCategory::kDropped, reason); }
  void Note(const ChromeEvent& event, FindingCategory category, const char* reason);

  TextPool& texts_;
  EventReader reader_;
  ArgRecorder args_;
  ParsedBlock* block_ = nullptr;
  Findings findings_;
  std::string counter_name_;
  std::vector<uint8_t> counter_args_;
  uint64_t bound_flow_ = 0;  // the key of the next record with one
};

}  // namespace tracesmith
