#include "chrome_json/rewrite.h"

#include <algorithm>
#include <cstring>

#include "chrome_json/json_tokens.h"
#include "chrome_json/text_block.h"
#include "base/utf8.h"

namespace tracesmith {

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
      // A backslash in front of it is the one of the escape.
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
