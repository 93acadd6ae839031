#include "chrome_json/event_reader.h"

#include <string>
#include <vector>

#include "check.h"
#include "json_support.h"

namespace tracesmith::test {
namespace {

// One event, and what was repaired; the same alone and among others.
void CheckEvent(const std::string& json, const std::string& expected, const std::vector<std::string>& reasons = {}) {
  Within(json, [&] {
    const ReadText alone = ReadEvents("[" + json + "]");
    CHECK_EQ(Join(alone.events), expected);
    CHECK_EQ(Join(Reasons(alone)), Join(reasons));
    const ReadText among = ReadEvents("[{}," + json + ",{}]");
    CHECK_EQ(Join(among.events), "-\n" + expected + "\n-");
    CHECK_EQ(Join(Reasons(among)), Join(reasons));
  });
}

TEST(FieldsAreRead) {
  CheckEvent(R"({"ph":"X","name":"a","cat":"b,c","ts":1712195495553393.209,"dur":1.5,"pid":7,"tid":"main","tts":5})",
             "X name=a cat=b,c ts=1712195495553393209 dur=1500 pid=7 tid='main'");
  CheckEvent(R"({ "ph" : "b" , "id" : "0x1f", "s":"g","bp":"e","scope":"x","sf":5,"esf":"6",)"
             R"("stack":["a", 1],"estack":"q" })",
             "b id='0x1f' s=g bp=e scope=x");
  CheckEvent(R"({"ph":"n","id2":{"local":"0x1","global":2,"other":[{}]},"bind_id":18446744073709551615})",
             "n local='0x1' global=2 bind_id=18446744073709551615u");
  CheckEvent(R"({"flow_in":true,"flow_out":false})", "- flow_in");
  CheckEvent(R"({"flow_in":"true","flow_out":1})", "- flow_in flow_out");
  CheckEvent("{}", "-");
  CheckEvent("{ }", "-");
}

TEST(PhasesAreCharacters) {
  CheckEvent(R"({"ph":"("})", "(");
  CheckEvent(R"({"ph":""})", "-");
  CheckEvent(R"({"ph":"Complete"})", "C");
  CheckEvent(R"({"ph":1})", "1");
  CheckEvent(R"({"ph":null})", "-");
}

TEST(NamesAreTexts) {
  CheckEvent(R"({"name":""})", "- name=");
  CheckEvent(R"({"name":12.50,"cat":true})", "- name=12.50 cat=true");
  CheckEvent(R"({"name":null,"cat":null})", "-");
  CheckEvent(R"({"name":["a" , {"b":1}]})", R"(- name=["a" , {"b":1}])");
  CheckEvent(R"({"name":"\"\\\/\b\f\n\r\t\u00e9\u20ac"})", "- name=\"\\/\b\f\n\r\té€");
  CheckEvent(R"({"name":"\uD83E\uDD14 \ud83d\ude00"})", "- name=🤔 😀");
  CheckEvent(R"({"na\u006de":"x","\u0070h":"X"})", "X name=x");
}

TEST(TimesAreNanoseconds) {
  CheckEvent(R"({"ts":"1.5","dur":" 2 "})", "- ts=1500 dur=2000");
  CheckEvent(R"({"ts":-1,"dur":null})", "- ts=-1000");
  CheckEvent(R"({"ts":1e30,"dur":"1e30"})", "- ts=overflow(1e30) dur=overflow(1e30)");
  CheckEvent(R"({"ts":NaN,"dur":"never"})", "- ts=invalid(NaN) dur=invalid(never)");
  CheckEvent(R"({"ts":true,"dur":{"a":[1]}})", "- ts=invalid(true) dur=invalid({\"a\":[1]})");
  CheckEvent(R"({"ts":-Infinity,"dur":[]})", "- ts=invalid(-Infinity) dur=invalid([])");
  CheckEvent(R"({"ts":+1,"dur":.5})", "- ts=1000 dur=500", {"repaired a number that JSON does not allow"});
}

TEST(IdsKeepWhatTheyAre) {
  CheckEvent(R"({"id":9223372036854775807,"pid":9223372036854775808,"tid":18446744073709551616})",
             "- pid=9223372036854775808u tid=<18446744073709551616> id=9223372036854775807");
  CheckEvent(R"({"id":-5,"pid":1.0,"tid":1e3})", "- pid=<1.0> tid=<1e3> id=-5");
  CheckEvent(R"({"id":null,"pid":true,"tid":{"a":1}})", "- pid=<true> tid=<{\"a\":1}>");
  CheckEvent(R"({"id":"","id2":"x"})", "- id='' local='x'");
}

TEST(LastOfRepeatedKeysCounts) {
  CheckEvent(R"({"name":"a","ts":1,"pid":"x","name":"b","ts":"2","pid":3})", "- name=b ts=2000 pid=3");
  CheckEvent(R"({"args":{"a":1,"b":{"c":2}},"args":{"d":4}})", "- (d=4)");
  CheckEvent(R"({"args":{"a":1},"args":null})", "-");
  CheckEvent(R"({"name":"a","name":null,"ts":1,"ts":null})", "-");
  CheckEvent(R"({"args":{"a":1,"a":2}})", "- (a=1,a=2)");
}

TEST(ArgsAreTold) {
  CheckEvent(R"({"args":{}})", "- ()");
  CheckEvent(R"({"args":{"a":1,"b":-2,"c":1.5,"d":"x","e":true,"f":false,"g":null}})",
             "- (a=1,b=-2,c=1.5d,d='x',e=true,f=false)");
  CheckEvent(R"({"args":{"a":{"b":{"c":[1,[2,3],{"d":null}]},"e":{}},"f":[],"g":[null,[],{}],"h":0}})",
             R"(- (a={b={c='[1,[2,3],{"d":null}]'},e={}},f=[],g='[null,[],{}]',h=0))");
  CheckEvent(R"({"args":{"a":9223372036854775807,"b":9223372036854775808,"c":18446744073709551616,"d":1e999}})",
             "- (a=9223372036854775807,b=9223372036854775808u,c=1.8446744073709552e+19d,d=infd)");
  CheckEvent(R"({"args":{"k\n":"v\u0041","x":"C:\\dir"}})", "- (k\n='vA',x='C:\\dir')");
  CheckEvent(R"({"args":{"":""}})", "- (='')");
}

TEST(ArgsMayBeNoObject) {
  CheckEvent(R"({"args":null})", "-");
  CheckEvent(R"({"args":"x"})", "- (args='x')", {"repaired args that are no object"});
  CheckEvent(R"({"args":1.5})", "- (args=1.5d)", {"repaired args that are no object"});
  CheckEvent(R"({"args":[1,{"a":2}]})", "- (args=[1,{a=2}])", {"repaired args that are no object"});
}

std::string Repeat(const std::string& text, size_t count) {
  std::string repeated;
  for (size_t i = 0; i < count; ++i) repeated += text;
  return repeated;
}

TEST(DeepArgsAreTextAsTheyAreWritten) {
  const auto nested = [](size_t depth) { return Repeat("[", depth) + "1" + Repeat("]", depth); };
  CheckEvent(R"({"args":{"a":)" + nested(64) + "}}", "- (a='" + nested(64) + "')");
  CheckEvent(R"({"args":{"a":)" + Repeat("[", 64) + R"({"b" : ["]"]}, 2)" + Repeat("]", 64) + R"(,"c":3}})",
             "- (a='" + Repeat("[", 64) + R"({"b" : ["]"]}, 2)" + Repeat("]", 64) + "',c=3)");
  CheckEvent(R"({"args":{"a":)" + Repeat(R"({"k":)", 64) + R"({"b":[]})" + Repeat("}", 64) + "}}",
             "- (a={" + Repeat("k={", 63) + R"(k='{"b":[]}')" + Repeat("}", 64) + ")");
  CheckEvent(R"({"args":{"a":)" + nested(990) + "}}",
             "- (a='" + nested(990) + "')");
}

