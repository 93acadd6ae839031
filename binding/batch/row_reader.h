#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "batch/batch_values.h"
#include "batch/batch_view.h"
#include "batch/row.h"

namespace tracesmith {

// Columns of a batch are not trusted: a kind, track or string id may be out of range, a time no integer. RowReader turns
// the rows that are events into Events, all but their attributes, and says what is wrong with a row that it refuses. A row
// can refer to the tracks and strings that exist when the reader is made.
class RowReader {
 public:
  // The batch and the tracks must outlive the reader, and must not change. Strings of the batch have ids from 1 to
  // `last_string`; `string_offset` makes them ids of the table. `has_counters`: some of the tracks are counters.
  RowReader(const BatchView& batch, const std::vector<Track>& tracks, bool has_counters, uint32_t string_offset,
            uint32_t last_string)
      : columns_(batch),
        tracks_(tracks.data()),
        track_count_(tracks.size()),
        has_counters_(has_counters),
        string_offset_(string_offset),
        last_string_(last_string) {}

  // Returns false for a row that is no event, or a bad one.
  bool Read(size_t row, Event* event) const;
  // Says what is wrong with such a row.
  Status DescribeBad(size_t row) const;

  // Most rows of most streams are plain: slices whose times are doubles, without attributes. They are checked many at
  // once, without a branch for each.

  // Whether CountPlain is worth calling; `attr_end` is that of the row before.
  bool MayBePlain(size_t row, uint32_t attr_end) const {
    return columns_.kind[row] == static_cast<uint8_t>(RowKind::kSlice) && columns_.attr_end[row] == attr_end &&
           columns_.flags[row] == kHasExtent;
  }
  // Returns how many good plain rows begin at `row`: all of the next 64, or of the rest of the batch, or none.
  size_t CountPlain(size_t row, uint32_t attr_end) const;
  // Reads one of them. `has_lanes`: all tracks have lanes.
  void ReadPlain(size_t row, uint32_t attrs, bool has_lanes, Event* event) const {
    const auto length = static_cast<uint64_t>(static_cast<int64_t>(AsDouble(columns_.extent[row])));
    const uint32_t name = columns_.name[row];
    *event = {static_cast<uint64_t>(static_cast<int64_t>(AsDouble(columns_.time[row]))),
              {length},
              columns_.track[row],
              Global(name, string_offset_),
              Global(columns_.category[row], string_offset_),
              attrs,
              attrs,
              RowKind::kSlice,
              Channel::kNone,
              false,
              has_lanes && length != 0 && name != 0,
              false,
              false,
              false,
              0};
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
