#include "order/begin_end_pairs.h"

namespace tracesmith {

BeginEndPairs::TrackBegins& BeginEndPairs::BeginsOf(uint32_t track) {
  if (track >= tracks_.size()) tracks_.resize(track + 1);
  return tracks_[track];
}

void BeginEndPairs::AddBegin(uint32_t index) {
  const Event& begin = table_.events()[index];
  TrackBegins& begins = BeginsOf(begin.track);
  begins.stack.push_back(index);
  begins.latest = begin.time;
  ++open_;
}

void BeginEndPairs::AddEnd(uint32_t index, Lanes& lanes) {
  Event& end = table_.events()[index];
  TrackBegins& begins = BeginsOf(end.track);
  if (begins.stack.empty()) return;
  const uint32_t top = begins.stack.back();
  begins.stack.pop_back();
  begins.latest = end.time;
  --open_;
  if (begins.stack.size() < begins.written) {
    --begins.written;
    end.lane_id = top;
    lanes.TellEnd(top, end.time);
    return;
  }
  Event& begin = table_.events()[top];
  begin.kind = RowKind::kSlice;
  begin.length = end.time < begin.time ? 0 : end.time - begin.time;
  begin.is_plain = begin.is_plain && begin.length != 0 && end.attrs().empty();
  JoinArguments(&begin, end);
}

// Appends the arguments of an End to those of its Begin.
void BeginEndPairs::JoinArguments(Event* begin, const Event& end) {
  if (end.attrs().empty()) return;
  PodVector<Attr>& attrs = table_.attrs();
  const auto joined = static_cast<uint32_t>(attrs.size());
  for (const AttrRange& range : {begin->attrs(), end.attrs()}) {
    for (uint32_t i = range.begin; i < range.end; ++i) attrs.Add(attrs[i]);
  }
  begin->attr_begin = joined;
  begin->attr_end = static_cast<uint32_t>(attrs.size());
}

void BeginEndPairs::NoteWritten(const Lanes::Place& place) {
  TrackBegins& begins = tracks_[place.track];
  begins.stack[begins.written++] = place.id;
}

void BeginEndPairs::Renumber(const PodVector<uint32_t>& new_indices) {
  for (TrackBegins& begins : tracks_) {
    for (size_t i = begins.written; i < begins.stack.size(); ++i) begins.stack[i] = new_indices[begins.stack[i]];
  }
}

}  // namespace tracesmith
