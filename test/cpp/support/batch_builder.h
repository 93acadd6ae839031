#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bits.h"
#include "order/event_table.h"

namespace tracesmith::test {

// The columns of a batch. Tests of bad batches change them after they were built.
struct Columns {
  std::vector<uint8_t> kind, channel, flags;
  std::vector<uint32_t> track, name, category, attr_end;
  std::vector<uint64_t> time, extent;
  std::vector<uint32_t> attr_head;
  std::vector<uint64_t> attr_value;
  std::vector<uint32_t> word;
  std::vector<uint8_t> text_bytes;
  std::vector<uint32_t> text_end;
  uint32_t generation = 0;

  // Good as long as the columns are and do not change.
  BatchView View() const {
    BatchView view;
    view.rows = kind.size();
    view.attrs = attr_head.size();
    view.words = word.size();
    view.texts = text_end.size();
    view.generation = generation;
    view.text_byte_count = text_bytes.size();
    view.kind = kind.data();
    view.channel = channel.data();
    view.flags = flags.data();
    view.track = track.data();
    view.name = name.data();
    view.category = category.data();
    view.attr_end = attr_end.data();
    view.time = time.data();
    view.extent = extent.data();
    view.attr_head = attr_head.data();
    view.attr_value = attr_value.data();
    view.word = word.data();
    view.text_bytes = text_bytes.data();
    view.text_end = text_end.data();
    return view;
  }
};

// A launch configuration; `has` says which of its parts there are.
struct Launch {
  uint32_t has = kGrid | kBlock | kSharedMemory | kRegisters;
  uint32_t grid[3] = {1, 1, 1};
  uint32_t block[3] = {1, 1, 1};
  uint32_t shared_memory = 0;
  uint32_t registers = 0;
};

struct FrameText {
  std::string function;
  std::string file;
  uint32_t line = 0;
  uint64_t address = 0;
};

// Fills the columns of batches as lib/batch does: strings and tracks are numbered once for all
// batches, attributes belong to the row that was added last.
class BatchBuilder {
 public:
  // Numbers up to 2^53 go as doubles, as from JavaScript, or as 64-bit integers; larger ones always
  // as the latter.
  void set_prefers_doubles(bool prefers_doubles) { prefers_doubles_ = prefers_doubles; }

  const Columns& columns() const { return columns_; }
  BatchView View() const { return columns_.View(); }

  // Gives the batch away and starts the next one.
  Columns Take() {
    Columns taken;
    std::swap(taken, columns_);
    columns_.generation = taken.generation;
    return taken;
  }

  // Begins a new table of strings. The batch must be empty.
  void ForgetTexts() {
    ids_.clear();
    ++columns_.generation;
  }

  // The id of a string, 0 for the empty one.
  uint32_t Text(std::string_view text) {
    if (text.empty()) return 0;
    const auto [entry, is_new] = ids_.try_emplace(std::string(text), static_cast<uint32_t>(ids_.size() + 1));
    if (is_new) {
      columns_.text_bytes.insert(columns_.text_bytes.end(), text.begin(), text.end());
      columns_.text_end.push_back(static_cast<uint32_t>(columns_.text_bytes.size()));
    }
    return entry->second;
  }

  // ---- tracks: each gives its number. `parent` is a track's number, -1 for none.

  uint32_t Process(std::string_view name, int64_t pid) {
    const uint32_t track = AddTrack(TrackKind::kProcess, name, -1, 0);
    Property(TrackProperty::kPid, pid);
    return track;
  }
  uint32_t Thread(std::string_view name, int64_t process, int64_t tid) {
    const uint32_t track = AddTrack(TrackKind::kThread, name, process, 0);
    Property(TrackProperty::kTid, tid);
    return track;
  }
  uint32_t Plain(std::string_view name, int64_t parent = -1, uint64_t uuid = 0) {
    return AddTrack(TrackKind::kPlain, name, parent, uuid);
  }
  uint32_t Counter(std::string_view name, std::string_view unit = "", int64_t parent = -1) {
    const uint32_t track = AddTrack(TrackKind::kCounter, name, parent, 0);
    if (!unit.empty()) Property(TrackProperty::kUnit, unit);
    return track;
  }
  void Property(TrackProperty property, int64_t value) {
    AddAttr(static_cast<uint32_t>(property), AttrType::kInt, static_cast<uint64_t>(value), true);
  }
  void Property(TrackProperty property, std::string_view text) {
    AddNumber(static_cast<uint32_t>(property), AttrType::kText, Text(text));
  }

