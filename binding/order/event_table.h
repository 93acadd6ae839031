#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "base/pod_vector.h"
#include "base/status.h"
#include "batch/batch_view.h"
#include "batch/row.h"
#include "batch/row_reader.h"
#include "order/shared_values.h"
#include "order/string_table.h"

namespace tracesmith {

// The events of a trace, copied from the batches that brought them, so that they can be sorted and looked up while the
// producer fills the next batch. EventTable checks each batch whole: one that it refuses leaves it as it was. A stream
// drops the events that it has written, with all strings and values that only they used.
//
// It owns events, tracks and strings, and each distinct launch configuration and call stack once. One thread at a time.
class EventTable {
 public:
  // Copies a batch, or says what is wrong with it.
  Status Append(const BatchView& batch);

  // Announces how many rows will come: growing in steps would touch twice the memory.
  void Expect(size_t rows) { expected_rows_ = rows; }
  // Reserves room for events. Unused room is address space alone.
  void ReserveEvents(size_t count) { events_.Reserve(count); }

  PodVector<Event>& events() { return events_; }
  const PodVector<Event>& events() const { return events_; }
  PodVector<Attr>& attrs() { return attrs_; }
  const PodVector<Attr>& attrs() const { return attrs_; }
  const std::vector<Track>& tracks() const { return tracks_; }
  const StringTable& strings() const { return strings_; }
  const std::vector<LaunchWords>& launches() const { return shared_.launches(); }
  const std::vector<Frame>& frames() const { return shared_.frames(); }
  const std::vector<CallStack>& call_stacks() const { return shared_.call_stacks(); }

  // The attributes of the Metadata rows since the last call, a range for each row.
  std::vector<AttrRange> TakeMetadata() { return std::exchange(metadata_, {}); }

  // Drops the events whose kind is kWritten, as all before `first` must be, and the attributes of tracks. Tells the new
  // indices of those that stay, by the old ones. Returns whether launch configurations and call stacks have new numbers.
  bool DropWritten(uint32_t first, PodVector<uint32_t>& new_indices);

  // Whether the table has opens or closes; flow attributes; FlowPoint rows.
  bool has_pairs() const { return has_pairs_; }
  bool has_flows() const { return has_flows_; }
  bool has_flow_points() const { return has_flow_points_; }
  // Whether the slices of some tracks are written as GPU stage events.
  bool has_gpu_stages() const { return has_gpu_stages_; }

  // Whether a slice needs no lane: readers lay out GPU stage events themselves.
  bool HasNoLane(const Event& event) const {
    return has_gpu_stages_ && event.length < kNeverEnds && tracks_[event.track].gpu_events == GpuEvents::kRenderStages;
  }
  // Whether a slice keeps its lane until an end that is known and comes later than its begin.
  bool EndsOnLane(const Event& event) const {
    return event.kind == RowKind::kSlice && event.length < kNeverEnds && event.length != 0 && !HasNoLane(event);
  }

  // The correlation id of an event; 0 for none.
  uint64_t CorrelationOf(const Event& event) const;

 private:
  void ReserveAhead(const BatchView& batch);
  Status AppendTexts(const BatchView& batch);
  RowReader ReaderOf(const BatchView& batch) const;
  Status AppendRows(const BatchView& batch);
  Status AppendTrack(const BatchView& batch, size_t row, AttrRange attrs);
  void NoteKind(Event* event);
  Status AppendAttrs(const BatchView& batch, uint32_t begin, uint32_t end, bool keys_are_properties);
  Status DescribeBadAttr(const BatchView& batch, size_t index, uint32_t last_key) const;
  // Read a value at an offset of the batch's words, and return its index; false if it does not fit there.
  bool LaunchIndex(const BatchView& batch, uint64_t offset, uint64_t* index);
  bool CallStackIndex(const BatchView& batch, uint64_t offset, uint64_t* index);
  void Renumber(const SharedValues& old, Attr* attr);
  uint32_t OldestString(const Event& event) const;
  GpuEvents GpuEventsOf(AttrRange attrs) const;

  size_t expected_rows_ = 0;
  uint32_t generation_ = 0;
  std::vector<AttrRange> metadata_;
  PodVector<Attr> kept_attrs_;  // of DropWritten; kept for its memory
  bool has_pairs_ = false;
  bool has_flows_ = false;
  bool has_flow_points_ = false;
  bool has_gpu_stages_ = false;
  bool has_counters_ = false;  // among the tracks
  PodVector<Event> events_;
  PodVector<Attr> attrs_;
  std::vector<Track> tracks_;
  StringTable strings_;
  SharedValues shared_;
};

}  // namespace tracesmith
