#include "order/event_table.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "batch/batch_values.h"
#include "batch/row_reader.h"

namespace tracesmith {
namespace {

// Pairing may write as many again.
constexpr size_t kMaxAttrs = UINT32_MAX / 2;

}  // namespace

Status EventTable::Append(const BatchView& batch) {
  const size_t events_before = events_.size();
  const size_t attrs_before = attrs_.size();
  const size_t tracks_before = tracks_.size();
  const uint32_t strings_before = strings_.size();
  if (attrs_before + batch.attrs > kMaxAttrs) {
    return Status("batch: a trace can hold " + std::to_string(kMaxAttrs) + " arguments, this one has more");
  }

  ReserveAhead(batch);
  const size_t metadata_before = metadata_.size();
  const bool is_new_generation = batch.generation != generation_;
  if (is_new_generation) strings_.BeginGeneration();
  Status status = AppendTexts(batch);
  if (status.ok()) status = AppendRows(batch);
  if (!status.ok()) {
    // Launch configurations and call stacks of this batch stay: nothing refers to them.
    events_.Truncate(events_before);
    attrs_.Truncate(attrs_before);
    tracks_.resize(tracks_before);
    metadata_.resize(metadata_before);
    strings_.Truncate(strings_before);
    if (is_new_generation) strings_.EndEmptyGeneration();
  } else {
    generation_ = batch.generation;
  }
  return status;
}

// The first batch is a sample of the rows to come.
void EventTable::ReserveAhead(const BatchView& batch) {
  if (expected_rows_ <= batch.rows || batch.rows == 0) return;
  constexpr size_t kMaxReserved = size_t{1} << 24;  // what the caller expects is not trusted with all memory
  const size_t rows = std::min(expected_rows_, kMaxReserved);
  events_.Reserve(rows);
  attrs_.Reserve(rows * batch.attrs / batch.rows + batch.attrs);
  expected_rows_ = 0;
}

Status EventTable::AppendTexts(const BatchView& batch) {
  constexpr size_t kMaxIds = UINT32_MAX - 1;
  if (strings_.size() - strings_.offset() + batch.texts >= kMaxStrings || strings_.size() + batch.texts > kMaxIds) {
    return Status("batch: a trace can hold " + std::to_string(kMaxStrings - 1) + " strings, this one has more");
  }
  uint32_t begin = 0;
  for (size_t i = 0; i < batch.texts; ++i) {
    const uint32_t end = batch.text_end[i];
    if (end < begin || end > batch.text_byte_count) {
      return Expected("textEnd", i, std::to_string(begin) + " to " + std::to_string(batch.text_byte_count),
                      std::to_string(end));
    }
    strings_.Add(reinterpret_cast<const char*>(batch.text_bytes) + begin, end - begin);
    begin = end;
  }
  return Status();
}

RowReader EventTable::ReaderOf(const BatchView& batch) const {
  return RowReader(batch, tracks_, has_counters_, strings_.offset(), strings_.size() - strings_.offset());
}

Status EventTable::AppendRows(const BatchView& batch) {
  RowReader reader = ReaderOf(batch);
  uint32_t attr_begin = 0;
  for (size_t row = 0; row < batch.rows;) {
    const auto first_attr = static_cast<uint32_t>(attrs_.size());
    if (reader.MayBePlain(row, attr_begin)) {
      const size_t count = reader.CountPlain(row, attr_begin);
      Event* events = events_.Extend(count);
      for (size_t i = 0; i < count; ++i) reader.ReadPlain(row + i, first_attr, !has_gpu_stages_, &events[i]);
      row += count;
      if (count != 0) continue;
    }
    const uint32_t attr_end = batch.attr_end[row];
    if (attr_end < attr_begin || attr_end > batch.attrs) {
      return Expected("attrEnd", row, std::to_string(attr_begin) + " to " + std::to_string(batch.attrs),
                      std::to_string(attr_end));
    }
    const auto kind = static_cast<RowKind>(batch.kind[row]);
    if (attr_begin != attr_end) {
      Status status = AppendAttrs(batch, attr_begin, attr_end, kind == RowKind::kTrack);
      if (!status.ok()) return status;
      attr_begin = attr_end;
    }
    const AttrRange attrs{first_attr, static_cast<uint32_t>(attrs_.size())};
    if (kind == RowKind::kTrack) {
      Status status = AppendTrack(batch, row, attrs);
      if (!status.ok()) return status;
      reader = ReaderOf(batch);
    } else if (kind == RowKind::kMetadata) {
      metadata_.push_back(attrs);
    } else {
      Event event;
      if (!reader.Read(row, &event)) return reader.DescribeBad(row);
      event.attr_begin = attrs.begin;
      event.attr_end = attrs.end;
      NoteKind(&event);
      events_.Add(event);
    }
    ++row;
  }
  return Status();
}

Status EventTable::AppendTrack(const BatchView& batch, size_t row, AttrRange attrs) {
  const uint8_t kind = batch.channel[row];
  const uint32_t last_string = strings_.size() - strings_.offset();
  uint64_t uuid = 0;
  if (!ReadUnsigned(batch.time[row], (batch.flags[row] & kTimeIs64Bit) != 0, &uuid)) return BadTime(batch, row);
  if (batch.name[row] > last_string) return BadString("name", row, batch.name[row], last_string);
  if (batch.track[row] != tracks_.size()) {
    return Expected("track", row, "the next track number, " + std::to_string(tracks_.size()),
                    std::to_string(batch.track[row]));
  }
  if (kind < static_cast<uint8_t>(TrackKind::kProcess) || kind > static_cast<uint8_t>(TrackKind::kCounter)) {
    return Expected("channel", row, "a track kind from 1 to 4", std::to_string(kind));
  }
  if (batch.category[row] > tracks_.size()) {
    return Expected("category", row, "the number of an earlier track plus one, or 0", std::to_string(batch.category[row]));
  }
  const GpuEvents gpu_events = GpuEventsOf(attrs);
  has_counters_ = has_counters_ || kind == static_cast<uint8_t>(TrackKind::kCounter);
  has_gpu_stages_ = has_gpu_stages_ || gpu_events != GpuEvents::kTracks;
  tracks_.push_back({static_cast<TrackKind>(kind), Global(batch.name[row], strings_.offset()),
                     static_cast<int64_t>(batch.category[row]) - 1, uuid, attrs.begin, attrs.end, gpu_events});
  return Status();
}

// Some kinds concern more than their own row: the timeline must know that they are there.
void EventTable::NoteKind(Event* event) {
  event->is_plain = event->name != 0 && event->attrs().empty() && !has_gpu_stages_ &&
                    (event->kind == RowKind::kBegin || EndsOnLane(*event));
  switch (event->kind) {
    case RowKind::kOpen:
    case RowKind::kClose:
      has_pairs_ = true;
      break;
    case RowKind::kFlowPoint:
      has_flow_points_ = true;
      break;
    case RowKind::kBegin:
      event->length = kNoEnd;  // until its End comes
      break;
    case RowKind::kEnd:
      event->lane_id = kNoLane;
      break;
    default:
      break;
  }
}

Status EventTable::AppendAttrs(const BatchView& batch, uint32_t begin, uint32_t end, bool keys_are_properties) {
  uint32_t depth = 0;
  const uint32_t offset = strings_.offset();
  const uint32_t last_string = strings_.size() - offset;
  const uint32_t key_offset = keys_are_properties ? 0 : offset;
  const uint32_t last_key = keys_are_properties ? UINT32_MAX : last_string;
  Attr* next = attrs_.Extend(end - begin);
  for (uint32_t i = begin; i < end; ++i) {
    const uint32_t head = batch.attr_head[i];
    const uint64_t bits = batch.attr_value[i];
    const bool is_64_bit = (head & kIs64Bit) != 0;
    const auto type = static_cast<AttrType>(head % kIs64Bit);
    uint32_t key = head >> kKeyShift;
    uint64_t value = bits;
    bool is_good = key <= last_key;
    key = Global(key, key_offset);
    switch (type) {
      case AttrType::kText:
      case AttrType::kJson:
        is_good = is_good && ReadUnsigned(bits, is_64_bit, &value) && value - 1 < last_string;
        value += offset;
        break;
      case AttrType::kInt:
        is_good = is_good && ReadSigned(bits, is_64_bit, &value);
        break;
      case AttrType::kUint:
      case AttrType::kPointer:
      case AttrType::kCorrelation:
        is_good = is_good && ReadUnsigned(bits, is_64_bit, &value);
        break;
      case AttrType::kBool:
        is_good = is_good && ReadUnsigned(bits, is_64_bit, &value) && value <= 1;
        break;
      case AttrType::kFlowOut:
      case AttrType::kFlowIn:
        key = head >> kKeyShift;  // the type of the flow
        is_good = ReadUnsigned(bits, is_64_bit, &value);
        has_flows_ = true;
        break;
      case AttrType::kFlow:
      case AttrType::kTerminatingFlow:
        is_good = is_good && ReadUnsigned(bits, is_64_bit, &value);
        break;
      case AttrType::kDouble:
        break;
      case AttrType::kDict:
      case AttrType::kArray:
        if (++depth > kMaxArgDepth) {
          return Expected("attrHead", i, "at most " + std::to_string(kMaxArgDepth) + " nested objects", "more");
        }
        break;
      case AttrType::kEnd:
        if (depth == 0) return Expected("attrHead", i, "an End after a Dict or Array", "an End alone");
        --depth;
        break;
      case AttrType::kLaunch:
        is_good = is_good && ReadUnsigned(bits, is_64_bit, &value) && LaunchIndex(batch, value, &value);
        break;
      case AttrType::kCallStack:
        is_good = is_good && ReadUnsigned(bits, is_64_bit, &value) && CallStackIndex(batch, value, &value);
        break;
      default:
        is_good = false;
    }
    if (!is_good) return DescribeBadAttr(batch, i, last_key);
    *next++ = {value, key, type};
  }
  if (depth != 0) return Expected("attrEnd", end, "an End for every Dict and Array", "too few");
  return Status();
}

Status EventTable::DescribeBadAttr(const BatchView& batch, size_t index, uint32_t last_key) const {
  const uint32_t type = batch.attr_head[index] % kIs64Bit;
  const uint32_t key = batch.attr_head[index] >> kKeyShift;
  if (type < static_cast<uint32_t>(AttrType::kText) || type > static_cast<uint32_t>(AttrType::kJson)) {
    return Expected("attrHead", index, "an attribute type from 1 to 17", std::to_string(type));
  }
  if (key > last_key) {
    return Expected("attrHead", index, "a string id up to " + std::to_string(last_key), std::to_string(key));
  }
  return Expected("attrValue", index, "a value, string id or word offset that fits attribute type " + std::to_string(type),
                  std::to_string(AsDouble(batch.attr_value[index])));
}

bool EventTable::LaunchIndex(const BatchView& batch, uint64_t offset, uint64_t* index) {
  if (offset > batch.words || batch.words - offset < kLaunchWords) return false;
  LaunchWords words;
  std::memcpy(words.data(), batch.word + offset, sizeof(words));
  *index = shared_.AddLaunch(words);
  return true;
}

bool EventTable::CallStackIndex(const BatchView& batch, uint64_t offset, uint64_t* index) {
  if (offset >= batch.words) return false;
  const uint64_t count = batch.word[offset];
  if (count > (batch.words - offset - 1) / kFrameWords) return false;
  const uint32_t first_string = strings_.offset();
  const uint32_t last_string = strings_.size() - first_string;
  CallStack stack;
  stack.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    const uint32_t* words = batch.word + offset + 1 + i * kFrameWords;
    if (words[0] > last_string || words[1] > last_string) return false;
    stack.push_back(shared_.AddFrame({Global(words[0], first_string), Global(words[1], first_string), words[2],
                                      words[3] | (uint64_t{words[4]} << 32)}));
  }
  *index = shared_.AddCallStack(std::move(stack));
  return true;
}

