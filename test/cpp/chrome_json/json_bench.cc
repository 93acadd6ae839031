// How fast JSON text becomes events, on one thread:
//
//   json_bench FILE      a trace, not compressed
//
// The file is repeated in memory to about 100 MB.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "json_support.h"

namespace tracesmith::test {
namespace {

constexpr size_t kSize = 100'000'000;
constexpr int kRounds = 5;

// Knows what was told, so that nothing of it is left out.
struct CountingSink {
  void Reset() {}
  void Int(std::string_view key, int64_t value) { sum += key.size() + static_cast<uint64_t>(value); }
  void Uint(std::string_view key, uint64_t value) { sum += key.size() + value; }
  void Double(std::string_view key, double value) { sum += key.size() + (value > 0 ? 1 : 0); }
  void Text(std::string_view key, std::string_view value) { sum += key.size() + value.size(); }
  void Bool(std::string_view key, bool value) { sum += key.size() + (value ? 1 : 0); }
  void Null(std::string_view key) { sum += key.size(); }
  void BeginDict(std::string_view key) { sum += key.size(); }
  void BeginArray(std::string_view key) { sum += key.size(); }
  void JsonText(std::string_view key, std::string_view json) { sum += key.size() + json.size(); }
  void EndDict() { ++sum; }
  void EndArray() { ++sum; }

  uint64_t sum = 0;
};

// An array of the file's events, again and again.
std::string Repeated(const std::string& file) {
  std::string events;
  TextScanner scanner(SourceOf(file), {});
  TextBlock block;
  while (scanner.Next(&block)) {
    const uint8_t* begin = block.text.begin() + block.events[0].begin;
    events.append(reinterpret_cast<const char*>(begin), static_cast<size_t>(block.text.end() - begin));
    events += ",\n  ";
  }
  std::string text = "[\n  ";
  while (text.size() < kSize && !events.empty()) text += events;
  return text;
}

template <typename Body>
void Measure(const char* name, size_t size, Body body) {
  double best = 0;
  uint64_t events = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    events = body();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    best = std::max(best, static_cast<double>(size) / 1e6 / seconds.count());
  }
  std::printf("%-18s %6.0f MB/s, %llu events\n", name, best, static_cast<unsigned long long>(events));
}

int Run(const char* path) {
  std::ifstream input(path, std::ios::binary);
  const std::string file((std::istreambuf_iterator<char>(input)), std::istreambuf_iterator<char>());
  const std::string text = Repeated(file);
  std::printf("%.1f MB\n", static_cast<double>(text.size()) / 1e6);
  TextBlock block;
  Measure("scanner", text.size(), [&] {
    TextScanner scanner(SourceOf(text), {});
    uint64_t events = 0;
    while (scanner.Next(&block)) events += block.events.size();
    return events;
  });
  Measure("scanner and reader", text.size(), [&] {
    TextScanner scanner(SourceOf(text), {});
    EventReader reader;
    CountingSink sink;
    uint64_t events = 0;
    while (scanner.Next(&block)) {
      reader.Read(block, &sink, [&](const ChromeEvent& event) { events += event.phase != 0 ? 1 : 0; });
    }
    return events;
  });
  return 0;
}

}  // namespace
}  // namespace tracesmith::test

int main(int argc, char** argv) {
  if (argc == 2) return tracesmith::test::Run(argv[1]);
  std::fprintf(stderr, "expected the path of a trace\n");
  return 1;
}
