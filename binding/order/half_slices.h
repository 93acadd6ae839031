#pragma once

#include <cstdint>
#include <vector>

#include "order/event_store.h"
#include "order/lanes.h"

namespace tracesmith {

// The slices of a stream that come as a Begin and an End, which pair by track in the order in which they
// come. Where the End comes while the Begin still waits to be written, the Begin becomes a slice of known
// length. Halves have numbers from 1; 0 stands for none.
class HalfSlices {
 public:
  // Take a Begin or End of the store, at the moment from which on it counts. An End without a Begin, which
  // no honest caller sends, means nothing.
  void TakeBegin(EventStore& store, uint32_t index);
  void TakeEnd(EventStore& store, uint32_t index, Lanes& lanes);

  // The time of the last Begin or End of a track: none that is still open ends before.
  uint64_t KnownUntil(uint32_t track) const { return track < tracks_.size() ? tracks_[track].last : 0; }

  // The number of a slice that came as a Begin.
  static uint32_t NumberOf(const EventStore& store, const Event& event) {
    if (event.attr_begin == event.attr_end) return 0;
    const Attr& last = store.attrs()[event.attr_end - 1];
    return last.type == kHalfNumber ? static_cast<uint32_t>(last.value) : 0;
  }
  // The same of an End.
  static uint32_t NumberOf(const Event& end) { return static_cast<uint32_t>(end.extent); }

  // A Begin was written before its End came: the End will close it there.
  void SetPlace(uint32_t number, const Lanes::Place& place) {
    halves_[number - 1].place = place;
    halves_[number - 1].is_written = true;
  }
  // Whether an End closes a slice that was written before; else it at most holds arguments.
  bool ClosesWritten(const Event& end) const {
    const uint32_t number = NumberOf(end);
    return number != 0 && halves_[number - 1].is_written;
  }
  const Lanes::Place& PlaceOf(uint32_t number) const { return halves_[number - 1].place; }
  // The event of an End.
  uint32_t EndEventOf(uint32_t number) const { return halves_[number - 1].end_event; }
  // An End was visited; its number may be given to another half.
  void Release(uint32_t number) { free_.push_back(number); }

  // Follows an event that got another index.
  void Moved(const EventStore& store, const Event& event, uint32_t index);

  // Begins that no End came for.
  uint64_t open() const { return open_; }

 private:
  struct Half {
    uint32_t begin_event;
    uint32_t end_event;
    Lanes::Place place;
    bool is_written;
  };
  struct TrackState {
    std::vector<uint32_t> open;  // numbers
    uint64_t last = 0;
  };

  TrackState& StateOf(uint32_t track);

  std::vector<TrackState> tracks_;
  std::vector<Half> halves_;
  std::vector<uint32_t> free_;
  uint64_t open_ = 0;
};

}  // namespace tracesmith
