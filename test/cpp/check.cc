#include "check.h"

#include <cstdio>
#include <exception>
#include <vector>

namespace tracesmith::test {
namespace {

struct Test {
  const char* name;
  void (*body)();
};

// In functions, since tests register while statics of other files are still being made.
std::vector<Test>& Tests() {
  static std::vector<Test> tests;
  return tests;
}

std::string& ArgumentText() {
  static std::string text;
  return text;
}

}  // namespace

Registration::Registration(const char* name, void (*body)()) { Tests().push_back({name, body}); }

const std::string& Argument() { return ArgumentText(); }

void Within(const std::string& where, const std::function<void()>& body) {
  try {
    body();
  } catch (const std::exception& error) {
    throw Failure(where + ": " + error.what());
  }
}

void Fail(const char* file, int line, const std::string& message) {
  throw Failure(std::string(file) + ":" + std::to_string(line) + ": " + message);
}

int RunTests(int argc, char** argv) {
  if (argc > 1) ArgumentText() = argv[1];
  size_t failed = 0;
  for (const Test& test : Tests()) {
    try {
      test.body();
      std::printf("ok     %s\n", test.name);
    } catch (const std::exception& error) {
      ++failed;
      std::printf("FAILED %s\n       %s\n", test.name, error.what());
    }
    std::fflush(stdout);  // a crash in the next test must not swallow this line
  }
  std::printf("%zu tests, %zu failed\n", Tests().size(), failed);
  return failed == 0 && !Tests().empty() ? 0 : 1;
}

}  // namespace tracesmith::test
