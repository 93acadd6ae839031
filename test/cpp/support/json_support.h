#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chrome_json/event_reader.h"
#include "chrome_json/text_scanner.h"

namespace tracesmith::test {

// In which portions a text is read, and which blocks are made of it.
struct Portions {
  size_t block_size = size_t{1} << 20;
  size_t piece_size = SIZE_MAX;
};

// From one byte at a time to all at once.
std::vector<Portions> AllPortions();
std::string Show(const Portions& portions);

// A source that gives the text in pieces; the text must outlive it.
TextSource SourceOf(std::string_view text, size_t piece_size = SIZE_MAX);

// What came out of a text, as text, so that it can be compared and shown.
struct ReadText {
  std::vector<std::string> events;    // as the scanner cut them, or as the reader read them
  std::vector<uint64_t> offsets;      // of the events
  std::vector<std::string> values;    // key=text@offset:line
  std::vector<std::string> findings;  // category reason xcount @offset:line excerpt
};

TextScanner::Options OptionsOf(const Portions& portions);

// Only cuts.
ReadText ScanText(std::string_view text, const TextScanner::Options& options, size_t piece_size = SIZE_MAX);
ReadText ScanText(std::string_view text, const Portions& portions = {});

// Cuts and reads: an event is the list of its fields and arguments, as ShowEvent() gives it.
ReadText ReadEvents(std::string_view text, const Portions& portions = {});

// The findings as categories and reasons alone.
std::vector<std::string> Reasons(const ReadText& read);

std::string Join(const std::vector<std::string>& lines);

// Writes down what it is told: "a=1 b={c=[1,null]}".
class TextSink {
 public:
  void Reset() { text_.clear(); }
  void Int(std::string_view key, int64_t value) { Add(key, std::to_string(value)); }
  void Uint(std::string_view key, uint64_t value) { Add(key, std::to_string(value) + "u"); }
  void Double(std::string_view key, double value);
  void Text(std::string_view key, std::string_view value) { Add(key, "'" + std::string(value) + "'"); }
  void Bool(std::string_view key, bool value) { Add(key, value ? "true" : "false"); }
  void Null(std::string_view key) { Add(key, "null"); }
  void BeginDict(std::string_view key) { Open(key, '{'); }
  void JsonText(std::string_view key, std::string_view json) { Text(key, json); }
  void BeginArray(std::string_view key) { Open(key, '['); }
  void EndDict() { text_ += '}'; }
  void EndArray() { text_ += ']'; }

  const std::string& text() const { return text_; }

 private:
  void Separate();
  void Add(std::string_view key, const std::string& value);
  void Open(std::string_view key, char bracket);

  std::string text_;
};

std::string ShowEvent(const ChromeEvent& event, const TextSink& args);

}  // namespace tracesmith::test
