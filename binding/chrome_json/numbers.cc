#include "chrome_json/numbers.h"

#include <simdjson.h>

#include <algorithm>
#include <limits>
#include <string>

#include "base/limits.h"

namespace tracesmith {
namespace {

// Larger than any exponent of doubles or nanoseconds, and too small to overflow.
constexpr int64_t kMaxExponent = 100'000;
// Microseconds of so few digits, and below this limit, fit into nanoseconds of 64 bits, whatever decimals follow.
constexpr ptrdiff_t kShortDigits = 16;
constexpr uint64_t kShortLimit = kMaxInt64 / 1000;
// Nanoseconds are a thousandth of a microsecond.
constexpr int64_t kNanosecondDigits = 3;

bool IsDigit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

std::string_view View(const uint8_t* begin, const uint8_t* end) {
  return {reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin)};
}

bool HasPointOrExponent(const uint8_t* at) {
  if (*at == '-') ++at;
  while (IsDigit(*at)) ++at;
  return *at == '.' || *at == 'e' || *at == 'E';
}

// The parts of a decimal number, also of one that JSON forbids.
struct Decimal {
  bool is_number = false;
  bool is_odd = false;
  bool is_negative = false;
  bool is_integer = false;  // neither point nor exponent
  std::string_view whole;
  std::string_view fraction;
  int64_t exponent = 0;
};

Decimal ParseDecimal(std::string_view text) {
  Decimal decimal;
  size_t at = 0;
  const auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
  const auto digits = [&] {
    const size_t first = at;
    while (IsDigit(static_cast<uint8_t>(peek()))) ++at;
    return text.substr(first, at - first);
  };
  if (peek() == '-' || peek() == '+') {
    decimal.is_odd = peek() == '+';
    decimal.is_negative = peek() == '-';
    ++at;
  }
  decimal.whole = digits();
  decimal.is_integer = true;
  if (decimal.whole.empty() || (decimal.whole.size() > 1 && decimal.whole[0] == '0')) decimal.is_odd = true;
  if (peek() == '.') {
    ++at;
    decimal.is_integer = false;
    decimal.fraction = digits();
    if (decimal.fraction.empty()) decimal.is_odd = true;
  }
  if (decimal.whole.empty() && decimal.fraction.empty()) return decimal;
  if (peek() == 'e' || peek() == 'E') {
    ++at;
    decimal.is_integer = false;
    const bool is_negative = peek() == '-';
    if (is_negative || peek() == '+') ++at;
    const std::string_view exponent = digits();
    if (exponent.empty()) return decimal;
    for (const char digit : exponent) {
      decimal.exponent = std::min(decimal.exponent * 10 + (digit - '0'), kMaxExponent);
    }
    if (is_negative) decimal.exponent = -decimal.exponent;
  }
  decimal.is_number = at == text.size();
  return decimal;
}

void SetInteger(bool is_negative, uint64_t magnitude, Scalar* scalar) {
  scalar->type = Scalar::Type::kInteger;
  if (is_negative) {
    scalar->integer = static_cast<int64_t>(~magnitude + 1);
  } else if (magnitude <= kMaxInt64) {
    scalar->integer = static_cast<int64_t>(magnitude);
  } else {
    scalar->type = Scalar::Type::kUnsigned;
    scalar->unsigned_integer = magnitude;
  }
}

// False if 64 bits cannot hold it.
bool ParseInteger(const Decimal& decimal, Scalar* scalar) {
  uint64_t magnitude = 0;
  for (const char digit : decimal.whole) {
    const auto value = static_cast<uint64_t>(digit - '0');
    if (magnitude > (UINT64_MAX - value) / 10) return false;
    magnitude = magnitude * 10 + value;
  }
  if (decimal.is_negative && magnitude > kMaxInt64 + 1) return false;
  SetInteger(decimal.is_negative, magnitude, scalar);
  return true;
}

ScalarResult ParseHexadecimal(std::string_view text, Scalar* scalar) {
  const bool is_negative = text[0] == '-';
  if (is_negative || text[0] == '+') text.remove_prefix(1);
  if (text.substr(0, 2) != "0x" && text.substr(0, 2) != "0X") return ScalarResult::kUnreadable;
  uint64_t magnitude;
  if (!ParseHexDigits(text.substr(2), &magnitude)) return ScalarResult::kUnreadable;
  if (is_negative && magnitude > kMaxInt64) return ScalarResult::kUnreadable;
  SetInteger(is_negative, magnitude, scalar);
  return ScalarResult::kOdd;
}

ScalarResult ParseWord(std::string_view text, Scalar* scalar) {
  if (text == "true" || text == "false") {
    scalar->type = Scalar::Type::kBool;
    scalar->boolean = text == "true";
    return ScalarResult::kValid;
  }
  scalar->type = Scalar::Type::kNull;
  if (text == "null") return ScalarResult::kValid;
  if (text == "undefined") return ScalarResult::kUndefined;
  scalar->type = Scalar::Type::kDouble;
  if (text == "NaN" || text == "nan" || text == "-NaN" || text == "-nan") {
    scalar->real = std::numeric_limits<double>::quiet_NaN();
    return ScalarResult::kNotFinite;
  }
  scalar->real = std::numeric_limits<double>::infinity();
  if (text[0] == '-') scalar->real = -scalar->real;
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  const bool is_infinity = text == "Infinity" || text == "infinity" || text == "inf" || text == "Inf";
  return is_infinity ? ScalarResult::kNotFinite : ScalarResult::kUnreadable;
}

// Computes floor(value + 0.5) of digits with a point in front of digit `point`, which may lie before or behind them all.
// False if 64 bits cannot hold it.
bool RoundToInteger(bool is_negative, const std::string& digits, int64_t point, int64_t* rounded) {
  const auto size = static_cast<int64_t>(digits.size());
  uint64_t magnitude = 0;
  for (int64_t i = 0; i < point; ++i) {
    const auto digit = static_cast<uint64_t>(i < size ? digits[static_cast<size_t>(i)] - '0' : 0);
    if (magnitude > (kMaxInt64 + 1 - digit) / 10) return false;
    magnitude = magnitude * 10 + digit;
  }
  if (point >= 0 && point < size) {
    const auto tail = static_cast<size_t>(point);
    const bool is_half = digits[tail] == '5' && digits.find_first_not_of('0', tail + 1) == std::string::npos;
    if (digits[tail] >= '5' && !(is_negative && is_half)) ++magnitude;
  }
  if (magnitude > kMaxInt64 + (is_negative ? 1 : 0)) return false;
  *rounded = static_cast<int64_t>(is_negative ? ~magnitude + 1 : magnitude);
  return true;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsJsonSpace(static_cast<uint8_t>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && IsJsonSpace(static_cast<uint8_t>(text.back()))) text.remove_suffix(1);
  return text;
}

TimeValue ParseAnyMicroseconds(std::string_view text) {
  const Decimal decimal = ParseDecimal(text);
  if (!decimal.is_number) return {TimeState::kInvalid, 0, text};
  TimeValue time{TimeState::kValid, 0, text, decimal.is_odd};
  std::string digits(decimal.whole);
  digits += decimal.fraction;
  auto point = static_cast<int64_t>(decimal.whole.size()) + decimal.exponent + kNanosecondDigits;
  const size_t zeros = digits.find_first_not_of('0');
  if (zeros == std::string::npos) return time;
  digits.erase(0, zeros);
  point -= static_cast<int64_t>(zeros);
  time.is_finer = point < static_cast<int64_t>(digits.size());
  if (!RoundToInteger(decimal.is_negative, digits, point, &time.nanoseconds)) time.state = TimeState::kOverflow;
  return time;
}

// A time as whole nanoseconds and a fraction of one, which is never negative.
struct FineTime {
  static constexpr int64_t kDigits = 18;
  static constexpr uint64_t kOne = 1'000'000'000'000'000'000;  // a nanosecond
  int64_t whole = 0;
  uint64_t fraction = 0;
};

// Reads a decimal whose whole part 64 bits can hold.
FineTime ParseFineTime(std::string_view text) {
  const Decimal decimal = ParseDecimal(Trim(text));
  std::string digits(decimal.whole);
  digits += decimal.fraction;
  const auto size = static_cast<int64_t>(digits.size());
  const int64_t point = static_cast<int64_t>(decimal.whole.size()) + decimal.exponent + kNanosecondDigits;
  uint64_t whole = 0;
  uint64_t fraction = 0;
  const auto digit_at = [&](int64_t at) {
    return static_cast<uint64_t>(at >= 0 && at < size ? digits[static_cast<size_t>(at)] - '0' : 0);
  };
  const auto first = static_cast<int64_t>(std::min(digits.find_first_not_of('0'), digits.size()));
  for (int64_t i = first; first < size && i < point; ++i) whole = whole * 10 + digit_at(i);
  for (int64_t i = point; i < point + FineTime::kDigits; ++i) fraction = fraction * 10 + digit_at(i);
  FineTime time{static_cast<int64_t>(whole), fraction};
  if (!decimal.is_negative) return time;
  const bool has_fraction = fraction != 0;
  return {static_cast<int64_t>(~whole + (has_fraction ? 0 : 1)), has_fraction ? FineTime::kOne - fraction : 0};
}

}  // namespace