TEST(WhatJsonForbidsIsRepaired) {
  const std::string not_finite = "repaired NaN or Infinity as a number";
  CheckEvent(R"({"args":{"a":NaN,"b":Infinity,"c":-Infinity,"d":[nan]}})", "- (a=nand,b=infd,c=-infd,d=[nand])",
             {not_finite});
  CheckEvent(R"({"args":{"a":undefined,"b":[undefined]}})", "- (b=[null])", {"repaired undefined as a value"});
  CheckEvent(R"({"args":{"a":+1,"b":.5,"c":01,"d":1.,"e":0x10}})", "- (a=1,b=0.5d,c=1,d=1d,e=16)",
             {"repaired a number that JSON does not allow"});
  CheckEvent(R"({"name":"a","args":{"a":[1,2,],"b":{"c":1,},},})", "- name=a (a=[1,2],b={c=1})",
             {"repaired a comma behind the last element"});
  CheckEvent(R"({"name":"\x41\'\q\u12","args":{"p":"C:\dir"}})", "- name=A'\\q\\u12 (p='C:\\dir')",
             {"repaired an invalid escape in a string"});
  CheckEvent(R"({"name":"\ud83e","args":{"\udd14":"\ud83e\ud83e\udd14\ud83ex"}})",
             "- name=\ufffd (\ufffd='\ufffd🤔\ufffdx')", {"repaired half of a surrogate pair in a string"});
  CheckEvent("{\"name\":\"a\nb\x01\t\",\"args\":{\"\x1f\":\"\\\n\"}}", "- name=a\nb\x01\t (\x1f='\n')",
             {"repaired a control character in a string"});
  CheckEvent("{\"name\":\"a\xff\xc3(\xe2\x82\",\"cat\":\"\xed\xa0\x80\",\"s\":\"é\"}",
             "- name=a\ufffd\ufffd(\ufffd\ufffd cat=\ufffd\ufffd\ufffd s=é", {"repaired invalid UTF-8"});
  CheckEvent("{\"name\":\"\xff\n\\ud83e\",\"args\":{\"a\":NaN,}}", "- name=\ufffd\n\ufffd (a=nand)",
             {not_finite, "repaired a comma behind the last element", "repaired a control character in a string",
              "repaired half of a surrogate pair in a string", "repaired invalid UTF-8"});
}

