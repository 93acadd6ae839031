#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "batch/layout.h"
#include "chrome_json/chrome_event.h"
#include "chrome_json/findings.h"
#include "chrome_json/json_tokens.h"
#include "chrome_json/quote_repair.h"

namespace tracesmith {

// A sink that ignores everything.
struct NullSink {
  void Int(std::string_view, int64_t) {}
  void Uint(std::string_view, uint64_t) {}
  void Double(std::string_view, double) {}
  void Text(std::string_view, std::string_view) {}
  void Bool(std::string_view, bool) {}
  void Null(std::string_view) {}
  void BeginDict(std::string_view) {}
  void BeginArray(std::string_view) {}
  void JsonText(std::string_view, std::string_view) {}
  void EndDict() {}
  void EndArray() {}
};

// Reads the value of a field other than `args`; skips the value of an unknown field.
JsonTokens::Error ReadField(JsonTokens* tokens, std::string_view key, ChromeEvent* event);

// Problem: a trace may have events that are no valid JSON, and all other events must be read nevertheless. An
// EventReader reads the events of text blocks, each whole or not at all.
//
// It promises to repair an event if JSON forbids it but its meaning is clear, to drop it if not, to note both as
// findings, and to read the events around as if nothing were. It owns its buffers; the blocks are the caller's. One
// thread at a time may use it.
class EventReader {
 public:
  explicit EventReader(const ListRule& lists = kListsOfEvents) : lists_(lists) {}

  // Calls handler(const ChromeEvent&) for each event, in order. Before, it passes the event's arguments to the sink,
  // which must have these functions; the key of an array's element is a view without data:
  //
  //   Reset()                                      forgets the arguments of this event
  //   Int(key, int64_t)  Uint(key, uint64_t)       Uint only for an integer that no int64_t holds
  //   Double(key, double)  Bool(key, bool)  Text(key, std::string_view)
  //   Null(key)                                    in arrays only, because it has an index
  //   BeginDict(key)  EndDict()  BeginArray(key)  EndArray()
  //   JsonText(key, std::string_view)              an array or object that becomes one text, as it is written
  //
  // An argument nested deeper than kMaxArgDepth becomes one text, and arrays as the ListRule says. Views are valid until the handler returns.
  // Throws std::bad_alloc and the exceptions of the sink and the handler.
  template <typename Sink, typename Handler>
  void Read(const TextBlock& block, Sink* sink, Handler&& handler);

  // From now on skips the arguments of complete events, and does not look for errors in them. Those of events that have to be
  // repaired, or name their phase behind the arguments, are passed nevertheless.
  void SkipArgs() { skips_args_ = true; }

  // Adds a finding about an event that the handler has.
  void Note(const ChromeEvent& event, FindingCategory category, const char* reason);
  const Findings& findings() const { return findings_; }

 private:
  using Error = JsonTokens::Error;

  // Reads one event from its tokens; it must end with the last of its bytes.
  template <typename Sink>
  Error ReadEvent(JsonTokens* tokens, const uint8_t* end, bool skips_args, Sink* sink);
  template <typename Sink>
  Error ReadArgs(JsonTokens* tokens, ChromeEvent* event, Sink* sink);
  // The text of an event as it is, or a copy of it with repairs.
  struct EventText {
    const uint8_t* begin;
    size_t size;
    uint32_t repairs;
  };
  // Reads an event with a token index of its own, from a rewritten copy if necessary. The event is at `begin`.
  template <typename Sink, typename Handler>
  Error ReadAlone(const uint8_t* begin, const uint8_t* end, EventText text, bool may_have_escapes, Sink* sink,
                  Handler* handler);
  template <typename Sink, typename Handler>
  Error ReadAlone(const uint8_t* begin, const uint8_t* end, bool may_have_escapes, Sink* sink, Handler* handler) {
    return ReadAlone(begin, end, {begin, static_cast<size_t>(end - begin), 0}, may_have_escapes, sink, handler);
  }
  // Reads an event from a copy whose quotes are repaired. False if that is no event either, or not all of the text.
  template <typename Sink, typename Handler>
  bool ReadWithQuotes(const uint8_t* begin, const uint8_t* end, Sink* sink, Handler* handler) {
    while (IsJsonSpace(end[-1]) || end[-1] == ',') --end;
    if (EscapeInnerQuotes(begin, static_cast<size_t>(end - begin), &quoted_) != end) return false;
    return ReadAlone(begin, end, {quoted_.begin(), quoted_.size(), kInnerQuotes}, true, sink, handler) == nullptr;
  }
  // Reads a text that is not one event but may be several, because a quote or brace is missing.
  template <typename Sink, typename Handler>
  void ReadEachEvent(const uint8_t* begin, const uint8_t* end, Error error, Sink* sink, Handler* handler);
  template <typename Handler>
  void Deliver(const uint8_t* begin, const uint8_t* end, std::string_view text, uint32_t repairs, Handler* handler);

  void PrepareStrings(size_t size);
  void NoteRepairs(const uint8_t* begin, const uint8_t* end, uint32_t repairs);
  void Report(FindingCategory category, const char* reason, const uint8_t* begin, const uint8_t* end);

