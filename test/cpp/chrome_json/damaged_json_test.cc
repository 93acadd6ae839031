// Text that is no JSON: nothing crashes, what can be read is, what cannot is told, and all that whatever the
// blocks are and in which pieces the text comes.

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "json_support.h"

namespace tracesmith::test {
namespace {

constexpr char kNoEvent[] = "damaged a value that is no event stands among the events";
constexpr char kBracket[] = "damaged a closing bracket too many";
constexpr char kUnclosed[] = "dropped an event without its end";
constexpr char kTruncatedEvent[] = "damaged the text ends inside an event";
constexpr char kTruncatedValue[] = "damaged the text ends inside a key or value";
constexpr char kTruncated[] = "damaged the text ends before the object's closing brace";
constexpr char kComma[] = "dropped a comma or closing bracket is missing";
constexpr char kBehind[] = "damaged text behind the end";
constexpr char kQuotes[] = "repaired quotes in a string without their backslashes";
constexpr char kOutside[] = "damaged an event stands outside of traceEvents";

// `events` are names.
struct Case {
  std::string text;
  std::vector<std::string> events;
  std::vector<std::string> reasons;
};

const std::vector<Case>& Cases() {
  static const std::vector<Case> cases = {
      // The text ends too early.
      {"", {}, {"damaged the text has no JSON"}},
      {" \n", {}, {"damaged the text has no JSON"}},
      {"\xef\xbb", {}, {"damaged text before the JSON", "damaged the text has no JSON"}},
      {"hello", {}, {"damaged text before the JSON", "damaged the text has no JSON"}},
      {R"([{"name":"a"},{"name":"b)", {"a"}, {kTruncatedEvent}},
      {R"([{"name":"a"},{"name":"b","args":{"list":[{"name":"c"},{"name":"d"},)", {"a"}, {kTruncatedEvent}},
      {R"({"traceEvents":[{"name":"a"},{"na)", {"a"}, {kTruncatedEvent}},
      {R"({"traceEvents":[{"name":"a"})", {"a"}, {kTruncated}},
      {R"({"traceEvents":[{"name":"a"}])", {"a"}, {kTruncated}},
      {R"({"traceEvents":[{"name":"a"}],"x)", {"a"}, {kTruncatedValue}},
      {R"({"traceEvents":[{"name":"a"}],"x":)", {"a"}, {kTruncated}},
      {R"({"traceEvents":[{"name":"a"}],"x":{"y)", {"a"}, {kTruncatedValue}},
      // What is no event.
      {R"([{"name":"a"},1,"x",null,[{"name":"in"}],true,-5e3,word,{"name":"b"}])", {"a", "in", "b"}, {kNoEvent}},
      // Arrays among the events are read through.
      {R"([[{"name":"a"}],[[{"name":"b"}]],[],{"name":"c"}])", {"a", "b", "c"}, {}},
      {R"({"traceEvents":[[{"name":"a"},[{"name":"b"}]],{"name":"c"}],"x":[{"name":"d"}]})", {"a", "b", "c"}, {}},
      {R"([[{"name":"a"},1],[2,{"name":"b"}]]])", {"a", "b"}, {kNoEvent, kBracket}},
      // Without brackets around the events.
      {"{\"ph\":\"X\",\"name\":\"a\"}\n{\"ph\":\"X\",\"name\":\"b\"}\n", {"a", "b"}, {}},
      {R"({"name":"a","args":{"traceEvents":[]},"ph":"X"},{"name":"b"}])", {"a", "b"}, {}},
      {R"({"ph":"X","name":"a"},{"ph":"X","name":"b"},[5)", {"a", "b"}, {kNoEvent}},
      {"{\"version\":1}\n{\"name\":\"a\"}\n{\"name\":\"b\"}", {"a", "b"}, {}},
      {"{}\n{\"name\":\"a\"}", {"a"}, {}},
      {R"([{"name":"a"} {"name":"b"}{"name":"c"}])", {"a", "b", "c"}, {}},
      {R"({"traceEvents":{"name":"a"},"x":1})", {}, {"damaged traceEvents is no array"}},
      {R"({"traceEvents":null})", {}, {"damaged traceEvents is no array"}},
      {R"(callback([{"name":"a"}]))", {"a"}, {"damaged text before the JSON", "damaged text behind the end"}},
      // Brackets.
      {R"([{"name":"a"}},{"name":"b"}])", {"a", "b"}, {kBracket}},
      {R"([{"name":"a"}]},{"name":"b"}])", {"a", "b"}, {kBracket, kBehind}},
      {R"([{"name":"a"},{"name":"x","ts":1]},{"name":"b"}])", {"a", "b"}, {kComma}},
      {R"([{"name":"a"},{"name":"x","args":{"l":[1,2}},{"name":"b"}])", {"a", "b"}, {kComma}},
      {R"([{"name":"a"},{"args":[1,2},"name":"x"},{"name":"b"}])", {"a", "b"}, {kComma, kNoEvent, kBracket}},
      {R"([{"name":"a"},{"name":"x","args":{"y":1},{"name":"b"},{"name":"c"}])", {"a", "b", "c"}, {kUnclosed}},
      {"[{\"name\":\"a\"},{\"name\":\"x\",\"args\":{\"y\":1\n{\"name\":\"b\"}]", {"a", "b"}, {kUnclosed}},
      {R"({"traceEvents":[{"name":"a"},{"name":"b"}})", {"a", "b"}, {kBracket, kTruncated}},
      {R"({"traceEvents":[{"name":"a"}],{"name":"b"}]})", {"a", "b"}, {kOutside}},
      {R"({"traceEvents":[{"name":"a"}]]})", {"a"}, {kBracket}},
      // Quotes.
      {R"([{"name":"a"},{"name":"5\"-disk"},{"name":"5"-disk"},{"name":"b"},{"name":"c"}])", {"a", "5\"-disk", "5\"-disk", "b", "c"}, {kQuotes}},
      {R"([{"name":"a"},{"name":"say-"hello"-twice"},{"name":"b"}])", {"a", "say-\"hello\"-twice", "b"}, {kQuotes}},
      {R"([{"name":"5"-a"},{"name":"b"},{"name":"6"-c"},{"name":"d"}])", {"5\"-a", "b", "6\"-c", "d"}, {kQuotes}},
      {R"([{"name":"{"device":"cpu"}(12):run","ts":4,"args":{"x":["a"b","c"]}},{"name":"b"}])", {"{\"device\":\"cpu\"}(12):run", "b"}, {kQuotes}},
      {R"([{"name":"a"},{"name":"5"-disk"}])", {"a", "5\"-disk"}, {kQuotes}},
      {R"({"traceEvents":[{"name":"a"},{"name":"5"-disk","args":{"b":1}}],"x":1})", {"a", "5\"-disk"}, {kQuotes}},
      {R"([{"name":"a"},{"name":"x", "ts":"y"z" "q":1},{"name":"b"}])", {"a", "b"}, {kUnclosed}},
      {"[{\"name\":\"cut\n{\"name\":\"a\"},\n{\"name\":\"b\"}]", {"a", "b"}, {kUnclosed}},
      {R"({"traceName":"5" disk","traceEvents":[{"name":"a"}]})", {"a"},
       {"damaged a value without a key stands beside traceEvents", "damaged a key without a value",
        "dropped a value without its end"}},
      // Behind the end.
      {R"([{"name":"a"}],{"name":"b"},{"name":"c"}])", {"a", "b", "c"}, {kBehind}},
      {R"([{"name":"a"}][{"name":"b"}])", {"a", "b"}, {kBehind}},
      {R"({"traceEvents":[{"name":"a"}]}{"traceEvents":[{"name":"b"}]})", {"a", "b"}, {kBehind}},
      {std::string(R"([{"name":"a"}])") + std::string(500, '\0'), {"a"}, {"damaged text behind the end"}},
      {R"({"traceEvents":[{"name":"a"}]} trailing words)", {"a"}, {"damaged text behind the end"}},
      // Events that cannot be read.
      {R"([{"name":"a"},{"name":},{"name":"b"}])", {"a", "b"},
       {"dropped a value that is neither number, string, word, array nor object"}},
      {R"([{"name":"a"},{"name" "x"},{"name":"b"}])", {"a", "b"}, {"dropped a key without a colon"}},
      {R"([{"name":"a"},{name:"x"},{"name":"b"}])", {"a", "b"}, {"dropped a key that is no string"}},
      {R"([{"name":"a"},{"name":"x" "ts":1},{"name":"b"}])", {"a", "b"}, {kComma}},
      {R"([{"name":"a"},{"name":"x","args":{"y":None}},{"name":"b"}])", {"a", "b"},
       {"dropped a value that is neither number, string, word, array nor object"}},
      {R"([{"name":"a"},{"name":\"x\"},{"name":"b"}])", {"a", "b"},
       {"dropped a value that is neither number, string, word, array nor object"}},
      // Around events that are repaired, others are not touched.
      {"[{\"name\":\"a\"},\x01,\"\x02\",{\"name\":\"b\xff\"},\xff,{\"name\":\"c\"}]", {"a", "b\ufffd", "c"},
       {kNoEvent, "repaired invalid UTF-8"}},
  };
  return cases;
}

