// A trace means the same whatever the blocks that its text is cut into, and whoever reads which.
#include "convert/event_collector.h"

#include <memory>
#include <string>
#include <vector>

#include "check.h"
#include "convert/event_parser.h"
#include "convert/linker.h"
#include "json_support.h"

namespace tracesmith::test {
namespace {

std::string ShowText(const TextPool& texts, const CompactText& text) {
  return "'" + std::string(TextIn(texts, text)) + "'";
}

std::string ShowArgs(const TextPool& texts, const EventView& event) {
  std::string shown;
  ArgCursor cursor(event.args, event.args_end);
  CompactArg arg;
  while (cursor.Next(&arg)) {
    shown += " " + ShowText(texts, arg.key) + ":" + std::to_string(static_cast<int>(arg.type)) + "=";
    const bool has_text = arg.type == AttrType::kText || arg.type == AttrType::kJson;
    shown += has_text ? ShowText(texts, arg.text) : std::to_string(arg.value);
  }
  return shown;
}

// All that is known of a trace once it was read.
class ReadTrace {
 public:
  // Blocks go to the parsers in turn.
  ReadTrace(std::string_view text, const Portions& portions, size_t parser_count) {
    std::vector<std::unique_ptr<EventParser>> parsers;
    while (parsers.size() < parser_count) parsers.push_back(std::make_unique<EventParser>(texts_));
    EventCollector collector(process_table_, records_, profiles_);
    TextScanner scanner(SourceOf(text, portions.piece_size), OptionsOf(portions));
    TextBlock block;
    ParsedBlock parsed;
    for (size_t i = 0; scanner.Next(&block); ++i) {
      parsers[i % parser_count]->Parse(block, &parsed);
      collector.Add(parsed);
    }
    profiles_.Finish();
    shown_ = std::to_string(collector.events()) + " events";
    if (collector.needs_links()) shown_ += ", with links";
    for (size_t i = 0; i < collector.phases().size(); ++i) {
      if (collector.phases()[i] != 0) shown_ += " " + std::to_string(i) + "x" + std::to_string(collector.phases()[i]);
    }
    shown_ += "\n";
    ShowProcesses();
    ShowRecords();
    Findings findings = scanner.findings();
    for (const auto& parser : parsers) findings.Merge(parser->findings());
    for (const Finding& finding : findings.list()) {
      shown_ += std::string(finding.reason) + " x" + std::to_string(finding.count) + " @";
      shown_ += std::to_string(finding.offset) + ":" + std::to_string(finding.line) + " " + finding.excerpt + "\n";
    }
  }

  const std::string& shown() const { return shown_; }

 private:
  void ShowProcesses() {
    for (const ProcessTable::Process& process : process_table_.processes()) {
      shown_ += "process " + process.id.text + " " + process.name + (process.has_gpu_work ? " gpu" : "");
      if (process.sort_index != ProcessTable::kAbsent) shown_ += " " + std::to_string(process.sort_index);
      for (const std::string& label : process.labels) shown_ += " [" + label + "]";
      shown_ += "\n";
    }
    for (const ProcessTable::Thread& thread : process_table_.threads()) {
      shown_ += "thread " + std::to_string(thread.process) + "/" + thread.id.text + " " + thread.name;
      if (thread.sort_index != ProcessTable::kAbsent) shown_ += " " + std::to_string(thread.sort_index);
      shown_ += "\n";
    }
    for (const CpuProfile& profile : profiles_.profiles()) {
      shown_ += "profile of " + std::to_string(profile.thread) + " x" + std::to_string(profile.times.size()) + "\n";
    }
  }

