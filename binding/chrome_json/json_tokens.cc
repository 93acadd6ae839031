#include "chrome_json/json_tokens.h"

#include <cstring>

#include "base/utf8.h"

namespace tracesmith {
namespace {

constexpr uint32_t kReplacement = 0xfffd;

// The value of `count` hexadecimal digits, or -1 where there are fewer.
int32_t HexValue(const char* at, const char* end, size_t count) {
  if (static_cast<size_t>(end - at) < count) return -1;
  int32_t value = 0;
  for (size_t i = 0; i < count; ++i) {
    const int digit = static_cast<unsigned char>(at[i]);
    const int lower = digit | 0x20;
    if (digit >= '0' && digit <= '9') {
      value = value * 16 + (digit - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = value * 16 + (lower - 'a' + 10);
    } else {
      return -1;
    }
  }
  return value;
}

bool IsHighSurrogate(int32_t code) { return code >= 0xd800 && code < 0xdc00; }
bool IsLowSurrogate(int32_t code) { return code >= 0xdc00 && code < 0xe000; }

// What stands for itself behind a backslash, and the short names; 0 for anything else.
char ShortEscape(char name) {
  switch (name) {
    case '"':
    case '\\':
    case '/':
      return name;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

}  // namespace

JsonTokens::Error JsonTokens::NoteScalar(ScalarResult result) {
  switch (result) {
    case ScalarResult::kValid:
      return nullptr;
    case ScalarResult::kNotFinite:
      Note(kNotFiniteNumber);
      return nullptr;
    case ScalarResult::kUndefined:
      Note(kUndefinedValue);
      return nullptr;
    case ScalarResult::kOdd:
      Note(kOddNumber);
      return nullptr;
    case ScalarResult::kUnreadable:
      break;
  }
  return "a value that is neither number, string, word, array nor object";
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
      // Mostly a path of Windows: the backslash is meant.
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

}  // namespace tracesmith
