#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "chrome_json/event_reader.h"
#include "convert/compact_args.h"
#include "convert/filter_part.h"
#include "convert/linked_records.h"
#include "input/byte_source.h"

namespace tracesmith {

// Leaves arguments of events out.
class ArgFilter {
 public:
  // Both must outlive it.
  ArgFilter(const FilterPart& part, TextPool& texts);

  // Appends the arguments that stay.
  void Copy(const uint8_t* begin, const uint8_t* end, bool has_arrow, std::vector<uint8_t>* to);
  // Appends the argument that says where a slice was cut.
  void AddTrimmed(uint8_t decision, std::vector<uint8_t>* to);

 private:
  bool Keeps(const CompactText& key, bool has_arrow) const;

  const FilterPart& part_;
  TextPool& texts_;
  std::vector<bool> is_unique_;  // by id of the pool
  uint32_t arrow_id_;
};

// Reads arguments that were skipped. The source and the pool must outlive it.
class SkippedArgs {
 public:
  SkippedArgs(const ByteSource& source, TextPool& texts) : source_(source), args_(texts) {}

  // Calls use(begin, end) with the arguments; not after a failure.
  template <typename Use>
  void Read(const EventPlace& place, Use use) {
    if (!Fetch(place)) return;
    args_.Reset();
    reader_.Read(block_, &args_, [&](const ChromeEvent&) { use(args_.data(), args_.data() + args_.size()); });
  }
  const IoStatus& status() const { return status_; }

 private:
  // Makes the block of the event's text.
  bool Fetch(const EventPlace& place);

  const ByteSource& source_;
  ArgRecorder args_;
  EventReader reader_;
  TextBlock block_;
  IoStatus status_;
};

// The records that stay, as they are then, in the order of their times: a slice that is cut begins later. TraceBuilder can
// read them like those of a whole trace.
class FilteredRecords {
 public:
  struct Changed {
    SortKey key;
    std::vector<uint8_t> bytes;
    bool is_numbered = false;
    bool has_end_link = false;
    uint64_t length = 0;  // of the link
    std::vector<uint8_t> end_args;
    std::vector<LinkRecord> arrows;
  };

  // All must outlive it. The plan must have been made of the same records. Without `skipped` the records have no arguments that
  // were skipped.
  FilteredRecords(LinkedRecords records, const EventPlan& plan, ArgFilter& args, SkippedArgs* skipped)
      : records_(records), plan_(plan), args_(args), skipped_(skipped) {}

  // The next one, valid until the next call; null at the end and after a failure of a sorter.
  const Changed* Next();

 private:
  void Change(size_t index, uint8_t decision);

  LinkedRecords records_;
  const EventPlan& plan_;
  ArgFilter& args_;
  SkippedArgs* skipped_;
  LinkedEvent event_;
  size_t next_index_ = 0;
  Changed next_;  // if has_next_
  bool has_next_ = false;
  bool is_at_end_ = false;
  Changed waited_;
  std::multimap<uint64_t, Changed> waiting_;  // by time, those that begin later than they did
};

}  // namespace tracesmith
