#include "chrome_json/quote_repair.h"

#include <cstring>
#include <string>

#include "chrome_json/json_text.h"

namespace tracesmith {
namespace {

constexpr size_t kMaxDepth = 1000;

class QuoteEscaper {
 public:
  QuoteEscaper(const uint8_t* text, size_t size, PodVector<uint8_t>* copy)
      : at_(text), end_(text + size), copy_(copy) {}

  // Returns the end of the object, or null.
  const uint8_t* Run() {
    while (at_ != end_) {
      const uint8_t byte = *at_;
      if (byte == '"') {
        if (!CopyString()) return nullptr;
        continue;
      }
      copy_->Add(byte);
      ++at_;
      if (byte == '{' || byte == '[') {
        open_ += static_cast<char>(byte);
        if (open_.size() > kMaxDepth) return nullptr;
      } else if (byte == '}' || byte == ']') {
        if (open_.empty() || open_.back() != OpeningOf(byte)) return nullptr;
        open_.pop_back();
        if (open_.empty()) return has_inner_quotes_ ? at_ : nullptr;
      }
      if (byte == '{' || byte == ',') is_key_next_ = IsInObject();
      if (byte == '[' || byte == ':') is_key_next_ = false;
    }
    return nullptr;
  }

 private:
  static char OpeningOf(uint8_t closing) { return closing == '}' ? '{' : '['; }
  bool IsInObject() const { return !open_.empty() && open_.back() == '{'; }

  const uint8_t* SkipSpaces(const uint8_t* at) const {
    while (at != end_ && IsJsonSpace(*at)) ++at;
    return at;
  }
  uint8_t ByteAt(const uint8_t* at) const { return at == end_ ? 0 : *at; }

  bool CopyString() {
    copy_->Add(*at_++);
    while (at_ != end_) {
      const uint8_t byte = *at_++;
      const bool is_end = byte == '"' && EndsString(at_);
      if (byte == '"' && !is_end) {
        // Keys are written by programs; a colon is missing.
        if (is_key_next_) return false;
        copy_->Add('\\');
        has_inner_quotes_ = true;
      }
      copy_->Add(byte);
      if (is_end) return true;
      if (byte == '\\' && at_ != end_) copy_->Add(*at_++);
    }
    return false;
  }

  // `at` is behind a quote in a string.
  bool EndsString(const uint8_t* at) const {
    at = SkipSpaces(at);
    const uint8_t byte = ByteAt(at);
    if (is_key_next_) return byte == ':';
    if (byte == '}' || byte == ']') {
      if (open_.empty() || open_.back() != OpeningOf(byte)) return false;
      const uint8_t next = ByteAt(SkipSpaces(at + 1));
      return next == 0 || next == ',' || next == '}' || next == ']';
    }
    if (byte != ',') return false;
    at = SkipSpaces(at + 1);
    if (!IsInObject()) return at != end_ && *at != ',';
    if (ByteAt(at) != '"') return false;
    ++at;
    while (at != end_ && *at != '"') ++at;
    return at != end_ && ByteAt(SkipSpaces(at + 1)) == ':';
  }

  const uint8_t* at_;
  const uint8_t* const end_;
  PodVector<uint8_t>* copy_;
  std::string open_;  // the brackets
  bool is_key_next_ = false;
  bool has_inner_quotes_ = false;
};

}  // namespace

const uint8_t* EscapeInnerQuotes(const uint8_t* text, size_t size, PodVector<uint8_t>* copy) {
  copy->Truncate(0);
  const uint8_t* end = QuoteEscaper(text, size, copy).Run();
  copy->Reserve(copy->size() + kTextPadding);
  std::memset(copy->end(), ' ', kTextPadding);
  return end;
}

}  // namespace tracesmith
