#include "chrome_json/text_scanner.h"

#include <algorithm>
#include <string>
#include <vector>

#include "check.h"
#include "json_support.h"

namespace tracesmith::test {
namespace {

// The same, whatever the portions are.
void CheckScan(const std::string& text, const std::vector<std::string>& events, const std::vector<std::string>& values,
               const std::vector<std::string>& findings = {}) {
  for (const Portions& portions : AllPortions()) {
    Within(text.substr(0, 60) + ", " + Show(portions), [&] {
      const ReadText read = ScanText(text, portions);
      CHECK_EQ(Join(read.events), Join(events));
      CHECK_EQ(Join(read.values), Join(values));
      CHECK_EQ(Join(read.findings), Join(findings));
      for (size_t i = 0; i < events.size(); ++i) CHECK_EQ(text.substr(read.offsets[i], events[i].size()), events[i]);
    });
  }
}

TEST(ArraysOfEvents) {
  CheckScan("[]", {}, {});
  CheckScan("[{}]", {"{}"}, {});
  CheckScan(R"([{"a":1},{"b":[{}]}])", {R"({"a":1})", R"({"b":[{}]})"}, {});
  CheckScan("\xef\xbb\xbf [\n {\"a\" : \"}\"} ,\r\n\t{\"b\":\"\\\"\"} ] \n", {R"({"a" : "}"})", R"({"b":"\""})"}, {});
}

TEST(ArraysNeedNoEnd) {
  CheckScan("[", {}, {});
  CheckScan("[{\"a\":1},\n{\"b\":2},\n", {R"({"a":1})", R"({"b":2})"}, {});
  CheckScan("[{\"a\":1}", {R"({"a":1})"}, {});
}

TEST(CommasMayBeTooMany) {
  CheckScan(R"([,,{"a":1},,{"b":1},])", {R"({"a":1})", R"({"b":1})"}, {});
  CheckScan(R"({,"traceEvents":[,{"a":1},],,"x":1,})", {R"({"a":1})"}, {"x=1@33:1"});
}

TEST(ObjectsHaveOtherKeys) {
  CheckScan("{}", {}, {});
  CheckScan(R"({"traceEvents":[]})", {}, {});
  CheckScan(R"({"traceEvents":[{"a":1}],"displayTimeUnit":"ns"})", {R"({"a":1})"}, {"displayTimeUnit=\"ns\"@43:1"});
  CheckScan("{\n\"schemaVersion\" : 1,\n\"deviceProperties\": [{\"id\":0, \"n\":\"]\"}],\n"
            "\"traceEvents\" : [\n{\"a\":1}\n]\n,\"baseTimeNanoseconds\":-1.5e3,\"b\":null,\"t\":true}",
            {R"({"a":1})"},
            {"schemaVersion=1@20:2", "deviceProperties=[{\"id\":0, \"n\":\"]\"}]@43:3",
             "baseTimeNanoseconds=-1.5e3@115:7", "b=null@126:7", "t=true@135:7"});
  CheckScan(R"({"nodes":[{"id":1}],"samples":[1,2],"k\"":{"x":"\\"}})", {},
            {R"(nodes=[{"id":1}]@9:1)", "samples=[1,2]@30:1", R"(k\"={"x":"\\"}@42:1)"});
}

TEST(EventsMayComeTwice) {
  CheckScan(R"({"traceEvents":[{"a":1}],"x":{"traceEvents":[{"no":1}]},"traceEvents":[{"b":1}]})",
            {R"({"a":1})", R"({"b":1})"}, {R"(x={"traceEvents":[{"no":1}]}@29:1)"});
}

TEST(LineEndsInStringsDoNotEndThem) {
  CheckScan("[{\"a\":\"x\n{\x01\"},{\"b\":1}]", {"{\"a\":\"x\n{\x01\"}", R"({"b":1})"}, {});
}

TEST(BlocksAreWholeAndKnowWhereTheyAre) {
  std::string text = "{\"x\":1,\n\"traceEvents\":[\n";
  for (int i = 0; i < 1000; ++i) text += "{\"a\":" + std::to_string(i) + "},\n";
  text += "{}]}";
  TextScanner::Options options;
  options.block_size = 1000;
  TextScanner scanner(SourceOf(text, 333), options);
  TextBlock block;
  size_t events = 0;
  size_t blocks = 0;
  while (scanner.Next(&block)) {
    ++blocks;
    const std::string lines = text.substr(0, block.offset);
    CHECK_EQ(block.line, 1u + static_cast<uint64_t>(std::count(lines.begin(), lines.end(), '\n')));
    const std::string content(reinterpret_cast<const char*>(block.text.begin()), block.text.size());
    CHECK_EQ(content, text.substr(block.offset, content.size()));
    const EventSpan& last = block.events[block.events.size() - 1];
    CHECK_EQ(last.begin + last.size, block.text.size());
    for (size_t i = 0; i < kTextPadding; ++i) CHECK_EQ(block.text.begin()[block.text.size() + i], uint8_t{' '});
    events += block.events.size();
  }
  CHECK_EQ(events, 1001u);
  CHECK(blocks > 5);
  CHECK(scanner.form() == TextForm::kObject);
  CHECK(scanner.findings().empty());
}

