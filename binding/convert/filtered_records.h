#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "convert/compact_args.h"
#include "convert/filter_part.h"
#include "convert/linked_records.h"

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

  // All must outlive it. The plan must have been made of the same records.
  FilteredRecords(LinkedRecords records, const EventPlan& plan, ArgFilter& args) : records_(records), plan_(plan), args_(args) {}

  // The next one, valid until the next call; null at the end and after a failure of a sorter.
  const Changed* Next();

 private:
  void Change(size_t index, uint8_t decision);

  LinkedRecords records_;
  const EventPlan& plan_;
  ArgFilter& args_;
  LinkedEvent event_;
  size_t next_index_ = 0;
  Changed next_;  // if has_next_
  bool has_next_ = false;
  bool is_at_end_ = false;
  Changed waited_;
  std::multimap<uint64_t, Changed> waiting_;  // by time, those that begin later than they did
};

}  // namespace tracesmith