TEST(FindingsAreCountedByEvents) {
  const ReadText read = ReadEvents("[{},\n {\"args\":{\"a\":NaN,\"b\":NaN}},\n{\"args\":[NaN]}]");
  CHECK_EQ(Join(read.findings),
           "repaired NaN or Infinity as a number x2 @6:2 {\"args\":{\"a\":NaN,\"b\":NaN}}\n"
           "repaired args that are no object x1 @34:3 {\"args\":[NaN]}");
}

TEST(EventsKnowWhereTheyAre) {
  const std::string text = "[\n{\"name\":\"a\"},\n\n  {\"name\":\"b\xff\"} ]";
  TextScanner scanner(SourceOf(text), {});
  TextBlock block;
  EventReader reader;
  TextSink sink;
  std::string seen;
  CHECK(scanner.Next(&block));
  reader.Read(block, &sink, [&](const ChromeEvent& event) {
    seen += std::to_string(event.offset) + ":" + std::to_string(event.Line()) + " " + std::string(event.text) + "\n";
  });
  CHECK_EQ(seen, "2:2 {\"name\":\"a\"}\n19:4 {\"name\":\"b\ufffd\"}\n");
}

// A sink must never keep what it was told of an event that came to nothing.
TEST(SinksAreResetForEachEvent) {
  const ReadText read = ReadEvents(R"([{"args":{"a":1}},{"args":{"b":2,"c":tru}},{"ph":"X"},{"args":{"d":4}}])");
  CHECK_EQ(Join(read.events), "- (a=1)\nX\n- (d=4)");
  CHECK_EQ(Join(Reasons(read)), "dropped a value that is neither number, string, word, array nor object");
}

}  // namespace
}  // namespace tracesmith::test