std::string EventOfSize(size_t size) { return R"({"name":")" + std::string(size - 11, 'x') + R"("})"; }

void CheckLimits(const std::string& text, const std::vector<std::string>& events,
                 const std::vector<std::string>& values, const std::vector<std::string>& reasons) {
  std::string findings;
  for (const Portions& portions : AllPortions()) {
    Within(text.substr(0, 60) + ", " + Show(portions), [&] {
      TextScanner::Options options = OptionsOf(portions);
      options.event_limit = 2000;
      options.values_limit = 1000;
      const ReadText read = ScanText(text, options, portions.piece_size);
      CHECK_EQ(Join(read.events), Join(events));
      CHECK_EQ(Join(read.values), Join(values));
      CHECK_EQ(Join(Reasons(read)), Join(reasons));
      if (findings.empty()) findings = Join(read.findings);
      CHECK_EQ(Join(read.findings), findings);
    });
  }
}

TEST(EventsOfTheLimitAreKept) {
  CheckLimits("[" + EventOfSize(2000) + "," + EventOfSize(1999) + "]", {EventOfSize(2000), EventOfSize(1999)}, {}, {});
}

TEST(LargerEventsAreDropped) {
  for (const size_t size : {2001u, 2100u, 10'000u}) {
    CheckLimits("[{\"a\":1}," + EventOfSize(size) + ",{\"b\":2}]", {R"({"a":1})", R"({"b":2})"}, {},
                {"dropped an event larger than the limit"});
  }
  // The elements of a list are no events, although they look so.
  std::string list;
  for (int i = 0; i < 1000; ++i) list += "{\"name\":\"x\"},";
  CheckLimits("[{\"ph\":\"X\",\"args\":{\"list\":[" + list + "{}]}},{\"b\":2}]", {R"({"b":2})"}, {},
              {"dropped an event larger than the limit"});
}

TEST(AMissingQuoteDoesNotReachTheLimit) {
  std::string text = R"([{"name":"5" disk"})";
  std::vector<std::string> events = {R"({"name":"5" disk"})"};
  for (int i = 0; i < 1000; ++i) {
    events.push_back("{\"name\":\"x\",\"n\":" + std::to_string(i) + "}");
    text += ",\n" + events.back();
  }
  CheckLimits(text + "]", events, {}, {});
  CheckLimits(text, events, {}, {});
}

TEST(ValuesHaveRoomTogether) {
  const std::string large = "\"" + std::string(600, 'v') + "\"";
  const std::string list = "[" + std::string(1000, ' ') + "]";
  CheckLimits("{\"a\":" + large + ",\"b\":" + large + ",\"c\":" + std::string(500, '1') + ",\"d\":[1],\"e\":" + list +
                  ",\"traceEvents\":[{}]}",
              {"{}"}, {"a=" + large + "@5:1", "d=[1]@1724:1"}, {"dropped a value larger than the limit"});
}

TEST(ManySmallValuesTakeRoomToo) {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) text += "\"a\":1,";
  TextScanner::Options options;
  options.values_limit = 10'000;
  const ReadText read = ScanText(text + "\"traceEvents\":[{}]}", options);
  CHECK(read.values.size() > 10);
  CHECK(read.values.size() < 200);
  CHECK_EQ(Join(read.events), "{}");
  CHECK_EQ(Join(Reasons(read)), "dropped a value larger than the limit");
}

std::string Nested(size_t depth) {
  // The event itself is one level.
  return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

TEST(DepthIsLimited) {
  CheckScan("[" + Nested(1000) + "]", {Nested(1000)}, {});
  for (const size_t depth : {1001u, 5000u}) {
    CheckScan("[" + Nested(depth) + ",{\"b\":1}]", {R"({"b":1})"}, {},
              {"dropped nested deeper than 1000 x1 @1:1 {\"a\":" + std::string(75, '[')});
  }
}

}  // namespace
}  // namespace tracesmith::test
