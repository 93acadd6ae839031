#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/pod_vector.h"
#include "chrome_json/json_text.h"
#include "chrome_json/numbers.h"

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace tracesmith {

// Finds the tokens of a JSON text: brackets, colons, commas, the opening quotes of strings, numbers and words. This is
// simdjson's first stage, in the widest vectors that the machine has. The index owns its offsets, not the text.
class TokenIndex {
 public:
  TokenIndex();
  ~TokenIndex();
  TokenIndex(const TokenIndex&) = delete;
  TokenIndex& operator=(const TokenIndex&) = delete;

  // False if the text is not valid UTF-8, has control characters in strings or ends in a string. The text must be
  // shorter than 4 GiB, and kTextPadding bytes behind it must be readable. Throws std::bad_alloc.
  bool Build(const uint8_t* text, size_t size);

  // The tokens' offsets in the text, in order; *end() may be read and is the text's size. Valid until the next Build().
  const uint32_t* begin() const;
  const uint32_t* end() const;

 private:
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser_;
};

// The kinds of text that JSON forbids and that was read nevertheless, as bits.
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
  kInnerQuotes = 1 << 9,
};

// Copies `text` and replaces everything that TokenIndex refuses: a byte that is no UTF-8 becomes U+FFFD, a control
// character in a string becomes its escape. Appends kTextPadding spaces. Returns bits of Repair.
uint32_t RewriteText(const uint8_t* text, size_t size, PodVector<uint8_t>* rewritten);

// Replaces the escapes of a string by their characters. The result is never longer; returns its size. Adds bits of
// Repair.
size_t UnescapeJson(std::string_view text, char* to, uint32_t* repairs);

// Which arrays among arguments become one text each: a row of a table costs a reader as much for an element as for an
// argument, and shapes of tensors are a third of Kineto's values. Only the first elements tell: an object among them keeps
// the array as it is.
struct ListRule {
  size_t max_values;  // an array of more plain values becomes a text
  bool folds_lists_of_lists;
};
constexpr ListRule kListsOfEvents = {4, true};
// Of what is said about the whole trace, so that a list of ranks is one attribute.
constexpr ListRule kListsOfTrace = {0, false};
constexpr ListRule kNoListRule = {SIZE_MAX, false};

// Problem: simdjson's own parser stops at the first error of a text, and a trace with one bad event must be read on. A
// JsonTokens reads the tokens of one event, which a TokenIndex has found.
//
// It promises to find every syntax error except those in Repair, which it repairs. Functions that can fail return null
// or a literal that describes the error. It owns neither the text nor the tokens. One thread at a time may use it.
class JsonTokens {
 public:
  using Error = const char*;

  // `unescaped` must have reserved as many bytes as the event's text has.
  JsonTokens(const uint8_t* text, const uint32_t* tokens, bool may_have_escapes, PodVector<char>* unescaped)
      : text_(text), at_(tokens), may_have_escapes_(may_have_escapes), unescaped_(unescaped) {}

  // The next token: its first byte, its address, and the same moving behind it.
  uint8_t Peek() const { return text_[*at_]; }
  const uint8_t* PeekAt() const { return text_ + *at_; }
  const uint8_t* Next() { return text_ + *at_++; }
  // The last token that Next() returned.
  const uint8_t* Previous() const { return text_ + at_[-1]; }
  const uint32_t* position() const { return at_; }
  uint32_t repairs() const { return repairs_; }
  void Note(Repair repair) { repairs_ |= repair; }

  // Reads a string whose opening quote Next() has returned.
  Error ReadString(const uint8_t* quote, std::string_view* value) {
    // Only spaces lie between the closing quote and the next token.
    const uint8_t* end = PeekAt() - 1;
    while (IsJsonSpace(*end)) --end;
    if (*end != '"' || end == quote) return "a string without its end";
    *value = {reinterpret_cast<const char*>(quote + 1), static_cast<size_t>(end - quote - 1)};
    if (may_have_escapes_) *value = Unescape(*value);
    return nullptr;
  }

  // Whether the array behind the bracket that Next() returned becomes one text.
  bool IsListOneText(const ListRule& rule) const {
    const uint32_t* at = at_;
    for (size_t values = 0; values <= rule.max_values; at += 2) {
      const uint8_t byte = text_[*at];
      if (byte == '[') return rule.folds_lists_of_lists;
      if (byte == '{' || byte == ']') return false;
      if (++values > rule.max_values) return true;
      if (text_[at[1]] != ',') return false;
    }
    return false;
  }

  // Skips the array or object that is next, up to `end` at most. It need not be valid inside.
  Error Skip(const uint8_t* end) {
    size_t depth = 0;
    do {
      const uint8_t* token = Next();
      if (token >= end) return "brackets that do not match";
      if (*token == '{' || *token == '[') ++depth;
      if (*token == '}' || *token == ']') --depth;
    } while (depth != 0);
    return nullptr;
  }

  // Reads a key and its colon.
  Error ReadKey(std::string_view* key) {
    const uint8_t* quote = Next();
    if (*quote != '"') return "a key that is no string";
    if (const Error error = ReadString(quote, key)) return error;
    return *Next() == ':' ? nullptr : "a key without a colon";
  }

  // Reads a number or word that Next() has returned.
  Error ReadScalar(const uint8_t* at, Scalar* scalar) {
    const ScalarResult result = ParseShortInteger(at, scalar);
    return result == ScalarResult::kValid ? nullptr : NoteScalar(result);
  }

