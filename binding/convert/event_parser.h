#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "chrome_json/event_reader.h"
#include "convert/compact_args.h"
#include "convert/event_record.h"
#include "convert/text_pool.h"

namespace tracesmith {

// Problem: reading the events is the longest part of a conversion, and must run on several threads. An EventParser
// turns the events of one TextBlock after the other into a ParsedBlock: records, namings of processes and threads, and
// counts. A block depends on no other. EventCollector then adds the effects of the order of blocks, and Linker those of
// events on each other.
//
// It owns its buffers. Each thread has a parser of its own; all share the TextPool.
class EventParser {
 public:
  // The texts must outlive the parser.
  explicit EventParser(TextPool& texts) : texts_(texts), args_(texts) {}

  // From now on leaves the arguments of complete events in the text, see EventPlace.
  void SkipArgs() { reader_.SkipArgs(); }

  // The text must stay until the block is collected. Replaces the block's content.
  void Parse(const TextBlock& text, ParsedBlock* block);

  // The findings of all blocks that it parsed.
  const Findings& findings() const { return reader_.findings(); }

 private:
  // NaN for what an event does not say.
  struct MemoryArgs {
    double allocated = std::numeric_limits<double>::quiet_NaN();  // bytes
    double reserved = std::numeric_limits<double>::quiet_NaN();   // bytes
    double device_type = 0;                                       // of PyTorch; 0: the processor
    double device = -1;

    bool IsOfGpu() const { return device_type > 0 && device >= 0 && device < 1024; }
  };

  void ParseEvent(const ChromeEvent& event);
  void AddComplete(const ChromeEvent& event);
  void AddBeginOrEnd(const ChromeEvent& event, RecordKind kind);
  void AddAsync(const ChromeEvent& event, RecordKind kind);
  void AddInstant(const ChromeEvent& event);
  void AddMemory(const ChromeEvent& event, const MemoryArgs& memory);
  MemoryArgs ReadMemoryArgs() const;
  double NumberOf(const CompactArg& arg) const;
  void AddCounters(const ChromeEvent& event);
  void AddFlowPoint(const ChromeEvent& event);
  void AddMetadata(const ChromeEvent& event);
  void AddProfileEvent(const ChromeEvent& event);

  // Returns whether the event has a time; if not, drops it.
  bool HasTime(const ChromeEvent& event);
  // Sets the role that the event has itself in a flow.
  void BindFlow(const ChromeEvent& event, EventRecord* record);
  void Add(const ChromeEvent& event, uint64_t rank, EventRecord record, std::string_view name,
           std::string_view category);
  std::string TextOfArg(std::string_view key);
  void Drop(const ChromeEvent& event, const char* reason) { reader_.Note(event, FindingCategory::kDropped, reason); }

  TextPool& texts_;
  EventReader reader_;
  ArgRecorder args_;
  ParsedBlock* block_ = nullptr;
  std::string counter_name_;
  std::vector<uint8_t> counter_args_;
  uint64_t flow_key_ = 0;  // of the next record that has a role in a flow
};

}  // namespace tracesmith