  // ---- rows

  BatchBuilder& Slice(uint32_t track, uint64_t time, uint64_t length, std::string_view name = "",
                      std::string_view category = "", Channel channel = Channel::kNone) {
    return AddRow(RowKind::kSlice, channel, track, time, name, category).Extent(length);
  }
  BatchBuilder& Instant(uint32_t track, uint64_t time, std::string_view name = "", std::string_view category = "") {
    return AddRow(RowKind::kInstant, Channel::kNone, track, time, name, category);
  }
  BatchBuilder& Open(uint32_t track, Channel channel, uint64_t time, std::string_view name = "",
                     std::string_view category = "") {
    return AddRow(RowKind::kOpen, channel, track, time, name, category);
  }
  BatchBuilder& Close(uint32_t track, Channel channel, uint64_t time, std::string_view name = "",
                      std::string_view category = "") {
    return AddRow(RowKind::kClose, channel, track, time, name, category);
  }
  BatchBuilder& Begin(uint32_t track, uint64_t time, std::string_view name = "", std::string_view category = "") {
    return AddRow(RowKind::kBegin, Channel::kNone, track, time, name, category);
  }
  BatchBuilder& End(uint32_t track, uint64_t time) {
    return AddRow(RowKind::kEnd, Channel::kNone, track, time, "", "");
  }
  BatchBuilder& FlowPoint(uint32_t track, uint64_t time, bool binds_to_next) {
    return AddRow(RowKind::kFlowPoint, binds_to_next ? Channel::kKernel : Channel::kNone, track, time, "", "");
  }
  BatchBuilder& Sample(uint32_t track, uint64_t time, double value) {
    AddRow(RowKind::kCounter, Channel::kNone, track, time, "", "");
    columns_.extent.back() = Bits(value);
    columns_.flags.back() |= kHasExtent;
    return *this;
  }
  BatchBuilder& IntegerSample(uint32_t track, uint64_t time, int64_t value) {
    AddRow(RowKind::kCounter, Channel::kNone, track, time, "", "");
    columns_.extent.back() = static_cast<uint64_t>(value);
    columns_.flags.back() |= kHasExtent | kExtentIs64Bit;
    return *this;
  }
  // Gives the last row a length.
  BatchBuilder& Extent(uint64_t length) {
    columns_.flags.back() = static_cast<uint8_t>(columns_.flags.back() | kHasExtent | (IsDouble(length) ? 0 : kExtentIs64Bit));
    columns_.extent.back() = Encoded(length);
    return *this;
  }

  // ---- attributes of the last row

