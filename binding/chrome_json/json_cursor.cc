#include "chrome_json/json_cursor.h"

#include "chrome_json/json_tokens.h"

namespace tracesmith {

bool JsonCursor::Refill() {
  if (!source_) return false;
  buffer_.Truncate(0);
  uint8_t* begin = buffer_.Extend(kBufferSize);
  const size_t count = source_(begin, kBufferSize);
  at_ = begin;
  end_ = begin + count;
  if (count == 0) source_ = nullptr;
  return count != 0;
}

uint8_t JsonCursor::Peek() {
  while (HasMore()) {
    if (*at_ == 0) break;
    if (!IsJsonSpace(*at_)) return *at_;
    ++at_;
  }
  is_cut_ = true;
  return 0;
}

uint8_t JsonCursor::PeekElement() {
  while (Peek() == ',') ++at_;
  return Peek();
}

bool JsonCursor::Enter(uint8_t bracket) {
  is_behind_key_ = false;
  if (Peek() != bracket) {
    Skip();
    return false;
  }
  ++at_;
  return true;
}

bool JsonCursor::NextKey(std::string_view* key) {
  if (is_behind_key_) Skip();
  while (const uint8_t byte = PeekElement()) {
    if (byte == '}') {
      ++at_;
      return false;
    }
    if (byte != '"') {
      Skip();
      continue;
    }
    if (!Text(key)) return false;
    if (Peek() == ':') {
      ++at_;
      return is_behind_key_ = true;
    }
  }
  return false;
}

bool JsonCursor::NextElement() {
  const uint8_t byte = PeekElement();
  if (byte == 0) return false;
  // A closing brace means that the bracket is missing: the brace belongs to the object around.
  if (byte == ']') ++at_;
  return byte != ']' && byte != '}';
}

bool JsonCursor::Text(std::string_view* text) {
  if (Peek() != '"') {
    Skip();
    return false;
  }
  ReadString(true);
  text_.resize(raw_.size());
  uint32_t repairs = 0;
  *text = {text_.data(), UnescapeJson(raw_, text_.data(), &repairs)};
  return !is_cut_;
}

bool JsonCursor::Id(uint32_t* id) {
  const uint8_t first = Peek();
  if (first < '0' || first > '9') {
    Skip();
    return false;
  }
  ReadWord();
  uint64_t value = 0;
  for (const char digit : raw_) {
    if (digit < '0' || digit > '9' || value > UINT32_MAX / 10) return false;
    value = value * 10 + static_cast<uint64_t>(digit - '0');
  }
  *id = static_cast<uint32_t>(value);
  return value <= UINT32_MAX;
}

bool JsonCursor::Time(int64_t* nanoseconds) {
  if (EndsScalar(Peek())) {
    Skip();
    return false;
  }
  ReadWord();
  raw_ += ' ';  // ends the number
  TimeValue time;
  ParseMicrosecondsToken(reinterpret_cast<const uint8_t*>(raw_.data()), &time);
  *nanoseconds = time.nanoseconds;
  return time.state == TimeState::kValid;
}

std::string JsonCursor::Word() {
  if (EndsScalar(Peek())) {
    Skip();
    return {};
  }
  ReadWord();
  return raw_;
}

// Counts brackets without comparing them: if they do not match the text is damaged in any case.
void JsonCursor::Skip() {
  is_behind_key_ = false;
  size_t depth = 0;
  while (const uint8_t byte = Peek()) {
    if (byte == '"') {
      ReadString(false);
    } else if (byte == '{' || byte == '[') {
      ++depth;
      ++at_;
    } else if (byte == '}' || byte == ']') {
      if (depth != 0) --depth;
      ++at_;
    } else if (byte == ',' || byte == ':') {
      ++at_;
    } else {
      ReadWord();
    }
    if (depth == 0) return;
  }
}

void JsonCursor::ReadString(bool is_wanted) {
  is_behind_key_ = false;
  raw_.clear();
  ++at_;
  bool is_escaped = false;
  while (HasMore()) {
    const uint8_t byte = *at_++;
    if (byte == '"' && !is_escaped) return;
    is_escaped = byte == '\\' && !is_escaped;
    if (is_wanted) raw_ += static_cast<char>(byte);
  }
  is_cut_ = true;
}

void JsonCursor::ReadWord() {
  is_behind_key_ = false;
  raw_.clear();
  while (HasMore() && !EndsScalar(*at_)) raw_ += static_cast<char>(*at_++);
}

}  // namespace tracesmith