std::string_view ScalarText(const uint8_t* at) {
  const uint8_t* end = at;
  while (!EndsScalar(*end)) ++end;
  return View(at, end);
}

ScalarResult ParseScalar(const uint8_t* at, Scalar* scalar) {
  if (HasPointOrExponent(at)) {
    scalar->type = Scalar::Type::kDouble;
    if (simdjson::builtin::numberparsing::parse_double(at).get(scalar->real) == simdjson::SUCCESS) {
      return ScalarResult::kValid;
    }
  }
  const std::string_view text = ScalarText(at);
  if (text.empty()) return ScalarResult::kUnreadable;
  const Decimal decimal = ParseDecimal(text);
  if (!decimal.is_number) {
    const ScalarResult word = ParseWord(text, scalar);
    return word != ScalarResult::kUnreadable ? word : ParseHexadecimal(text, scalar);
  }
  if (!decimal.is_integer || !ParseInteger(decimal, scalar)) {
    scalar->type = Scalar::Type::kDouble;
    // Reads odd numbers as well; infinity if a double cannot hold it.
    scalar->real = simdjson::internal::from_chars(reinterpret_cast<const char*>(at));
  }
  return decimal.is_odd ? ScalarResult::kOdd : ScalarResult::kValid;
}

bool ParseHexDigits(std::string_view digits, uint64_t* value) {
  if (digits.empty() || digits.size() > 16) return false;
  *value = 0;
  for (const char digit : digits) {
    const char lower = static_cast<char>(digit | 0x20);
    const bool is_letter = lower >= 'a' && lower <= 'f';
    if (!is_letter && !IsDigit(static_cast<uint8_t>(digit))) return false;
    *value = *value << 4 | static_cast<uint64_t>(is_letter ? lower - 'a' + 10 : digit - '0');
  }
  return true;
}

