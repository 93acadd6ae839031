#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/pod_vector.h"
#include "chrome_json/numbers.h"
#include "chrome_json/value_scan.h"

namespace tracesmith {

// What had to be overlooked or replaced to read an event, as bits.
enum Repair : uint32_t {
  kNotFiniteNumber = 1 << 0,
  kUndefinedValue = 1 << 1,
  kOddNumber = 1 << 2,
  kTrailingComma = 1 << 3,
  kInvalidEscape = 1 << 4,
  kLoneSurrogate = 1 << 5,
  kControlCharacter = 1 << 6,
  kInvalidUtf8 = 1 << 7,
  kArgsNoObject = 1 << 8,
};

// Writes what a string with escapes stands for, which is never longer; gives its size. Adds bits of Repair.
size_t UnescapeJson(std::string_view text, char* to, uint32_t* repairs);

// Walks over the tokens of one event. Every syntax error is found, but for what Repair names, which is
// overlooked. Functions that can fail give null, or what is wrong: a literal.
class JsonTokens {
 public:
  using Error = const char*;

  // `unescaped` must have room for the event's text.
  JsonTokens(const uint8_t* text, const uint32_t* tokens, bool may_have_escapes, PodVector<char>* unescaped)
      : text_(text), at_(tokens), may_have_escapes_(may_have_escapes), unescaped_(unescaped) {}

  uint8_t Peek() const { return text_[*at_]; }
  const uint8_t* Here() const { return text_ + *at_; }
  const uint8_t* Take() { return text_ + *at_++; }
  // The token that was taken last.
  const uint8_t* Last() const { return text_ + at_[-1]; }
  const uint32_t* position() const { return at_; }
  uint32_t repairs() const { return repairs_; }
  void Note(Repair repair) { repairs_ |= repair; }

  // Behind the opening quote of a string; gives what it stands for.
  Error String(const uint8_t* quote, std::string_view* value) {
    // Only spaces lie between the closing quote and the next token.
    const uint8_t* end = Here() - 1;
    while (IsJsonSpace(*end)) --end;
    if (*end != '"' || end == quote) return "a string without its end";
    *value = {reinterpret_cast<const char*>(quote + 1), static_cast<size_t>(end - quote - 1)};
    if (may_have_escapes_) *value = Unescape(*value);
    return nullptr;
  }

  // A key and its colon.
  Error Key(std::string_view* key) {
    const uint8_t* quote = Take();
    if (*quote != '"') return "a key that is no string";
    if (const Error error = String(quote, key)) return error;
    return *Take() == ':' ? nullptr : "a key without a colon";
  }

  // A number or word, whose first byte was taken.
  Error TakeScalar(const uint8_t* at, Scalar* scalar) {
    const ScalarResult result = ParseShortInteger(at, scalar);
    return result == ScalarResult::kValid ? nullptr : NoteScalar(result);
  }

  // What follows a value in an object or array: sets whether another one does.
  Error Next(uint8_t closing, bool* has_next) {
    const uint8_t byte = *Take();
    *has_next = byte == ',';
    if (*has_next) {
      if (Peek() != closing) return nullptr;
      Note(kTrailingComma);
      ++at_;
      *has_next = false;
      return nullptr;
    }
    return byte == closing ? nullptr : "a comma or closing bracket is missing";
  }

 private:
  Error NoteScalar(ScalarResult result);
  // Allocates nothing: what escapes stand for is shorter than they are.
  std::string_view Unescape(std::string_view text);

