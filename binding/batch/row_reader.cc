#include "batch/row_reader.h"

#include <algorithm>
#include <string>

namespace tracesmith {
namespace {

// How many rows CountPlain checks at once.
constexpr size_t kPlainRows = 64;

constexpr uint32_t kHighBit = uint32_t{1} << 31;
constexpr uint64_t kSignBit = uint64_t{1} << 63;

// Each of these checks one property of a column, in a loop without an early exit: compilers make vector instructions of it.

bool AllAre(const uint8_t* column, size_t count, uint8_t value) {
  uint8_t others = 0;
  for (size_t i = 0; i < count; ++i) others = static_cast<uint8_t>(others | (column[i] ^ value));
  return others == 0;
}

bool AllAre(const uint32_t* column, size_t count, uint32_t value) {
  uint32_t others = 0;
  for (size_t i = 0; i < count; ++i) others |= column[i] ^ value;
  return others == 0;
}

// `last` must be below 2^31.
bool AllAreUpTo(const uint32_t* column, size_t count, uint32_t last) {
  uint32_t others = 0;
  for (size_t i = 0; i < count; ++i) others |= column[i] | (last - column[i]);
  return (others & kHighBit) == 0;
}

// The bits of doubles that are not negative have the order of their values, and those of NaN come last.
bool AllAreSafe(const uint64_t* column, size_t count) {
  const uint64_t last = BitsOf(kMaxSafeInteger);
  uint64_t others = 0;
  for (size_t i = 0; i < count; ++i) others |= column[i] | (last - column[i]);
  return (others & kSignBit) == 0;
}

}  // namespace

bool RowReader::Read(size_t row, Event* event) const {
  const uint8_t kind = columns_.kind[row];
  const uint8_t channel = columns_.channel[row];
  const uint8_t flags = columns_.flags[row];
  const uint32_t track = columns_.track[row];
  const uint32_t name = columns_.name[row];
  const uint32_t category = columns_.category[row];
  if (track >= track_count_ || name > last_string_ || category > last_string_) return false;
  if (kind < static_cast<uint8_t>(RowKind::kSlice) || kind > static_cast<uint8_t>(RowKind::kEnd) ||
      channel > static_cast<uint8_t>(Channel::kCollective)) {
    return false;
  }
  event->kind = static_cast<RowKind>(kind);
  const bool is_counter = tracks_[track].kind == TrackKind::kCounter;
  if (is_counter != (event->kind == RowKind::kCounter)) return false;
  if (!ReadUnsigned(columns_.time[row], (flags & kTimeIs64Bit) != 0, &event->time) || event->time >= kTimeLimit) {
    return false;
  }
  if (is_counter) {
    event->counter_value = columns_.extent[row];
  } else if ((flags & kHasExtent) == 0) {
    event->length = event->kind == RowKind::kSlice ? kNeverEnds : kNoEnd;
  } else if (!ReadUnsigned(columns_.extent[row], (flags & kExtentIs64Bit) != 0, &event->length) ||
             event->length >= kTimeLimit - event->time) {
    return false;
  }
  event->track = track;
  event->name = Global(name, string_offset_);
  event->category = Global(category, string_offset_);
  event->channel = static_cast<Channel>(channel);
  event->counter_is_integer = (flags & kExtentIs64Bit) != 0;
  event->keeps_place = event->kind == RowKind::kSlice && (flags & kKeepsPlace) != 0;
  event->is_inside = event->keeps_place && (flags & kIsInside) != 0 && event->time != 0;
  event->is_held = event->keeps_place && (flags & kIsHeld) != 0 && event->length == 0;
  event->releases = 0;
  if (event->keeps_place && (flags & kReleases) != 0) {
    event->releases = static_cast<uint8_t>(std::min<uint64_t>(event->length, UINT8_MAX));
    event->length = 0;
  }
  return true;
}

size_t RowReader::CountPlain(size_t row, uint32_t attr_end) const {
  const size_t count = std::min(kPlainRows, columns_.rows - row);
  if (track_count_ - 1 >= kHighBit || last_string_ >= kHighBit) return 0;
  const bool are_plain = AllAre(columns_.kind + row, count, static_cast<uint8_t>(RowKind::kSlice)) &&
                         AllAre(columns_.channel + row, count, static_cast<uint8_t>(Channel::kNone)) &&
                         AllAre(columns_.flags + row, count, kHasExtent) &&
                         AllAre(columns_.attr_end + row, count, attr_end) &&
                         AllAreUpTo(columns_.track + row, count, static_cast<uint32_t>(track_count_ - 1)) &&
                         AllAreUpTo(columns_.name + row, count, last_string_) &&
                         AllAreUpTo(columns_.category + row, count, last_string_) &&
                         AllAreSafe(columns_.time + row, count) && AllAreSafe(columns_.extent + row, count);
  if (!are_plain) return 0;
  bool is_on_counter = false;
  for (size_t i = 0; has_counters_ && i < count; ++i) {
    is_on_counter |= tracks_[columns_.track[row + i]].kind == TrackKind::kCounter;
  }
  return is_on_counter ? 0 : count;
}

// Checks in an order of its own: the most likely mistake of a caller comes first.
Status RowReader::DescribeBad(size_t row) const {
  const uint8_t kind = columns_.kind[row];
  const uint32_t track = columns_.track[row];
  if (kind < static_cast<uint8_t>(RowKind::kSlice) || kind > static_cast<uint8_t>(RowKind::kMetadata)) {
    return Expected("kind", row, "a row kind from 1 to 10", std::to_string(kind));
  }
  if (columns_.name[row] > last_string_) return BadString("name", row, columns_.name[row], last_string_);
  uint64_t time = 0;
  if (!ReadUnsigned(columns_.time[row], (columns_.flags[row] & kTimeIs64Bit) != 0, &time)) return BadTime(columns_, row);
  if (track >= track_count_) {
    return Expected("track", row, "a defined track, below " + std::to_string(track_count_), std::to_string(track));
  }
  if (columns_.category[row] > last_string_) return BadString("category", row, columns_.category[row], last_string_);
  if (columns_.channel[row] > static_cast<uint8_t>(Channel::kCollective)) {
    return Expected("channel", row, "a channel from 0 to 3", std::to_string(columns_.channel[row]));
  }
  if (time >= kTimeLimit) return Expected("time", row, "a time below 2^63", std::to_string(time));
  if ((tracks_[track].kind == TrackKind::kCounter) != (kind == static_cast<uint8_t>(RowKind::kCounter))) {
    return Expected("track", row, "counters on counter tracks and nothing else there", "track " + std::to_string(track));
  }
  return Expected("extent", row, "a length of at least 0 that ends before 2^63", "another");
}

}  // namespace tracesmith
