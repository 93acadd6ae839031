#include "chrome_json/json_text.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "check.h"

namespace tracesmith::test {
namespace {

constexpr size_t kPadding = 64;

TEST(WordsFindWhatVectorsFind) {
  std::mt19937 random(3);
  const std::string alphabet = "\"\\{}[]\x01\x21\x22\x5a\x5c\x5e\x7a\x7c\x7e\xdb\xdd\xfb\xfd ";
  std::vector<uint8_t> bytes(64);
  for (int round = 0; round < 2000; ++round) {
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(alphabet[random() % alphabet.size()]);
    const byte_masks::Masks words = byte_masks::Portable::Classify(bytes.data());
    const byte_masks::Masks fastest = byte_masks::Fastest::Classify(bytes.data());
    for (unsigned i = 0; i < 64; ++i) {
      const char byte = static_cast<char>(bytes[i]);
      const bool is_bracket = byte == '{' || byte == '}' || byte == '[' || byte == ']';
      for (const byte_masks::Masks& masks : {words, fastest}) {
        CHECK_EQ((masks.quotes >> i & 1) != 0, byte == '"');
        CHECK_EQ((masks.backslashes >> i & 1) != 0, byte == '\\');
        CHECK_EQ((masks.brackets >> i & 1) != 0, is_bracket);
      }
    }
  }
}

TEST(LinesAreCounted) {
  std::vector<uint8_t> text(20'000, '\n');
  for (const size_t size : {0u, 1u, 15u, 16u, 17u, 4080u, 4096u, 20'000u}) {
    CHECK_EQ(byte_masks::CountLines(text.data(), text.data() + size), size);
  }
  std::fill(text.begin(), text.end(), uint8_t{'x'});
  text[77] = '\n';
  CHECK_EQ(byte_masks::CountLines(text.data(), text.data() + text.size()), 1u);
}

// Where the value ends that `text` begins with, SIZE_MAX where it does not, when it comes in two pieces.
size_t EndOfValue(const std::string& text, size_t cut, bool is_careful) {
  const std::string padded = text + std::string(kPadding, ' ');
  const auto* begin = reinterpret_cast<const uint8_t*>(padded.data());
  ValueScan scan;
  scan.Start(*begin);
  const uint8_t* at = begin + 1;
  for (const size_t size : {std::max<size_t>(cut, 1), text.size()}) {
    const ValueScan::Input input = {begin, begin + size, begin + size, size == text.size()};
    const ValueScan::Stop stop = is_careful ? scan.RunCareful(input, &at) : scan.RunFast(input, &at);
    if (stop == ValueScan::Stop::kEnd) return static_cast<size_t>(at - begin);
    CHECK(stop == ValueScan::Stop::kMore);
  }
  return SIZE_MAX;
}

TEST(ValuesEndWithTheirBracket) {
  const std::string values[] = {
      "{}",
      "[]",
      R"({"a":"}"})",
      R"({"a":"\"}"})",
      R"({"a":"\\"})",
      R"({"a":"\\\"}\\"})",
      R"([[[{"a":[{}]}]],"]"])",
      R"({"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\":"\"{"})",
      "{\"name\":\"" + std::string(200, '{') + "\",\"args\":{\"a\":[1,2,{\"b\":\"" + std::string(63, '\\') + "\"\"}]}}",
  };
  for (const std::string& value : values) {
    for (const bool is_careful : {false, true}) {
      for (size_t cut = 1; cut <= value.size(); ++cut) {
        Within(value + " cut at " + std::to_string(cut) + (is_careful ? ", careful" : ", fast"), [&] {
          CHECK_EQ(EndOfValue(value + "}]\"", cut, is_careful), value.size());
          const std::string open = value.substr(0, value.size() - 1);
          CHECK_EQ(EndOfValue(open, std::min(cut, open.size()), is_careful), SIZE_MAX);
        });
      }
    }
  }
}

// The fast scan and the careful one must agree wherever no event begins in a wrong place.
TEST(FastAndCarefulAgreeOnRandomBytes) {
  std::mt19937 random(5);
  const std::string alphabet = "\"\"\\{}[]:,x \n";
  for (int round = 0; round < 20'000; ++round) {
    std::string text = random() % 2 != 0 ? "{" : "[";
    while (text.size() < 150) text += alphabet[random() % alphabet.size()];
    const size_t cut = random() % text.size();
    const size_t expected = EndOfValue(text, text.size(), true);
    CHECK_EQ(EndOfValue(text, cut, false), expected);
    CHECK_EQ(EndOfValue(text, cut, true), expected);
  }
}

TEST(EventsBeginWithAKeyThatEventsHave) {
  const auto match = [](const std::string& text) {
    const auto* begin = reinterpret_cast<const uint8_t*>(text.data());
    return MatchEventStart(begin, begin + text.size());
  };
  CHECK(match(R"({"ph":)") == EventStart::kYes);
  CHECK(match("{ \n\t \"bind_id\" \r:1") == EventStart::kYes);
  CHECK(match(R"({"phase":)") == EventStart::kNo);
  CHECK(match(R"({"ph",)") == EventStart::kNo);
  CHECK(match(R"({\"ph\":)") == EventStart::kNo);
  CHECK(match("{}") == EventStart::kNo);
  for (const char* cut : {"{", "{ ", R"({"p)", R"({"ph)", R"({"ph")", R"({"ph" )"}) {
    CHECK(match(cut) == EventStart::kCut);
  }
}

}  // namespace
}  // namespace tracesmith::test
