#include "chrome_json/json_tokens.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "base/utf8.h"

namespace tracesmith {
namespace {

static_assert(kTextPadding >= simdjson::SIMDJSON_PADDING);

// Only simdjson's second stage uses it.
constexpr size_t kUnusedDepth = 1;
constexpr size_t kMinCapacity = 4096;

constexpr uint32_t kReplacement = 0xfffd;

// Returns the value of `count` hexadecimal digits, or -1 if there are fewer.
int32_t HexValue(const char* at, const char* end, size_t count) {
  uint64_t value;
  if (static_cast<size_t>(end - at) < count || !ParseHexDigits({at, count}, &value)) return -1;
  return static_cast<int32_t>(value);
}

bool IsHighSurrogate(int32_t code) { return code >= 0xd800 && code < 0xdc00; }
bool IsLowSurrogate(int32_t code) { return code >= 0xdc00 && code < 0xe000; }

// Returns the character of a two-character escape; 0 if `name` is none.
char ShortEscape(char name) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr char kCharacters[] = "\"\\/\b\f\n\r\t";
  const size_t place = kNames.find(name);
  return place == std::string_view::npos ? '\0' : kCharacters[place];
}

}  // namespace

// -------------------------------------------------------------------- TokenIndex

TokenIndex::TokenIndex() = default;

TokenIndex::~TokenIndex() = default;

bool TokenIndex::Build(const uint8_t* text, size_t size) {
  if (parser_ == nullptr || parser_->capacity() < size) {
    const size_t capacity = std::max(size + size / 4, kMinCapacity);
    const simdjson::error_code error = simdjson::get_active_implementation()->create_dom_parser_implementation(
        capacity, kUnusedDepth, parser_);
    if (error != simdjson::SUCCESS) throw std::bad_alloc();  // the only possible error
  }
  return parser_->stage1(text, size, simdjson::stage1_mode::regular) == simdjson::SUCCESS;
}

const uint32_t* TokenIndex::begin() const { return parser_->structural_indexes.get(); }

const uint32_t* TokenIndex::end() const { return begin() + parser_->n_structural_indexes; }

// -------------------------------------------------------------------- JsonTokens

JsonTokens::Error JsonTokens::NoteScalar(ScalarResult result) {
  if (result == ScalarResult::kUnreadable) return "a value that is neither number, string, word, array nor object";
  if (result == ScalarResult::kNotFinite) Note(kNotFiniteNumber);
  if (result == ScalarResult::kUndefined) Note(kUndefinedValue);
  if (result == ScalarResult::kOdd) Note(kOddNumber);
  return nullptr;
}

std::string_view JsonTokens::Unescape(std::string_view text) {
  if (std::memchr(text.data(), '\\', text.size()) == nullptr) return text;
  const size_t used = unescaped_->size();
  char* const begin = unescaped_->Extend(text.size());
  const size_t size = UnescapeJson(text, begin, &repairs_);
  unescaped_->Truncate(used + size);
  return {begin, size};
}

size_t UnescapeJson(std::string_view text, char* const begin, uint32_t* repairs) {
  const char* at = text.data();
  const char* const end = at + text.size();
  char* to = begin;
  while (at != end) {
    if (*at != '\\' || at + 1 == end) {
      *to++ = *at++;
      continue;
    }
    const char name = at[1];
    if (const char escaped = ShortEscape(name)) {
      *to++ = escaped;
      at += 2;
      continue;
    }
    const size_t digits = name == 'u' ? 4 : 2;
    int32_t code = name == 'u' || name == 'x' ? HexValue(at + 2, end, digits) : -1;
    if (code < 0 || name == 'x') *repairs |= kInvalidEscape;
    if (code < 0) {
      // Mostly a path of Windows, which means the backslash.
      if (name != '\'') *to++ = '\\';
      *to++ = name;
      at += 2;
      continue;
    }
    at += 2 + digits;
    if (IsHighSurrogate(code) && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
      const int32_t low = HexValue(at + 2, end, 4);
      if (IsLowSurrogate(low)) {
        code = 0x10000 + (code - 0xd800) * 0x400 + (low - 0xdc00);
        at += 6;
      }
    }
    const bool is_lone = IsHighSurrogate(code) || IsLowSurrogate(code);
    if (is_lone) *repairs |= kLoneSurrogate;
    to = PutUtf8(to, is_lone ? kReplacement : static_cast<uint32_t>(code));
  }
  return static_cast<size_t>(to - begin);
}

// --------------------------------------------------------------------- RewriteText

uint32_t RewriteText(const uint8_t* text, size_t size, PodVector<uint8_t>* rewritten) {
  constexpr char kHex[] = "0123456789abcdef";
  uint32_t repairs = 0;
  rewritten->Truncate(0);
  bool in_string = false;
  bool is_escaped = false;
  for (const uint8_t* at = text; at != text + size;) {
    const bool was_escaped = is_escaped;
    is_escaped = *at == '\\' && !was_escaped;
    const size_t length = Utf8Length(at, text + size);
    if (length == 0) {
      repairs |= kInvalidUtf8;
      constexpr uint8_t kReplacementCharacter[] = {0xef, 0xbf, 0xbd};
      std::copy(std::begin(kReplacementCharacter), std::end(kReplacementCharacter), rewritten->Extend(3));
      ++at;
      continue;
    }
    if (in_string && *at < 0x20) {
      repairs |= kControlCharacter;
      // The escape has a backslash of its own.
      if (was_escaped) rewritten->Truncate(rewritten->size() - 1);
      const uint8_t escape[] = {'\\', 'u', '0', '0', static_cast<uint8_t>(kHex[*at >> 4]),
                                static_cast<uint8_t>(kHex[*at & 15])};
      std::copy(std::begin(escape), std::end(escape), rewritten->Extend(sizeof(escape)));
      ++at;
      continue;
    }
    if (*at == '"' && !was_escaped) in_string = !in_string;
    std::copy(at, at + length, rewritten->Extend(length));
    at += length;
  }
  rewritten->Reserve(rewritten->size() + kTextPadding);
  std::memset(rewritten->end(), ' ', kTextPadding);
  return repairs;
}

}  // namespace tracesmith
