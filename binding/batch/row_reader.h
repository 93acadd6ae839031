#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "batch/batch_values.h"
#include "batch/batch_view.h"
#include "batch/row.h"

namespace tracesmith {

// Reads the rows of a batch that are events: all of it but their attributes. What they can refer to is what was there
// when the reader was made.
class RowReader {
 public:
  // The batch and the tracks must outlive the reader, and must not change. Counters are tracks, where there are any.
  RowReader(const BatchView& batch, const std::vector<Track>& tracks, bool has_counters, uint32_t string_offset,
            uint32_t last_string)
      : columns_(batch),
        tracks_(tracks.data()),
        track_count_(tracks.size()),
        has_counters_(has_counters),
        string_offset_(string_offset),
        last_string_(last_string) {}

  // False for a row that is no event, or a bad one.
  bool Read(size_t row, Event* event) const;
  // What is wrong with such a row.
  Status DescribeBad(size_t row) const;

  // Most rows of most streams are slices whose times are doubles, without attributes: plain ones. They are looked at
  // many at once, without a branch for each.

  // Whether it is worth counting; `attr_end` is that of the row before.
  bool MayBePlain(size_t row, uint32_t attr_end) const {
    return columns_.kind[row] == static_cast<uint8_t>(RowKind::kSlice) && columns_.attr_end[row] == attr_end &&
           columns_.flags[row] == kHasExtent;
  }
  // How many good ones there are from `row` on, up to some dozens; 0 where not all of these are.
  size_t CountPlain(size_t row, uint32_t attr_end) const;
  // Reads one of them; all tracks have lanes, or perhaps not.
  void ReadPlain(size_t row, uint32_t attrs, bool has_lanes, Event* event) const {
    const auto extent = static_cast<uint64_t>(static_cast<int64_t>(AsDouble(columns_.extent[row])));
    const uint32_t name = columns_.name[row];
    *event = {static_cast<uint64_t>(static_cast<int64_t>(AsDouble(columns_.time[row]))),
              extent,
              columns_.track[row],
              Global(name, string_offset_),
              Global(columns_.category[row], string_offset_),
              attrs,
              attrs,
              RowKind::kSlice,
              Channel::kNone,
              false,
              has_lanes && extent != 0 && name != 0};
  }

 private:
  BatchView columns_;
  const Track* tracks_;
  size_t track_count_;
  bool has_counters_;
  uint32_t string_offset_;
  uint32_t last_string_;
};

}  // namespace tracesmith
