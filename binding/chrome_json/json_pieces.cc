#include "chrome_json/json_pieces.h"

#include "chrome_json/json_tokens.h"
#include "chrome_json/value_scan.h"

namespace tracesmith {

bool JsonPieces::Refill() {
  if (!source_) return false;
  buffer_.Truncate(0);
  uint8_t* begin = buffer_.Extend(kBufferSize);
  const size_t count = source_(begin, kBufferSize);
  at_ = begin;
  end_ = begin + count;
  if (count == 0) source_ = nullptr;
  return count != 0;
}

uint8_t JsonPieces::Peek() {
  while (HasMore()) {
    if (*at_ == 0) break;
    if (!IsJsonSpace(*at_)) return *at_;
    ++at_;
  }
  is_cut_ = true;
  return 0;
}

uint8_t JsonPieces::PeekElement() {
  while (Peek() == ',') ++at_;
  return Peek();
}

bool JsonPieces::Enter(uint8_t bracket) {
  if (Peek() != bracket) {
    Skip();
    return false;
  }
  ++at_;
  return true;
}

bool JsonPieces::NextKey(std::string_view* key) {
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
      return true;
    }
  }
  return false;
}

bool JsonPieces::NextElement() {
  const uint8_t byte = PeekElement();
  if (byte == 0) return false;
  // A closing brace means that the bracket is missing: it is left to the object around.
  if (byte == ']') ++at_;
  return byte != ']' && byte != '}';
}

bool JsonPieces::Text(std::string_view* text) {
  if (Peek() != '"') {
    Skip();
    return false;
  }
  TakeString(true);
  text_.resize(raw_.size());
  uint32_t repairs = 0;
  *text = {text_.data(), UnescapeJson(raw_, text_.data(), &repairs)};
  return !is_cut_;
}

bool JsonPieces::Id(uint32_t* id) {
  const uint8_t first = Peek();
  if (first < '0' || first > '9') {
    Skip();
    return false;
  }
  TakeWord();
  uint64_t value = 0;
  for (const char digit : raw_) {
    if (digit < '0' || digit > '9' || value > UINT32_MAX / 10) return false;
    value = value * 10 + static_cast<uint64_t>(digit - '0');
  }
  *id = static_cast<uint32_t>(value);
  return value <= UINT32_MAX;
}

bool JsonPieces::Time(int64_t* nanoseconds) {
  if (EndsScalar(Peek())) {
    Skip();
    return false;
  }
  TakeWord();
  raw_ += ' ';  // ends the number
  TimeValue time;
  ParseMicrosecondsToken(reinterpret_cast<const uint8_t*>(raw_.data()), &time);
  *nanoseconds = time.nanoseconds;
  return time.state == TimeState::kValid;
}

// Brackets are counted and not compared: what does not match is damaged in any case.
void JsonPieces::Skip() {
  size_t depth = 0;
  while (const uint8_t byte = Peek()) {
    if (byte == '"') {
      TakeString(false);
    } else if (byte == '{' || byte == '[') {
      ++depth;
      ++at_;
    } else if (byte == '}' || byte == ']') {
      if (depth != 0) --depth;
      ++at_;
    } else if (byte == ',' || byte == ':') {
      ++at_;
    } else {
      TakeWord();
    }
    if (depth == 0) return;
  }
}

void JsonPieces::TakeString(bool is_wanted) {
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

void JsonPieces::TakeWord() {
  raw_.clear();
  while (HasMore() && !EndsScalar(*at_)) raw_ += static_cast<char>(*at_++);
}

}  // namespace tracesmith