bool EventTable::DropWritten(uint32_t first, PodVector<uint32_t>& new_indices) {
  const bool renumbers = shared_.IsLarge();
  const SharedValues old = renumbers ? std::exchange(shared_, SharedValues()) : SharedValues();
  const bool drops_strings = strings_.has_older();
  uint32_t oldest_string = strings_.size() + 1;
  kept_attrs_.Truncate(0);
  new_indices.Truncate(0);
  new_indices.Extend(events_.size());
  uint32_t kept = 0;
  for (size_t i = first; i < events_.size(); ++i) {
    if (events_[i].kind == kWritten) continue;
    new_indices[i] = kept;
    Event& moved_event = events_[kept];
    moved_event = events_[i];
    const uint32_t count = moved_event.attr_end - moved_event.attr_begin;
    if (count != 0) {
      Attr* attrs = kept_attrs_.Extend(count);
      std::memcpy(attrs, &attrs_[moved_event.attr_begin], count * sizeof(Attr));
      if (renumbers) {
        for (uint32_t i = 0; i < count; ++i) Renumber(old, &attrs[i]);
      }
    }
    moved_event.attr_end = static_cast<uint32_t>(kept_attrs_.size());
    moved_event.attr_begin = moved_event.attr_end - count;
    ++kept;
  }
  events_.Truncate(kept);
  std::swap(attrs_, kept_attrs_);
  if (drops_strings) {
    for (const Event& event : events_) oldest_string = std::min(oldest_string, OldestString(event));
    strings_.DropBefore(oldest_string);
  }
  return renumbers;
}