TimeValue ParseMicroseconds(std::string_view text) {
  TimeValue time = ParseAnyMicroseconds(Trim(text));
  time.text = text;
  return time;
}

TimeState AddMicroseconds(const TimeValue& a, const TimeValue& b, int64_t* nanoseconds) {
  const FineTime first = ParseFineTime(a.text);
  const FineTime second = ParseFineTime(b.text);
  // Both fractions and a half together are less than 3 ns.
  const uint64_t fraction = first.fraction + second.fraction + FineTime::kOne / 2;
  const auto carry = static_cast<int64_t>(fraction / FineTime::kOne);
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const bool is_too_large = first.whole > 0 && second.whole > kMax - carry - first.whole;
  if (is_too_large || second.whole > kMax - carry) return TimeState::kOverflow;
  *nanoseconds = first.whole + (second.whole + carry);
  return TimeState::kValid;
}

const uint8_t* ParseMicrosecondsToken(const uint8_t* at, TimeValue* time) {
  const bool is_negative = *at == '-';
  const uint8_t* digit = at + is_negative;
  const uint8_t* first = digit;
  uint64_t value = 0;
  while (IsDigit(*digit) && digit - first < kShortDigits) value = value * 10 + (*digit++ - uint64_t{'0'});
  const bool has_odd_zero = *first == '0' && digit - first > 1;
  bool is_short = digit != first && value < kShortLimit && !has_odd_zero;
  uint64_t scale = 1000;
  bool is_rounded = false;
  if (*digit == '.') {
    is_short &= IsDigit(*++digit);
    for (; IsDigit(*digit) && scale > 1; scale /= 10) value = value * 10 + (*digit++ - uint64_t{'0'});
    if (IsDigit(*digit)) {
      is_rounded = true;
      if (*digit >= '5') ++value;
      while (IsDigit(*digit)) ++digit;
    }
  }
  if (is_short && EndsScalar(*digit) && !(is_negative && is_rounded)) {
    const auto nanoseconds = static_cast<int64_t>(value * scale);
    *time = {TimeState::kValid, is_negative ? -nanoseconds : nanoseconds, View(at, digit), false, is_rounded};
    return digit;
  }
  const std::string_view text = ScalarText(at);
  *time = ParseAnyMicroseconds(text);
  return at + text.size();
}

}  // namespace tracesmith
