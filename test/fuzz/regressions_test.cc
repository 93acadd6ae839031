// What a fuzzer found once, in test/fixtures/fuzz-regressions: a folder for each target.

#include <filesystem>
#include <string>

#include "check.h"
#include "output_support.h"
#include "targets.h"

namespace tracesmith::test {
namespace {

TEST(WhatAFuzzerFoundStaysFixed) {
  size_t files = 0;
  for (const FuzzTarget& target : kFuzzTargets) {
    const std::filesystem::path folder = std::filesystem::path(TRACESMITH_FUZZ_REGRESSIONS) / target.name;
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const Bytes bytes = ReadFile(entry.path().u8string());
      Within(entry.path().filename().u8string(), [&] { target.run(bytes.data(), bytes.size()); });
      ++files;
    }
  }
  CHECK(files != 0);
}

TEST(TargetsTakeAnything) {
  const Bytes bytes = Packets(500);
  for (const FuzzTarget& target : kFuzzTargets) {
    for (size_t size = 0; size < bytes.size(); size += 1 + size / 8) {
      Within(std::string(target.name) + " with " + std::to_string(size) + " bytes",
             [&] { target.run(bytes.data(), size); });
    }
  }
}

}  // namespace
}  // namespace tracesmith::test