std::vector<std::string> Names(const ReadText& read) {
  std::vector<std::string> names;
  for (const std::string& event : read.events) {
    const size_t at = event.find("name=");
    if (at == std::string::npos) {
      names.push_back(event);
    } else {
      const size_t begin = at + 5;
      names.push_back(event.substr(begin, event.find(" ", begin) - begin));
    }
  }
  return names;
}

std::string Everything(const ReadText& read) {
  return Join(read.events) + "\n" + Join(read.values) + "\n" + Join(read.findings);
}

TEST(EventsAroundTheDamageAreKept) {
  for (const Case& row : Cases()) {
    Within(row.text, [&] {
      const ReadText read = ReadEvents(row.text);
      CHECK_EQ(Join(Names(read)), Join(row.events));
      CHECK_EQ(Join(Reasons(read)), Join(row.reasons));
    });
  }
}

// All cases in one text, with valid events between.
std::string AllCases() {
  std::string text = "[";
  for (const Case& row : Cases()) {
    text += row.text;
    for (int i = 0; i < 10; ++i) {
      text += ",\n{\"name\":\"good\",\"ts\":" + std::to_string(i) + ",\"args\":{\"a\":[1,\"x\"]}}";
    }
  }
  return text;
}

TEST(PortionsChangeNothing) {
  std::vector<std::string> texts = {AllCases()};
  for (const Case& row : Cases()) texts.push_back(row.text);
  for (const std::string& text : texts) {
    const std::string expected = Everything(ReadEvents(text));
    for (const Portions& portions : AllPortions()) {
      Within(text.substr(0, 60) + ", " + Show(portions), [&] {
        CHECK_EQ(Everything(ReadEvents(text, portions)), expected);
      });
    }
  }
}

