#include "chrome_json/numbers.h"

#include <cmath>
#include <limits>
#include <string>

#include "check.h"

namespace tracesmith::test {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

struct TimeCase {
  const char* text;
  TimeState state;
  int64_t nanoseconds;
};

constexpr TimeState kValid = TimeState::kValid;
constexpr TimeState kOverflow = TimeState::kOverflow;
constexpr TimeState kInvalid = TimeState::kInvalid;

const TimeCase kTimes[] = {
    {"0", kValid, 0},
    {"-0", kValid, 0},
    {"1", kValid, 1000},
    {"1.5", kValid, 1500},
    {"1.0005", kValid, 1001},
    {"1.0004999999999999999999999", kValid, 1000},
    {"1.00049", kValid, 1000},
    {"1.9999", kValid, 2000},
    {"-0.001", kValid, -1},
    // Half way goes up, also below zero: so the distance of two times does not depend on where they are.
    {"0.0005", kValid, 1},
    {"-0.0005", kValid, 0},
    {"-0.00050001", kValid, -1},
    {"-1.0005", kValid, -1000},
    {"-1.0006", kValid, -1001},
    {"0.0000000005", kValid, 0},
    {"12345678901234.567", kValid, 12345678901234567},
    {"1712195495553393.209", kValid, 1712195495553393209},
    {"1712195495553393.2095", kValid, 1712195495553393210},
    {"1e3", kValid, 1'000'000},
    {"1E+3", kValid, 1'000'000},
    {"1.5e-3", kValid, 2},
    {"1.4e-3", kValid, 1},
    {"15e-4", kValid, 2},
    {"1.712195495553393209e15", kValid, 1712195495553393209},
    {"1e-400", kValid, 0},
    {"0e999999999999999999999", kValid, 0},
    {"0.000000000000000000000000001e30", kValid, 1'000'000},
    {"100000000000000000000000000000e-26", kValid, 1'000'000},
    {"9223372036854774.999", kValid, 9223372036854774999},
    {"9223372036854774.9995", kValid, 9223372036854775000},
    {"9223372036854775.806", kValid, 9223372036854775806},
    {"9223372036854775.807", kValid, kMax},
    {"9223372036854775.8074", kValid, kMax},
    {"9223372036854775.8075", kOverflow, 0},
    {"9223372036854775.808", kOverflow, 0},
    {"-9223372036854775.808", kValid, kMin},
    {"-9223372036854775.8085", kValid, kMin},
    {"-9223372036854775.8086", kOverflow, 0},
    {"-9223372036854775.809", kOverflow, 0},
    {"9223372036854776", kOverflow, 0},
    {"10000000000000000", kOverflow, 0},
    {"1e17", kOverflow, 0},
    {"1e999999999999999999999", kOverflow, 0},
    {"-1e400", kOverflow, 0},
    {"NaN", kInvalid, 0},
    {"-Infinity", kInvalid, 0},
    {"abc", kInvalid, 0},
    {"1x", kInvalid, 0},
    {"1e", kInvalid, 0},
    {"1.2.3", kInvalid, 0},
    {"-", kInvalid, 0},
    {".", kInvalid, 0},
    {"true", kInvalid, 0},
    // JSON forbids them, but nobody can take them for something else.
    {"+1", kValid, 1000},
    {".5", kValid, 500},
    {"1.", kValid, 1000},
    {"007", kValid, 7000},
};

TEST(MicrosecondsAreExact) {
  for (const TimeCase& row : kTimes) {
    Within(row.text, [&] {
      const TimeValue time = ParseMicroseconds(row.text);
      CHECK_EQ(time.state, row.state);
      CHECK_EQ(time.nanoseconds, row.nanoseconds);
      CHECK_EQ(time.text, row.text);
      const std::string padded = row.text + std::string(64, ' ');
      TimeValue token;
      const auto* begin = reinterpret_cast<const uint8_t*>(padded.data());
      CHECK_EQ(static_cast<size_t>(ParseMicrosecondsToken(begin, &token) - begin), std::string(row.text).size());
      CHECK_EQ(token.state, row.state);
      CHECK_EQ(token.nanoseconds, row.nanoseconds);
    });
  }
}

TEST(MicrosecondsInStringsMayHaveSpaces) {
  CHECK_EQ(ParseMicroseconds(" 1.5\n").nanoseconds, 1500);
  CHECK_EQ(ParseMicroseconds("").state, kInvalid);
  CHECK_EQ(ParseMicroseconds(" ").state, kInvalid);
  CHECK_EQ(ParseMicroseconds("1 2").state, kInvalid);
}

Scalar Parsed(const std::string& text, ScalarResult expected) {
  const std::string padded = text + std::string(64, ' ');
  Scalar scalar = {};
  CHECK_EQ(ParseShortInteger(reinterpret_cast<const uint8_t*>(padded.data()), &scalar), expected);
  return scalar;
}

void CheckInteger(const std::string& text, int64_t expected, ScalarResult result = ScalarResult::kValid) {
  Within(text, [&] {
    const Scalar scalar = Parsed(text, result);
    CHECK_EQ(scalar.type, Scalar::Type::kInteger);
    CHECK_EQ(scalar.integer, expected);
  });
}

void CheckDouble(const std::string& text, double expected, ScalarResult result = ScalarResult::kValid) {
  Within(text, [&] {
    const Scalar scalar = Parsed(text, result);
    CHECK_EQ(scalar.type, Scalar::Type::kDouble);
    CHECK_EQ(scalar.real, expected);
  });
}

TEST(IntegersKeepTheirType) {
  CheckInteger("0", 0);
  CheckInteger("-0", 0);
  CheckInteger("-7", -7);
  CheckInteger("123456789012345678", 123456789012345678);
  CheckInteger("1234567890123456789", 1234567890123456789);
  CheckInteger("9223372036854775807", kMax);
  CheckInteger("-9223372036854775808", kMin);
  for (const uint64_t value : {uint64_t{1} << 63, UINT64_MAX}) {
    const Scalar scalar = Parsed(std::to_string(value), ScalarResult::kValid);
    CHECK_EQ(scalar.type, Scalar::Type::kUnsigned);
    CHECK_EQ(scalar.unsigned_integer, value);
  }
  CheckDouble("18446744073709551616", 18446744073709551616.0);
  CheckDouble("-9223372036854775809", -9223372036854775808.0);
  CheckDouble("1" + std::string(308, '0'), 1e308);
}

TEST(DoublesAreTheNearest) {
  CheckDouble("0.1", 0.1);
  CheckDouble("-0.0", -0.0);
  CHECK(std::signbit(Parsed("-0.0", ScalarResult::kValid).real));
  CheckDouble("1e3", 1000);
  CheckDouble("1E-2", 0.01);
  CheckDouble("0.012500", 0.0125);
  CheckDouble("2.2250738585072011e-308", 2.2250738585072011e-308);
  CheckDouble("1.7976931348623157e308", 1.7976931348623157e308);
  CheckDouble("1e999", std::numeric_limits<double>::infinity());
  CheckDouble("-1e999", -std::numeric_limits<double>::infinity());
  CheckDouble("1e-999", 0);
  CheckDouble("123456789012345678901234567890.5", 123456789012345678901234567890.5);
}

TEST(WordsAreWhole) {
  CHECK(Parsed("true", ScalarResult::kValid).boolean);
  CHECK(!Parsed("false", ScalarResult::kValid).boolean);
  CHECK_EQ(Parsed("null", ScalarResult::kValid).type, Scalar::Type::kNull);
  CHECK_EQ(Parsed("undefined", ScalarResult::kUndefined).type, Scalar::Type::kNull);
  for (const char* text : {"tru", "truee", "nul", "None", "1x", "1e", "--1", "+", "-", "0x", "0xg", "1.2.3", ""}) {
    Within(text, [&] { Parsed(text, ScalarResult::kUnreadable); });
  }
}

TEST(NumbersOfOtherLanguages) {
  CHECK(std::isnan(Parsed("NaN", ScalarResult::kNotFinite).real));
  CHECK(std::isnan(Parsed("nan", ScalarResult::kNotFinite).real));
  CheckDouble("Infinity", std::numeric_limits<double>::infinity(), ScalarResult::kNotFinite);
  CheckDouble("-Infinity", -std::numeric_limits<double>::infinity(), ScalarResult::kNotFinite);
  CheckDouble("-inf", -std::numeric_limits<double>::infinity(), ScalarResult::kNotFinite);
  CheckInteger("+1", 1, ScalarResult::kOdd);
  CheckInteger("01", 1, ScalarResult::kOdd);
  CheckInteger("-007", -7, ScalarResult::kOdd);
  CheckInteger("0x10", 16, ScalarResult::kOdd);
  CheckInteger("-0xfF", -255, ScalarResult::kOdd);
  CheckDouble(".5", 0.5, ScalarResult::kOdd);
  CheckDouble("-.5e1", -5, ScalarResult::kOdd);
  CheckDouble("1.", 1, ScalarResult::kOdd);
  CheckDouble("+01.50", 1.5, ScalarResult::kOdd);
  CHECK_EQ(Parsed("0xffffffffffffffff", ScalarResult::kOdd).unsigned_integer, UINT64_MAX);
}

}  // namespace
}  // namespace tracesmith::test