  BatchBuilder& TextArg(std::string_view key, std::string_view text) {
    return AddNumber(Text(key), AttrType::kText, Text(text));
  }
  BatchBuilder& Int(std::string_view key, int64_t value) {
    if (prefers_doubles_ && value > -kMaxSafe && value < kMaxSafe) {
      return AddAttr(Text(key), AttrType::kInt, Bits(static_cast<double>(value)), false);
    }
    return AddAttr(Text(key), AttrType::kInt, static_cast<uint64_t>(value), true);
  }
  BatchBuilder& Uint(std::string_view key, uint64_t value) { return AddAttr(Text(key), AttrType::kUint, value, true); }
  BatchBuilder& Double(std::string_view key, double value) {
    return AddAttr(Text(key), AttrType::kDouble, Bits(value), false);
  }
  BatchBuilder& Bool(std::string_view key, bool value) { return AddNumber(Text(key), AttrType::kBool, value ? 1 : 0); }
  BatchBuilder& Pointer(std::string_view key, uint64_t value) {
    return AddNumber(Text(key), AttrType::kPointer, value);
  }
  BatchBuilder& BeginDict(std::string_view key) { return AddAttr(Text(key), AttrType::kDict, 0, false); }
  BatchBuilder& BeginArray(std::string_view key) { return AddAttr(Text(key), AttrType::kArray, 0, false); }
  BatchBuilder& End() { return AddAttr(0, AttrType::kEnd, 0, false); }
  // Must come first in its row.
  BatchBuilder& Correlation(uint64_t id) { return AddNumber(0, AttrType::kCorrelation, id); }
  BatchBuilder& FlowOut(uint32_t type, uint64_t id) { return AddNumber(type, AttrType::kFlowOut, id); }
  BatchBuilder& FlowIn(uint32_t type, uint64_t id) { return AddNumber(type, AttrType::kFlowIn, id); }
  BatchBuilder& LaunchArg(const Launch& launch) {
    const size_t offset = columns_.word.size();
    columns_.word.push_back(launch.has);
    for (const uint32_t size : launch.grid) columns_.word.push_back(size);
    for (const uint32_t size : launch.block) columns_.word.push_back(size);
    columns_.word.push_back(launch.shared_memory);
    columns_.word.push_back(launch.registers);
    return AddNumber(0, AttrType::kLaunch, offset);
  }
  BatchBuilder& Stack(const std::vector<FrameText>& frames) {
    const size_t offset = columns_.word.size();
    columns_.word.push_back(static_cast<uint32_t>(frames.size()));
    for (const FrameText& frame : frames) {
      const uint32_t words[kFrameWords] = {Text(frame.function), Text(frame.file), frame.line,
                                           static_cast<uint32_t>(frame.address),
                                           static_cast<uint32_t>(frame.address >> 32)};
      columns_.word.insert(columns_.word.end(), words, words + kFrameWords);
    }
    return AddNumber(0, AttrType::kCallStack, offset);
  }

  // Adds an attribute as it is, also one that makes no sense.
  BatchBuilder& AddAttr(uint32_t key, AttrType type, uint64_t value, bool is_64_bit) {
    columns_.attr_head.push_back(key << kKeyShift | static_cast<uint32_t>(type) | (is_64_bit ? uint32_t{kIs64Bit} : 0u));
    columns_.attr_value.push_back(value);
    columns_.attr_end.back() = static_cast<uint32_t>(columns_.attr_head.size());
    return *this;
  }

  static uint64_t Bits(double value) { return BitsOf(value); }

 private:
  static constexpr int64_t kMaxSafe = int64_t{1} << 53;

  bool IsDouble(uint64_t value) const { return prefers_doubles_ && value < static_cast<uint64_t>(kMaxSafe); }
  uint64_t Encoded(uint64_t value) const { return IsDouble(value) ? Bits(static_cast<double>(value)) : value; }

  BatchBuilder& AddNumber(uint32_t key, AttrType type, uint64_t value) {
    return AddAttr(key, type, Encoded(value), !IsDouble(value));
  }

  uint32_t AddTrack(TrackKind kind, std::string_view name, int64_t parent, uint64_t uuid) {
    const uint32_t track = tracks_++;
    AddRow(RowKind::kTrack, Channel::kNone, track, uuid, name, "");
    columns_.channel.back() = static_cast<uint8_t>(kind);
    columns_.category.back() = static_cast<uint32_t>(parent + 1);
    return track;
  }

  BatchBuilder& AddRow(RowKind kind, Channel channel, uint32_t track, uint64_t time, std::string_view name,
                       std::string_view category) {
    columns_.kind.push_back(static_cast<uint8_t>(kind));
    columns_.channel.push_back(static_cast<uint8_t>(channel));
    columns_.flags.push_back(IsDouble(time) ? 0 : kTimeIs64Bit);
    columns_.track.push_back(track);
    columns_.name.push_back(Text(name));
    columns_.category.push_back(Text(category));
    columns_.time.push_back(Encoded(time));
    columns_.extent.push_back(0);
    columns_.attr_end.push_back(static_cast<uint32_t>(columns_.attr_head.size()));
    return *this;
  }

  Columns columns_;
  std::unordered_map<std::string, uint32_t> ids_;
  uint32_t tracks_ = 0;
  bool prefers_doubles_ = true;
};

}  // namespace tracesmith::test
