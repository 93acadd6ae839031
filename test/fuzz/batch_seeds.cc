// Writes batches to start from into a folder: batch_seeds FOLDER.

#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include "batch_bytes.h"
#include "random_events.h"

namespace {

constexpr uint32_t kSeeds = 60;
constexpr size_t kRows = 12;

bool Fits(const tracesmith::test::Columns& batch) {
  return batch.attr_head.size() <= UINT16_MAX && batch.text_bytes.size() <= UINT16_MAX;
}

// For each of the target's modes, two batches, without those that have a text longer than a seed may be.
std::vector<uint8_t> SeedOf(uint32_t number) {
  std::vector<uint8_t> bytes = {static_cast<uint8_t>(number % 12)};
  if (number % 4 != 0) bytes.push_back(static_cast<uint8_t>(number));
  tracesmith::test::RandomEvents events(number);
  for (int i = 0; i < 2; ++i) {
    const tracesmith::test::Columns batch = events.NextBatch(kRows);
    if (Fits(batch)) tracesmith::test::WriteBatch(batch, &bytes);
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "expected one argument, the folder, but received %d\n", argc - 1);
    return 1;
  }
  try {
    for (uint32_t number = 0; number < kSeeds; ++number) {
      const std::vector<uint8_t> bytes = SeedOf(number);
      std::ofstream file(std::string(argv[1]) + "/random-" + std::to_string(number), std::ios::binary);
      file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
      if (!file.good()) throw std::runtime_error("could not write a file in " + std::string(argv[1]));
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