  const ListRule lists_;
  bool skips_args_ = false;
  const TextBlock* block_ = nullptr;
  TokenIndex index_;
  TokenIndex alone_index_;
  PodVector<char> unescaped_;
  PodVector<uint8_t> rewritten_;
  PodVector<uint8_t> quoted_;
  ChromeEvent event_;
  Findings findings_;
};

// ---------------------------------------------------------------------- templates

template <typename Sink, typename Handler>
void EventReader::Read(const TextBlock& block, Sink* sink, Handler&& handler) {
  if (block.events.empty()) return;
  block_ = &block;
  const uint32_t first = block.events[0].begin;
  const uint8_t* text = block.text.begin() + first;
  // Text between the events may make this fail: then each event is read alone.
  const bool is_indexed = index_.Build(text, block.text.size() - first);
  const uint32_t* token = is_indexed ? index_.begin() : nullptr;
  const uint32_t* last = is_indexed ? index_.end() : nullptr;
  for (const EventSpan& span : block.events) {
    const uint8_t* begin = block.text.begin() + span.begin;
    const uint8_t* end = begin + span.size;
    while (token != last && *token < span.begin - first) ++token;
    if (token != last && *token == span.begin - first) {
      if (span.may_have_escapes) PrepareStrings(span.size);
      JsonTokens tokens(text, token, span.may_have_escapes, &unescaped_);
      if (ReadEvent(&tokens, end, skips_args_, sink) == nullptr) {
        token = tokens.position();
        Deliver(begin, end, {reinterpret_cast<const char*>(begin), span.size}, tokens.repairs(), &handler);
        continue;
      }
    }
    const Error error = ReadAlone(begin, end, span.may_have_escapes, sink, &handler);
    if (error != nullptr) ReadEachEvent(begin, end, error, sink, &handler);
  }
}

template <typename Sink>
EventReader::Error EventReader::ReadEvent(JsonTokens* tokens, const uint8_t* end, bool skips_args, Sink* sink) {
  event_ = ChromeEvent();
  sink->Reset();
  const Error error = tokens->ReadObject([&](std::string_view key) {
    if (skips_args && key == "args" && event_.phase == 'X' && tokens->Peek() == '{') {
      event_.has_args = event_.are_args_skipped = true;
      return tokens->Skip(end);
    }
    return key == "args" ? ReadArgs(tokens, &event_, sink) : ReadField(tokens, key, &event_);
  });
  if (error != nullptr) return error;
  return tokens->Previous() + 1 == end ? nullptr : "brackets that do not match";
}

template <typename Sink>
EventReader::Error EventReader::ReadArgs(JsonTokens* tokens, ChromeEvent* event, Sink* sink) {
  // If a key is repeated, the last one counts.
  if (event->has_args) sink->Reset();
  if (tokens->Peek() != '{') {
    event->has_args = tokens->Peek() != 'n';  // null
    if (event->has_args) tokens->Note(kArgsNoObject);
    return WalkValue(tokens, "args", kMaxArgDepth, lists_, sink);
  }
  event->has_args = true;
  return tokens->ReadObject([&](std::string_view key) { return WalkValue(tokens, key, kMaxArgDepth, lists_, sink); });
}

template <typename Sink, typename Handler>
EventReader::Error EventReader::ReadAlone(const uint8_t* begin, const uint8_t* end, EventText text,
                                          bool may_have_escapes, Sink* sink, Handler* handler) {
  if (!alone_index_.Build(text.begin, text.size)) {
    text.repairs |= RewriteText(text.begin, text.size, &rewritten_);
    may_have_escapes = true;
    text.begin = rewritten_.begin();
    text.size = rewritten_.size();
    if (!alone_index_.Build(text.begin, text.size)) return "a string without its end";
  }
  PrepareStrings(text.size);
  JsonTokens tokens(text.begin, alone_index_.begin(), may_have_escapes, &unescaped_);
  if (const Error error = ReadEvent(&tokens, text.begin + text.size, false, sink)) return error;
  Deliver(begin, end, {reinterpret_cast<const char*>(text.begin), text.size}, text.repairs | tokens.repairs(), handler);
  return nullptr;
}

template <typename Sink, typename Handler>
void EventReader::ReadEachEvent(const uint8_t* begin, const uint8_t* end, Error error, Sink* sink, Handler* handler) {
  while (begin != end) {
    ValueScan scan;
    scan.Start(*begin);
    const uint8_t* at = begin + 1;
    const ValueScan::Stop stop = scan.RunCareful({begin, end, end, true}, &at);
    // The first text is known to be no event: `error` says why.
    if (stop != ValueScan::Stop::kEnd) {
      error = "an event without its end";
    } else if (error == nullptr) {
      error = ReadAlone(begin, at, true, sink, handler);
    }
    if (error != nullptr && !ReadWithQuotes(begin, at, sink, handler)) {
      Report(FindingCategory::kDropped, error, begin, at);
    }
    error = nullptr;
    if (stop == ValueScan::Stop::kNewEvent) {
      begin = at;
    } else {
      begin = std::find_if(at, end, [end](const uint8_t& byte) {
        return byte == '{' && MatchEventStart(&byte, end) == EventStart::kYes;
      });
    }
  }
}

template <typename Handler>
void EventReader::Deliver(const uint8_t* begin, const uint8_t* end, std::string_view text, uint32_t repairs,
                          Handler* handler) {
  if (repairs != 0) NoteRepairs(begin, end, repairs);
  event_.text = text;
  event_.block = block_;
  event_.offset = block_->offset + static_cast<uint64_t>(begin - block_->text.begin());
  (*handler)(event_);
}

}  // namespace tracesmith
