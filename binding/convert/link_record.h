#pragma once

#include <cstdint>

#include "batch/layout.h"
#include "sorting/record_sorter.h"

namespace tracesmith {

// Ids of arrows begin above this, apart from the ids that a trace has itself, and have no gaps.
constexpr uint64_t kFirstArrow = uint64_t{1} << 63;

// The end or a flow of a slice, which only later events tell. Slices, and instants of async tracks, are numbered from 0
// in the order of time; a link's SortKey has this number in place of the time.
struct LinkRecord {
  enum class Kind : uint8_t {
    kEnd,   // the end of a begun slice; the arguments of the end follow
    kFlow,  // an arrow from or to the slice
    kPlace,  // of a slice without length: what of its kind is around it, see RowFlag
  };
  uint64_t length;   // kEnd: ns; kPlace: the number of held slices that end behind it
  uint64_t flow_id;  // kFlow; kPlace: RowFlags
  Kind kind;
  AttrType flow_type;  // kFlow
};

// Adds a struct, with more bytes behind it.
template <typename T>
void AddStruct(RecordSorter& sorter, SortKey key, const T& head, const char* more = nullptr, size_t size = 0) {
  sorter.Add(key, reinterpret_cast<const uint8_t*>(&head), sizeof(head), reinterpret_cast<const uint8_t*>(more), size);
}

}  // namespace tracesmith