  const uint8_t* text_;
  const uint32_t* at_;
  bool may_have_escapes_;
  uint32_t repairs_ = 0;
  PodVector<char>* unescaped_;
};

template <typename Sink>
void TellScalar(const Scalar& scalar, std::string_view key, bool in_array, Sink* sink) {
  switch (scalar.type) {
    case Scalar::Type::kNull:
      if (in_array) sink->Null(key);
      return;
    case Scalar::Type::kBool:
      return sink->Bool(key, scalar.boolean);
    case Scalar::Type::kInteger:
      return sink->Int(key, scalar.integer);
    case Scalar::Type::kUnsigned:
      return sink->Uint(key, scalar.unsigned_integer);
    case Scalar::Type::kDouble:
      return sink->Double(key, scalar.real);
  }
}

template <typename Sink>
JsonTokens::Error WalkComposite(JsonTokens* tokens, std::string_view key, size_t max_depth, Sink* sink);

// Walks over the next value and tells the sink its parts. Nulls are told in arrays only, where the
// indexes of the others depend on them. What is nested deeper than `max_depth` is told as one text, as it
// is written.
template <typename Sink>
JsonTokens::Error WalkValue(JsonTokens* tokens, std::string_view key, size_t max_depth, Sink* sink) {
  // Most values have no parts and need nothing that keeps track of them.
  if (tokens->Peek() == '{' || tokens->Peek() == '[') return WalkComposite(tokens, key, max_depth, sink);
  const uint8_t* token = tokens->Take();
  if (*token == '"') {
    std::string_view value;
    if (const JsonTokens::Error error = tokens->String(token, &value)) return error;
    sink->Text(key, value);
    return nullptr;
  }
  Scalar scalar;
  if (const JsonTokens::Error error = tokens->TakeScalar(token, &scalar)) return error;
  TellScalar(scalar, key, false, sink);
  return nullptr;
}

// The same for what has parts.
template <typename Sink>
JsonTokens::Error WalkComposite(JsonTokens* tokens, std::string_view key, size_t max_depth, Sink* sink) {
  using Error = JsonTokens::Error;
  uint64_t is_array[kMaxJsonDepth / 64 + 1] = {};
  size_t depth = 0;
  const uint8_t* folded = nullptr;  // where the value begins that is told as one text
  std::string_view folded_key;
  for (;;) {
    const bool in_array = depth > 0 && (is_array[depth / 64] >> depth % 64 & 1) != 0;
    const uint8_t* token = tokens->Take();
    bool is_empty = false;
    bool has_next = false;
    if (*token == '"') {
      std::string_view value;
      if (const Error error = tokens->String(token, &value)) return error;
      if (folded == nullptr) sink->Text(key, value);
    } else if (*token == '{' || *token == '[') {
      if (depth == kMaxJsonDepth) return "nested deeper than 1000";
      if (folded == nullptr && depth == max_depth) {
        folded = token;
        folded_key = key;
      }
      const bool opens_array = *token == '[';
      if (folded == nullptr) opens_array ? sink->BeginArray(key) : sink->BeginDict(key);
      ++depth;
      const uint64_t bit = uint64_t{1} << depth % 64;
      uint64_t& word = is_array[depth / 64];
      word = opens_array ? word | bit : word & ~bit;
      is_empty = tokens->Peek() == static_cast<uint8_t>(opens_array ? ']' : '}');
      has_next = !is_empty;
      if (is_empty) tokens->Take();
    } else {
      Scalar scalar;
      if (const Error error = tokens->TakeScalar(token, &scalar)) return error;
      if (folded == nullptr) TellScalar(scalar, key, in_array, sink);
    }
    // Closes what ends behind this value.
    while (!has_next) {
      const bool closes_array = (is_array[depth / 64] >> depth % 64 & 1) != 0;
      if (!is_empty) {
        if (depth == 0) return nullptr;
        if (const Error error = tokens->Next(closes_array ? ']' : '}', &has_next)) return error;
        if (has_next) break;
      }
      is_empty = false;
      --depth;
      if (folded == nullptr) {
        closes_array ? sink->EndArray() : sink->EndDict();
      } else if (depth == max_depth) {
        const uint8_t* end = tokens->Last() + 1;
        sink->Text(folded_key, {reinterpret_cast<const char*>(folded), static_cast<size_t>(end - folded)});
        folded = nullptr;
      }
    }
    key = {};
    if ((is_array[depth / 64] >> depth % 64 & 1) == 0) {
      if (const Error error = tokens->Key(&key)) return error;
    }
  }
}

}  // namespace tracesmith
