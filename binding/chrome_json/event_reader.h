#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "batch/layout.h"
#include "chrome_json/chrome_event.h"
#include "chrome_json/event_fields.h"
#include "chrome_json/findings.h"
#include "chrome_json/json_tokens.h"
#include "chrome_json/rewrite.h"
#include "chrome_json/text_block.h"
#include "chrome_json/token_index.h"

namespace tracesmith {

// Reads the events of blocks. Each event is read whole or not at all: what JSON forbids but can be
// understood is repaired, what cannot is dropped, both are noted, and the events around are not touched.
// One thread at a time.
class EventReader {
 public:
  // Calls handler(const ChromeEvent&) for each event, in order. Before, the event's arguments are told to
  // the sink, which has these functions; keys of elements of an array are empty:
  //
  //   Reset()                                      forgets what it was told of this event
  //   Int(key, int64_t)  Uint(key, uint64_t)       Uint only for what no int64_t holds
  //   Double(key, double)  Bool(key, bool)  Text(key, std::string_view)
  //   Null(key)                                    in arrays only, since it has an index
  //   BeginDict(key)  EndDict()  BeginArray(key)  EndArray()
  //
  // Arguments nested deeper than kMaxArgDepth are told as one text. Views are valid until the handler
  // returns. Throws std::bad_alloc and what the two throw.
  template <typename Sink, typename Handler>
  void Read(const TextBlock& block, Sink* sink, Handler&& handler);

  const Findings& findings() const { return findings_; }

 private:
  using Error = JsonTokens::Error;

  // Reads one event from its tokens; it must end with the last of its bytes.
  template <typename Sink>
  Error ReadEvent(JsonTokens* tokens, const uint8_t* end, Sink* sink);
  template <typename Sink>
  static Error ReadArgs(JsonTokens* tokens, ChromeEvent* event, Sink* sink);
  // From an index of its own, rewritten where need be.
  template <typename Sink, typename Handler>
  Error ReadAlone(const uint8_t* begin, const uint8_t* end, bool may_have_escapes, Sink* sink, Handler* handler);
  // What no tolerance makes an event may be several, since a quote or brace is missing.
  template <typename Sink, typename Handler>
  void ReadParts(const uint8_t* begin, const uint8_t* end, Error error, Sink* sink, Handler* handler);
  template <typename Handler>
  void Deliver(const uint8_t* begin, const uint8_t* end, std::string_view text, uint32_t repairs, Handler* handler);

  void PrepareStrings(size_t size);
  void NoteRepairs(const uint8_t* begin, const uint8_t* end, uint32_t repairs);
  void Report(FindingCategory category, const char* reason, const uint8_t* begin, const uint8_t* end);

  const TextBlock* block_ = nullptr;
  TokenIndex index_;
  TokenIndex alone_index_;
  PodVector<char> unescaped_;
  PodVector<uint8_t> rewritten_;
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
  // What stands between the events may make this fail: then each is read alone.
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
      if (ReadEvent(&tokens, end, sink) == nullptr) {
        token = tokens.position();
        Deliver(begin, end, {reinterpret_cast<const char*>(begin), span.size}, tokens.repairs(), &handler);
        continue;
      }
    }
    const Error error = ReadAlone(begin, end, span.may_have_escapes, sink, &handler);
    if (error != nullptr) ReadParts(begin, end, error, sink, &handler);
  }
}

template <typename Sink>
EventReader::Error EventReader::ReadEvent(JsonTokens* tokens, const uint8_t* end, Sink* sink) {
  event_ = ChromeEvent();
  sink->Reset();
  tokens->Take();
  bool has_next = tokens->Peek() != '}';
  if (!has_next) tokens->Take();
  while (has_next) {
    std::string_view key;
    if (const Error error = tokens->Key(&key)) return error;
    const Error error = key == "args" ? ReadArgs(tokens, &event_, sink) : ReadField(tokens, key, &event_);
    if (error != nullptr) return error;
    if (const Error missing = tokens->Next('}', &has_next)) return missing;
  }
  return tokens->Last() + 1 == end ? nullptr : "brackets that do not match";
}

template <typename Sink>
EventReader::Error EventReader::ReadArgs(JsonTokens* tokens, ChromeEvent* event, Sink* sink) {
  // Of repeated keys the last one counts.
  if (event->has_args) sink->Reset();
  if (tokens->Peek() != '{') {
    event->has_args = tokens->Peek() != 'n';  // null
    if (event->has_args) tokens->Note(kArgsNoObject);
    return WalkValue(tokens, "args", kMaxArgDepth, sink);
  }
  event->has_args = true;
  tokens->Take();
  bool has_next = tokens->Peek() != '}';
  if (!has_next) tokens->Take();
  while (has_next) {
    std::string_view key;
    if (const Error error = tokens->Key(&key)) return error;
    if (const Error error = WalkValue(tokens, key, kMaxArgDepth, sink)) return error;
    if (const Error error = tokens->Next('}', &has_next)) return error;
  }
  return nullptr;
}

template <typename Sink, typename Handler>
EventReader::Error EventReader::ReadAlone(const uint8_t* begin, const uint8_t* end, bool may_have_escapes, Sink* sink,
                                          Handler* handler) {
  const uint8_t* text = begin;
  auto size = static_cast<size_t>(end - begin);
  uint32_t repairs = 0;
  if (!alone_index_.Build(text, size)) {
    repairs = RewriteText(begin, size, &rewritten_);
    may_have_escapes = true;
    text = rewritten_.begin();
    size = rewritten_.size();
    if (!alone_index_.Build(text, size)) return "a string without its end";
  }
  PrepareStrings(size);
  JsonTokens tokens(text, alone_index_.begin(), may_have_escapes, &unescaped_);
  if (const Error error = ReadEvent(&tokens, text + size, sink)) return error;
  Deliver(begin, end, {reinterpret_cast<const char*>(text), size}, repairs | tokens.repairs(), handler);
  return nullptr;
}

template <typename Sink, typename Handler>
void EventReader::ReadParts(const uint8_t* begin, const uint8_t* end, Error error, Sink* sink, Handler* handler) {
  while (begin != end) {
    ValueScan scan;
    scan.Start(*begin);
    const uint8_t* at = begin + 1;
    const ValueScan::Stop stop = scan.RunCareful({begin, end, end, true}, &at);
    // The first is known to be none.
    if (error == nullptr) {
      error = stop == ValueScan::Stop::kEnd ? ReadAlone(begin, at, true, sink, handler) : "an event without its end";
    }
    if (error != nullptr) Report(FindingCategory::kDropped, error, begin, at);
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