const char kSmallTrace[] = R"({"schemaVersion":1,"deviceProperties":[{"id":0,"name":"GPU \"0\""}],
"traceEvents":[
{"ph":"X","cat":"kernel","name":"k<{[]}>\\","pid":0,"tid":7,"ts":1712195495553393.209,"dur":1.728,
 "args":{"External id":2700,"grid":[1,2,3],"d":{"e":null,"f":[{"name":"n"},{"name":"m"}]}}},
{"ph":"s","id":"0x1","pid":1,"tid":2,"ts":"5","cat":"ac2g","name":"\ud83e\udd14"},
{"ph":"M","name":"process_name","pid":1,"args":{"name":"main"}},{},
{"ph":"C","name":"c","ts":1e3,"pid":1,"args":{"v":0.5}}
],"traceName":"x.json","metadata":{"a":[true,false]}})";

// The events of `part` must be the first ones of `whole`.
bool IsPrefix(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

TEST(TruncatedTextGivesThePrefix) {
  const std::string text = kSmallTrace;
  const ReadText whole = ReadEvents(text);
  CHECK_EQ(whole.events.size(), 5u);
  CHECK_EQ(whole.values.size(), 4u);
  CHECK_EQ(whole.findings.size(), 0u);
  size_t least = 0;
  for (size_t size = 0; size < text.size(); ++size) {
    Within("the first " + std::to_string(size) + " bytes", [&] {
      const std::string part = text.substr(0, size);
      const ReadText read = ReadEvents(part);
      CHECK(IsPrefix(read.events, whole.events));
      CHECK(IsPrefix(read.values, whole.values));
      CHECK_EQ(read.findings.size(), 1u);
      CHECK(read.events.size() >= least);
      least = read.events.size();
      CHECK_EQ(Everything(ReadEvents(part, {1, 1})), Everything(read));
    });
  }
  CHECK_EQ(least, 5u);
}

std::string Mutated(std::string text, std::mt19937* random) {
  const std::string alphabet = "\"\"\\{}[]:,,x0-.\n\x01\xff";
  for (size_t changes = 1 + (*random)() % 4; changes > 0; --changes) {
    const size_t at = (*random)() % text.size();
    const char byte = alphabet[(*random)() % alphabet.size()];
    switch ((*random)() % 4) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(at, 1, byte);
        break;
      case 2:
        text.erase(at, 1 + (*random)() % 3);
        break;
      default:
        text.insert(at, text.substr((*random)() % text.size(), (*random)() % 40));
        break;
    }
  }
  return text;
}

TEST(RandomDamageIsSurvived) {
  const uint32_t seed = Argument().empty() ? 1 : static_cast<uint32_t>(std::stoul(Argument()));
  std::mt19937 random(seed);
  const std::string trace = kSmallTrace;
  constexpr int kRounds = 6000;
  size_t events = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string text = Mutated(trace, &random);
    Within("round " + std::to_string(round) + " of seed " + std::to_string(seed) + ": " + text, [&] {
      const ReadText read = ReadEvents(text);
      CHECK(std::is_sorted(read.offsets.begin(), read.offsets.end()));
      CHECK(std::adjacent_find(read.offsets.begin(), read.offsets.end()) == read.offsets.end());
      const Portions portions = {1 + random() % 300, 1 + random() % 100};
      CHECK_EQ(Everything(ReadEvents(text, portions)), Everything(read));
      events += read.events.size();
    });
  }
  // Damage costs its surroundings, not the rest: of five events more than three are left on average.
  CHECK(events > 3 * kRounds);
}

}  // namespace
}  // namespace tracesmith::test