  void ShowRecords() {
    CHECK(records_.Finish().ok());
    Record record;
    while (records_.Next(&record)) {
      const EventView event(record, SortTimeOf(0));
      shown_ += std::to_string(record.key.time - SortTimeOf(0)) + "," + std::to_string(record.key.rank) + " " +
                std::to_string(static_cast<int>(event.head.kind)) + " of " + std::to_string(event.head.owner) + " ";
      if (event.head.has_name()) shown_ += ShowText(texts_, event.name);
      if (event.head.has_category()) shown_ += ShowText(texts_, event.category);
      const std::string args = ShowArgs(texts_, event);
      shown_ += event.head.kind == RecordKind::kCounter ? "\nvalue" + args + "\n" : args + "\n";
      // Keys of an asynchronous event or counter, which need not be readable, but the same.
      if (event.head.kind >= RecordKind::kAsyncBegin) shown_ += std::to_string(event.head.key) + "\n";
      if (event.head.flow_role != FlowRole::kNone) {
        shown_ += "flow " + std::to_string(static_cast<int>(event.head.flow_role)) + " " + std::to_string(event.flow_key) + "\n";
      }
    }
  }

  TextPool texts_;
  ProcessTable process_table_;
  CpuProfiles profiles_{process_table_};
  RecordSorter records_{RecordSorter::Options{size_t{1} << 24, "./", false}};
  std::string shown_;
};

std::string Show(std::string_view text) { return ReadTrace(text, {}, 1).shown(); }

// The same for all blocks; gives what it is.
std::string ShowAnyhow(std::string_view text) {
  const std::string whole = Show(text);
  for (const Portions& portions : AllPortions()) {
    for (const size_t parsers : {1u, 2u, 3u}) {
      Within(Show(portions) + ", parsers: " + std::to_string(parsers),
             [&] { CHECK_EQ(ReadTrace(text, portions, parsers).shown(), whole); });
    }
  }
  return whole;
}

void CheckHas(const std::string& shown, const std::string& lines) {
  if (shown.find(lines) == std::string::npos) Fail(__FILE__, __LINE__, "expected " + lines + "in\n" + shown);
}

constexpr uint64_t kRest = UINT64_MAX;

std::string Rank(uint64_t rank) { return "," + std::to_string(rank) + " "; }

TEST(BeginsAndEndsOfOneTimeComeAsInTheFile) {
  const std::string shown = ShowAnyhow(R"([{"ph":"X","pid":1,"ts":5,"dur":0},{"ph":"B","pid":1,"ts":5,"name":"a"},)"
                                       R"({"ph":"E","pid":1,"ts":5},{"ph":"e","id":1,"pid":1,"ts":6}])");
  CheckHas(shown, "5000" + Rank(kRest));
  CheckHas(shown, "6000" + Rank(kRest));
}

TEST(ProcessesAndThreadsAreNumberedAsTheyCome) {
  const std::string shown = ShowAnyhow(
      R"([{"ph":"i","pid":5,"tid":7,"ts":1},{"ph":"i","pid":"text","ts":2,"s":"p"},{"ph":"i","pid":"5","tid":"7","ts":3},)"
      R"({"ph":"P","name":"Profile","id":"1","pid":8,"tid":9,"ts":4,"args":{"data":{"startTime":1}}},)"
      R"({"ph":"P","name":"ProfileChunk","id":"1","pid":8,"tid":1,"ts":5,"args":{"data":{"cpuProfile":{"nodes":)"
      R"([{"id":1,"callFrame":{"functionName":"\u0066"}}],"samples":[1,1]},"timeDeltas":[1,2]}}},)"
      R"({"ph":"P","name":"other","pid":90,"tid":9,"ts":4},)"
      R"({"ph":"i","pid":3,"tid":7,"ts":6},{"ph":"i","pid":8,"tid":9,"ts":7}])");
  CheckHas(shown, "process 5 \nprocess text \nprocess 8 \nprocess 3 \nthread 0/7 \nthread 2/9 \nthread 3/7 \nprofile of 1 x2\n");
  CheckHas(shown, "7000" + Rank(kRest) + "6 of 1 ");
}

TEST(TheLastNameCounts) {
  const std::string shown = ShowAnyhow(
      R"([{"ph":"M","name":"process_name","pid":1,"args":{"name":"a"}},{"ph":"M","name":"process_name","pid":1,"args":{"name":""}},)"
      R"({"ph":"M","name":"process_labels","pid":1,"args":{"labels":"x"}},{"ph":"M","name":"process_labels","pid":1,"args":{"labels":"y"}},)"
      R"({"ph":"M","name":"thread_name","pid":1,"tid":2,"args":{"name":"b"}},{"ph":"M","name":"thread_name","pid":1,"tid":2,"args":{"name":"c"}},)"
      R"({"ph":"M","name":"thread_sort_index","pid":1,"tid":2,"args":{"sort_index":4}},)"
      R"({"ph":"M","name":"process_sort_index","pid":1,"args":{"sort_index":4}},{"ph":"M","name":"process_sort_index","pid":1,"args":{"sort_index":"no"}},)"
      R"({"ph":"X","pid":1,"tid":2,"cat":"kernel","ts":1,"dur":1}])");
  CheckHas(shown, "process 1 a gpu 4 [x] [y]\nthread 0/2 c 4\n");
}

TEST(FindingsNameTheFirstCase) {
  const std::string shown = ShowAnyhow("[{\"ph\":\"X\",\"ts\":1,\"dur\":1},\n{\"ph\":\"X\",\"dur\":-1,\"ts\":1},\n{\"ph\":\"X\",\"dur\":-1,\"ts\":2},{\"ph\":\"N\"},\n"
                                       "{\"ph\":\"X\",\"ts\":1e99},{\"ph\":\"X\",\"ts\":NaN,\"dur\":1},{\"ph\":\"N\"}]");
  CheckHas(shown, "a dur below 0 x2 @28:2 {\"ph\":\"X\",\"dur\":-1,\"ts\":1}\n");
  CheckHas(shown, "events of phase N x2 @83:3 {\"ph\":\"N\"}\n");
  CheckHas(shown, "a ts beyond 2^63 ns x1 @95:4 ");
}

// Long texts are in the record itself.
TEST(TextsAndArgumentsAreKept) {
  const std::string huge(TextPool::kMaxLength + 1, 'h');
  const std::string shown = ShowAnyhow(
      R"([{"args":{"a":1,"b":{"c":[1.5,null,{}]},")" + huge + R"(":true},"ph":"X","name":")" + huge + R"(","cat":")" + huge +
      R"(","ts":1,"dur":2,"bind_id":"0x5","flow_out":true},{"ph":"X","ts":2,"dur":1,"args":{"a":2,"q":"\u0041"}},)"
      R"({"ph":"C","name":"n","pid":1,"ts":3,"id":7,"args":{"x":1,"deep":{"y":2},"z":"2.5"}},)"
      R"({"ph":"b","cat":"c","id2":{"local":1},"pid":1,"ts":4,"name":"async"},{"ph":"n","cat":"c","id2":{"local":1},"pid":2,"ts":5},)"
      R"({"ph":"s","cat":"f","name":"g","id":"0x1f","pid":1,"ts":6,"args":{"lost":1}},{"ph":"f","bp":"e","cat":"f","name":"g","id":31,"pid":1,"ts":7}])");
  CheckHas(shown, "'" + huge + "''" + huge + "' 'a':");
  CheckHas(shown, "'q':" + std::to_string(static_cast<int>(AttrType::kText)) + "='A'\n");
  CheckHas(shown, "'n id: 7 x'\n");
  CheckHas(shown, "'n id: 7 z'\n");
}

TEST(ATraceOfEverythingIsTheSameAnyhow) {
  std::string text = "{\"traceEvents\":[";
  for (int i = 0; i < 200; ++i) {
    const auto number = [i](int factor, int limit) { return std::to_string(i * factor % limit); };
    const char* const phases[] = {"X", "B", "E", "b", "e", "i", "C", "s", "f", "M", "N", "P"};
    text += i == 0 ? "" : ",\n";
    text += std::string(R"({"ph":")") + phases[i * 5 % 12] + R"(","pid":)" + number(1, 7) + R"(,"tid":"t)" + number(1, 5);
    text += R"(","ts":)" + number(37, 100) + R"(,"dur":)" + number(1, 3) + R"(,"id":)" + number(1, 4);
    text += R"(,"name":"n\u006)" + number(1, 9) + R"(","args":{"value":)" + number(1, 200) + R"(,"name":"p)" + number(1, 200) + "\"}}";
    if (i % 50 == 49) text += ",{\"ph\":\"X\"";  // without its end
  }
  ShowAnyhow(text + "]}");
}

}  // namespace
}  // namespace tracesmith::test