  // Reads the comma or closing bracket behind a value of an object or array; sets whether another value follows.
  Error ReadSeparator(uint8_t closing, bool* has_next) {
    const uint8_t byte = *Next();
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

  // Reads an object whose brace is the next token; read_value(key) reads each of its values.
  template <typename ReadValue>
  Error ReadObject(ReadValue read_value) {
    Next();
    bool has_next = Peek() != '}';
    if (!has_next) Next();
    while (has_next) {
      std::string_view key;
      if (const Error error = ReadKey(&key)) return error;
      if (const Error error = read_value(key)) return error;
      if (const Error error = ReadSeparator('}', &has_next)) return error;
    }
    return nullptr;
  }

 private:
  Error NoteScalar(ScalarResult result);
  // Allocates nothing: characters are shorter than their escapes.
  std::string_view Unescape(std::string_view text);

  const uint8_t* text_;
  const uint32_t* at_;
  bool may_have_escapes_;
  uint32_t repairs_ = 0;
  PodVector<char>* unescaped_;
};

template <typename Sink>
void PassScalar(const Scalar& scalar, std::string_view key, bool in_array, Sink* sink) {
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
JsonTokens::Error WalkComposite(JsonTokens* tokens, std::string_view key, size_t max_depth, const ListRule& rule,
                                Sink* sink);

// Reads the next value and passes its scalars, arrays and objects to the sink, see EventReader::Read(). Passes nulls
// only in arrays, because they count for the indexes of the other elements. Passes a value nested deeper than
// `max_depth` as one text, as it is written.
template <typename Sink>
JsonTokens::Error WalkValue(JsonTokens* tokens, std::string_view key, size_t max_depth, const ListRule& rule, Sink* sink) {
  // Most values are scalars, which need no stack.
  if (tokens->Peek() == '{' || tokens->Peek() == '[') return WalkComposite(tokens, key, max_depth, rule, sink);
  const uint8_t* token = tokens->Next();
  if (*token == '"') {
    std::string_view value;
    if (const JsonTokens::Error error = tokens->ReadString(token, &value)) return error;
    sink->Text(key, value);
    return nullptr;
  }
  Scalar scalar;
  if (const JsonTokens::Error error = tokens->ReadScalar(token, &scalar)) return error;
  PassScalar(scalar, key, false, sink);
  return nullptr;
}

// The same for an array or object.
template <typename Sink>
JsonTokens::Error WalkComposite(JsonTokens* tokens, std::string_view key, size_t max_depth, const ListRule& rule,
                                Sink* sink) {
  using Error = JsonTokens::Error;
  uint64_t is_array[kMaxJsonDepth / 64 + 1] = {};
  size_t depth = 0;
  const uint8_t* folded = nullptr;  // the beginning of the value that becomes one text
  std::string_view folded_key;
  size_t folded_depth = 0;
  for (;;) {
    const bool in_array = depth > 0 && (is_array[depth / 64] >> depth % 64 & 1) != 0;
    const uint8_t* token = tokens->Next();
    bool is_empty = false;
    bool has_next = false;
    if (*token == '"') {
      std::string_view value;
      if (const Error error = tokens->ReadString(token, &value)) return error;
      if (folded == nullptr) sink->Text(key, value);
    } else if (*token == '{' || *token == '[') {
      if (depth == kMaxJsonDepth) return "nested deeper than 1000";
      const bool opens_array = *token == '[';
      if (folded == nullptr && (depth == max_depth || (opens_array && tokens->IsListOneText(rule)))) {
        folded = token;
        folded_key = key;
        folded_depth = depth;
      }
      if (folded == nullptr) opens_array ? sink->BeginArray(key) : sink->BeginDict(key);
      ++depth;
      const uint64_t bit = uint64_t{1} << depth % 64;
      uint64_t& word = is_array[depth / 64];
      word = opens_array ? word | bit : word & ~bit;
      is_empty = tokens->Peek() == static_cast<uint8_t>(opens_array ? ']' : '}');
      has_next = !is_empty;
      if (is_empty) tokens->Next();
    } else {
      Scalar scalar;
      if (const Error error = tokens->ReadScalar(token, &scalar)) return error;
      if (folded == nullptr) PassScalar(scalar, key, in_array, sink);
    }
    // Closes the arrays and objects that end behind this value.
    while (!has_next) {
      const bool closes_array = (is_array[depth / 64] >> depth % 64 & 1) != 0;
      if (!is_empty) {
        if (depth == 0) return nullptr;
        if (const Error error = tokens->ReadSeparator(closes_array ? ']' : '}', &has_next)) return error;
        if (has_next) break;
      }
      is_empty = false;
      --depth;
      if (folded == nullptr) {
        closes_array ? sink->EndArray() : sink->EndDict();
      } else if (depth == folded_depth) {
        const uint8_t* end = tokens->Previous() + 1;
        sink->JsonText(folded_key, {reinterpret_cast<const char*>(folded), static_cast<size_t>(end - folded)});
        folded = nullptr;
      }
    }
    key = {};
    if ((is_array[depth / 64] >> depth % 64 & 1) == 0) {
      if (const Error error = tokens->ReadKey(&key)) return error;
    }
  }
}

}  // namespace tracesmith
