#include "chrome_json/json_text.h"

#include <algorithm>
#include <iterator>

namespace tracesmith {
namespace {

using byte_masks::LowestBit;

constexpr const char* kEventKeys[] = {
    "ph",  "name", "cat",     "ts",      "dur",      "pid",   "tid", "args",  "id",  "id2",    "tts",
    "tdur", "s",   "bp",      "bind_id", "flow_in",  "flow_out", "sf", "stack", "esf", "estack", "scope", "cname"};
// No writer of traces puts more space between a brace and its key.
constexpr size_t kMaxSpaces = 256;
constexpr size_t kMaxKey = 16;

bool IsEventKey(const uint8_t* key, size_t size) {
  return std::any_of(std::begin(kEventKeys), std::end(kEventKeys), [key, size](const char* known) {
    return std::strlen(known) == size && std::memcmp(known, key, size) == 0;
  });
}

const uint8_t* SkipSpaces(const uint8_t* at, const uint8_t* end) {
  const uint8_t* limit = at + std::min(kMaxSpaces, static_cast<size_t>(end - at));
  while (at != limit && IsJsonSpace(*at)) ++at;
  return at;
}

// An event follows a comma, a bracket or the end of a line; behind a colon there is the value of a key.
bool MayPrecedeEvent(uint8_t previous, bool line_ended) {
  if (previous == ':') return false;
  return line_ended || previous == ',' || previous == '[' || previous == ']' || previous == '{' || previous == '}';
}

}  // namespace

uint64_t byte_masks::CountLines(const uint8_t* begin, const uint8_t* end) {
  uint64_t lines = 0;
  while (begin != end) {
    // Compilers add up 16 bytes at a time as long as a byte can hold the sum.
    const uint8_t* limit = begin + std::min<size_t>(255, static_cast<size_t>(end - begin));
    uint8_t sum = 0;
    for (; begin != limit; ++begin) sum = static_cast<uint8_t>(sum + (*begin == '\n'));
    lines += sum;
  }
  return lines;
}

EventStart MatchEventStart(const uint8_t* at, const uint8_t* end) {
  at = SkipSpaces(at + 1, end);
  if (at == end) return EventStart::kCut;
  if (*at != '"') return EventStart::kNo;
  const uint8_t* key = ++at;
  while (at != end && *at != '"' && static_cast<size_t>(at - key) < kMaxKey) ++at;
  if (at == end) return EventStart::kCut;
  if (*at != '"' || !IsEventKey(key, static_cast<size_t>(at - key))) return EventStart::kNo;
  at = SkipSpaces(at + 1, end);
  if (at == end) return EventStart::kCut;
  return *at == ':' ? EventStart::kYes : EventStart::kNo;
}

void ValueScan::Start(uint8_t first) {
  depth_ = 0;
  in_string_ = 0;
  is_escaped_ = false;
  is_too_deep_ = false;
  may_have_escapes_ = false;
  previous_ = first;
  line_ended_ = false;
  if (first == '"') {
    in_string_ = ~uint64_t{0};
  } else {
    Open(first);
  }
}

void ValueScan::Open(uint8_t bracket) {
  if (++depth_ > kMaxJsonDepth) {
    is_too_deep_ = true;
    return;
  }
  const uint64_t bit = uint64_t{1} << depth_ % 64;
  uint64_t& word = is_array_[depth_ / 64];
  word = bracket == '[' ? word | bit : word & ~bit;
}

bool ValueScan::Close(uint8_t bracket) {
  // The kinds of deeper brackets are not kept: nothing reads such a value.
  if (depth_ > kMaxJsonDepth) {
    --depth_;
    return false;
  }
  size_t open = depth_;
  while (open > 0 && IsArray(open) != (bracket == ']')) --open;
  if (open > 0) depth_ = open - 1;
  return depth_ == 0;
}

// Returns which of `count` bytes are escaped by a backslash in front of them.
uint64_t ValueScan::Escaped(uint64_t backslashes, size_t count) {
  may_have_escapes_ = true;
  uint64_t escaped = is_escaped_ ? 1 : 0;
  is_escaped_ = false;
  uint64_t left = backslashes & ~escaped;
  while (left != 0) {
    const uint64_t backslash = left & (~left + 1);
    const uint64_t next = backslash << 1;
    escaped |= next;
    left &= ~(backslash | next);
    if (backslash == uint64_t{1} << (count - 1)) is_escaped_ = true;
  }
  return escaped;
}

ValueScan::Stop ValueScan::RunFast(const Input& input, const uint8_t** at) {
  for (const uint8_t* block = *at; block != input.end;) {
    const size_t count = std::min<size_t>(64, static_cast<size_t>(input.end - block));
    const uint64_t counted = ~uint64_t{0} >> (64 - count);
    byte_masks::Masks masks = byte_masks::Fastest::Classify(block);
    uint64_t quotes = masks.quotes & counted;
    const uint64_t backslashes = masks.backslashes & counted;
    if (backslashes != 0 || is_escaped_) quotes &= ~Escaped(backslashes, count);
    const uint64_t strings = byte_masks::PrefixXor(quotes) ^ in_string_;
    for (uint64_t brackets = masks.brackets & counted & ~strings; brackets != 0; brackets &= brackets - 1) {
      const uint8_t* bracket = block + LowestBit(brackets);
      if (*bracket == '{' || *bracket == '[') {
        if (*bracket == '{' && bracket[-1] != ':' && IsInObject()) {
          const uint8_t* before = bracket - 1;
          bool line_ended = false;
          for (; before > input.value && IsJsonSpace(*before); --before) line_ended |= *before == '\n';
          if (MayPrecedeEvent(*before, line_ended)) {
            const EventStart match = MatchEventStart(bracket, input.text_end);
            if (match == EventStart::kYes || (match == EventStart::kCut && !input.is_last)) {
              *at = bracket;
              in_string_ = 0;
              is_escaped_ = false;
              return match == EventStart::kYes ? Stop::kNewEvent : Stop::kMore;
            }
          }
        }
        Open(*bracket);
      } else if (Close(*bracket)) {
        *at = bracket + 1;
        return Stop::kEnd;
      }
    }
    in_string_ = (strings >> (count - 1) & 1) != 0 ? ~uint64_t{0} : 0;
    block += count;
  }
  *at = input.end;
  return Stop::kMore;
}

ValueScan::Stop ValueScan::RunCareful(const Input& input, const uint8_t** at) {
  for (; *at != input.end; ++*at) {
    const uint8_t byte = **at;
    const bool was_escaped = is_escaped_;
    is_escaped_ = false;
    if (byte == '{' && (in_string_ != 0 || IsInObject()) && MayPrecedeEvent(previous_, line_ended_)) {
      const EventStart match = MatchEventStart(*at, input.text_end);
      if (match == EventStart::kYes) return Stop::kNewEvent;
      if (match == EventStart::kCut && !input.is_last) {
        is_escaped_ = was_escaped;
        return Stop::kMore;
      }
    }
    if (byte == '\\') {
      may_have_escapes_ = true;
      is_escaped_ = !was_escaped;
    } else if (byte == '"') {
      if (!was_escaped) {
        in_string_ = ~in_string_;
        if (in_string_ == 0 && depth_ == 0) {
          ++*at;
          return Stop::kEnd;
        }
      }
    } else if (in_string_ == 0) {
      if (byte == '{' || byte == '[') {
        Open(byte);
      } else if ((byte == '}' || byte == ']') && Close(byte)) {
        ++*at;
        return Stop::kEnd;
      }
    }
    if (IsJsonSpace(byte)) {
      line_ended_ |= byte == '\n';
    } else {
      previous_ = byte;
      line_ended_ = false;
    }
  }
  return Stop::kMore;
}

}  // namespace tracesmith
