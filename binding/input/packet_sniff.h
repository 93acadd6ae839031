#pragma once

#include <cstdint>
#include <string_view>

namespace tracesmith {

// Control characters other than tab, line feed and carriage return: they tell binary data from text.
inline bool IsControl(char character) {
  const bool is_blank = character == '\t' || character == '\n' || character == '\r';
  return static_cast<uint8_t>(character) < ' ' && !is_blank;
}

// Whether one is among the first bytes: enough of a trace to meet a small number.
bool HasEarlyControl(std::string_view head);

// Whether a `Trace.packet` begins here: one that fits is read to its end, of a longer one only the
// length, and then control characters decide. Also a packet that holds compressed ones is one.
bool BeginsWithPacket(std::string_view head);

}  // namespace tracesmith
