#include "check.h"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <vector>

namespace tracesmith::test {
namespace {

struct Test {
  std::string file;  // without folder and extension
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

Registration::Registration(const char* file, const char* name, void (*body)()) {
  Tests().push_back({std::filesystem::path(file).stem().string(), name, body});
}

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
  const std::string file = argc > 1 ? argv[1] : "";
  if (argc > 2) ArgumentText() = argv[2];
  size_t run = 0;
  size_t failed = 0;
  for (const Test& test : Tests()) {
    if (!file.empty() && test.file != file) continue;
    ++run;
    try {
      test.body();
      std::printf("ok     %s\n", test.name);
    } catch (const std::exception& error) {
      ++failed;
      std::printf("FAILED %s\n       %s\n", test.name, error.what());
    }
    std::fflush(stdout);  // a crash in the next test must not swallow this line
  }
  std::printf("%zu tests, %zu failed\n", run, failed);
  return failed == 0 && run != 0 ? 0 : 1;
}

}  // namespace tracesmith::test
