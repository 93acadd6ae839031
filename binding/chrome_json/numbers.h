#pragma once

#include <cstdint>
#include <string_view>

#include "chrome_json/json_text.h"

namespace tracesmith {

// Whether a number or word ends in front of this byte.
constexpr bool EndsScalar(uint8_t byte) {
  return IsJsonSpace(byte) || byte == ',' || byte == ']' || byte == '}' || byte == ':' || byte == '"' || byte == '[' ||
         byte == '{';
}

// A number or word as it is written.
std::string_view ScalarText(const uint8_t* at);

// A value that is no string, array or object.
struct Scalar {
  enum class Type : uint8_t { kNull, kBool, kInteger, kUnsigned, kDouble };
  Type type;
  union {
    bool boolean;
    int64_t integer;
    uint64_t unsigned_integer;  // an integer that no int64 holds
    double real;
  };
};

enum class ScalarResult : uint8_t {
  kValid,
  kNotFinite,  // NaN or an infinity
  kUndefined,
  kOdd,        // a number of other languages: +1, .5, 1., 01, 0x10
  kUnreadable,
};

// Reads the token that begins at `at`. kTextPadding bytes behind the text must be readable and spaces.
ScalarResult ParseScalar(const uint8_t* at, Scalar* scalar);

// The same, inlined for nearly all scalars.
inline ScalarResult ParseShortInteger(const uint8_t* at, Scalar* scalar) {
  const uint8_t* digit = at + (*at == '-');
  const uint8_t* first = digit;
  uint64_t value = 0;
  while (*digit >= '0' && *digit <= '9' && digit - first < 18) value = value * 10 + (*digit++ - uint64_t{'0'});
  if (digit == first || !EndsScalar(*digit) || (*first == '0' && digit != first + 1)) return ParseScalar(at, scalar);
  scalar->type = Scalar::Type::kInteger;
  scalar->integer = *at == '-' ? -static_cast<int64_t>(value) : static_cast<int64_t>(value);
  return ScalarResult::kValid;
}

enum class TimeState : uint8_t { kNone, kValid, kOverflow, kInvalid };

struct TimeValue {
  TimeState state = TimeState::kNone;
  int64_t nanoseconds = 0;
  std::string_view text;  // as it is written, without quotes
  bool is_odd = false;    // JSON forbids the number
  bool is_finer = false;  // it has digits below the nanosecond, so that `nanoseconds` is rounded
};

// Returns the sum of two valid times, rounded once; kOverflow if 64 bits cannot hold it. The sum is exact to 10^-18 ns.
TimeState AddMicroseconds(const TimeValue& a, const TimeValue& b, int64_t* nanoseconds);

// Converts microseconds as decimal text to nanoseconds, exactly; half a nanosecond is rounded up. The whole text must
// be a number, with spaces around it at most.
TimeValue ParseMicroseconds(std::string_view text);

// The same for a number among other text; returns its end.
const uint8_t* ParseMicrosecondsToken(const uint8_t* at, TimeValue* time);

// Reads hexadecimal digits, 1 to 16 of them. False for any other text.
bool ParseHexDigits(std::string_view digits, uint64_t* value);

}  // namespace tracesmith
