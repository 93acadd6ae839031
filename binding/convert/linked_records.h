#pragma once

#include <cstdint>
#include <vector>

#include "convert/event_record.h"
#include "convert/linker.h"
#include "sorting/record_sorter.h"

namespace tracesmith {

// A slice, an instant or a sample of a counter, with what the Linker found out about it.
struct LinkedEvent {
  Record record{};
  EventRecord head{};
  uint64_t time = 0;
  bool is_slice = false;
  bool is_numbered = false;  // see LinkRecord
  bool has_end = false;      // of a slice
  uint64_t end = 0;          // of a slice that has one
  bool has_end_link = false;
  std::vector<uint8_t> end_args;    // the arguments of the end
  std::vector<LinkRecord> arrows;

  // The thread or process that it belongs to; none for global instants.
  bool has_owner() const { return head.kind != RecordKind::kGlobalInstant; }
};

// Problem: what is known of an event lies in two sorted lists, its record and its links. A LinkedRecords reads both side by
// side, from the first record on.
class LinkedRecords {
 public:
  // Rewinds both sorters, which must outlive it. `origin` is that of EventView.
  LinkedRecords(RecordSorter& records, RecordSorter& links, uint64_t origin, bool leaves_out_zero);

  // Reads the next event; its record is valid until the next call. False at the end and after a failure of a sorter.
  bool Next(LinkedEvent* event);

 private:
  void ReadLinks(LinkedEvent* event);

  RecordSorter& records_;
  RecordSorter& links_;
  const uint64_t origin_;
  const bool leaves_out_zero_;
  uint64_t next_number_ = 0;
  Record link_{};  // the next one
  bool has_link_ = false;
};

}  // namespace tracesmith