void EventTable::Renumber(const SharedValues& old, Attr* attr) {
  if (attr->type == AttrType::kLaunch) {
    attr->value = shared_.AddLaunch(old.launches()[attr->value]);
  } else if (attr->type == AttrType::kCallStack) {
    CallStack stack;
    for (const uint32_t frame : old.call_stacks()[attr->value]) stack.push_back(shared_.AddFrame(old.frames()[frame]));
    attr->value = shared_.AddCallStack(std::move(stack));
  }
}

// Tells which generations of strings must stay. The name and category of an event are as old as any of its strings; merged
// arguments may have several generations.
uint32_t EventTable::OldestString(const Event& event) const {
  if (event.name != 0) return event.name;
  if (event.category != 0) return event.category;
  uint32_t oldest = UINT32_MAX;
  const auto note = [&oldest](uint64_t id) {
    if (id != 0) oldest = std::min(oldest, static_cast<uint32_t>(id));
  };
  for (uint32_t i = event.attr_begin; i < event.attr_end; ++i) {
    const Attr& attr = attrs_[i];
    if (attr.type == AttrType::kText || attr.type == AttrType::kJson) note(attr.value);
    if (attr.type != AttrType::kFlowOut && attr.type != AttrType::kFlowIn) note(attr.key);
    if (attr.type != AttrType::kCallStack) continue;
    for (const uint32_t index : call_stacks()[attr.value]) {
      note(frames()[index].function_name);
      note(frames()[index].file_name);
    }
  }
  return oldest;
}

// The order of events depends on this property of a track.
GpuEvents EventTable::GpuEventsOf(AttrRange attrs) const {
  for (uint32_t i = attrs.begin; i < attrs.end; ++i) {
    if (attrs_[i].key != static_cast<uint32_t>(TrackProperty::kGpuEvents)) continue;
    if (attrs_[i].value == static_cast<uint64_t>(GpuEvents::kRenderStages)) return GpuEvents::kRenderStages;
    if (attrs_[i].value == static_cast<uint64_t>(GpuEvents::kBoth)) return GpuEvents::kBoth;
  }
  return GpuEvents::kTracks;
}

uint64_t EventTable::CorrelationOf(const Event& event) const {
  if (event.attr_begin == event.attr_end) return 0;
  const Attr& first = attrs_[event.attr_begin];
  return first.type == AttrType::kCorrelation ? first.value : 0;
}

}  // namespace tracesmith
