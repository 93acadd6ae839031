#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>

// A test framework of one page, since the tests may download nothing. A file of tests is
//
//   TEST(LongStringsAreWhole) { CHECK_EQ(Length(text), 128u); }
//
// and check_main.cc has the main() of a program of several such files.
namespace tracesmith::test {

// Ends the test that it is thrown in; the other tests run.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Registration {
 public:
  Registration(const char* file, const char* name, void (*body)());
};

// Runs the tests of the file that is named on the command line (`lanes_test`), or all; gives the exit code.
int RunTests(int argc, char** argv);

// What was given on the command line behind the file, for tests that take a seed; empty for none.
const std::string& Argument();

// How many of the usual number of rounds are run: a quarter under sanitizers, which take longer and look for what one
// round shows as well as the next.
constexpr uint32_t Rounds(uint32_t usual) {
#if defined(TRACESMITH_SANITIZED)
  return (usual + 3) / 4;
#else
  return usual;
#endif
}

// Runs `body` and puts `where` (a seed, a row of a table) in front of the message where it fails.
void Within(const std::string& where, const std::function<void()>& body);

template <typename T>
std::string Show(const T& value) {
  std::ostringstream text;
  if constexpr (std::is_enum_v<T>) {
    text << +static_cast<std::underlying_type_t<T>>(value);
  } else if constexpr (std::is_same_v<T, uint8_t> || std::is_same_v<T, int8_t>) {
    text << +value;  // a number, not a character
  } else {
    text << value;
  }
  return text.str();
}

[[noreturn]] void Fail(const char* file, int line, const std::string& message);

template <typename Actual, typename Expected>
void CheckEqual(const char* file, int line, const char* code, const Actual& actual, const Expected& expected) {
  if (actual == expected) return;
  Fail(file, line, std::string(code) + ": expected " + Show(expected) + " but received " + Show(actual));
}

}  // namespace tracesmith::test

#define TEST(name)                                                                         \
  static void name();                                                                      \
  static const ::tracesmith::test::Registration name##Registration(__FILE__, #name, name); \
  static void name()

#define CHECK(condition)                                                             \
  do {                                                                               \
    if (!(condition)) ::tracesmith::test::Fail(__FILE__, __LINE__, "not true: " #condition); \
  } while (false)

#define CHECK_EQ(actual, expected) \
  ::tracesmith::test::CheckEqual(__FILE__, __LINE__, #actual, actual, expected)
