#include "json_support.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <sstream>

namespace tracesmith::test {
namespace {

void AddFindings(const Findings& findings, ReadText* read) {
  for (const Finding& finding : findings.list()) {
    std::ostringstream text;
    text << NameOf(finding.category) << " " << finding.reason << " x" << finding.count << " @" << finding.offset << ":"
         << finding.line << " " << finding.excerpt;
    read->findings.push_back(text.str());
  }
}

void AddValues(const TextScanner& scanner, ReadText* read) {
  for (const TopLevelValue& value : scanner.values()) {
    read->values.push_back(value.key + "=" + value.text + "@" + std::to_string(value.offset) + ":" +
                           std::to_string(value.line));
  }
}

void ShowTime(const char* name, const TimeValue& time, std::ostringstream* text) {
  if (time.state == TimeState::kNone) return;
  *text << " " << name << "=";
  if (time.state == TimeState::kValid) *text << time.nanoseconds;
  if (time.state == TimeState::kOverflow) *text << "overflow(" << time.text << ")";
  if (time.state == TimeState::kInvalid) *text << "invalid(" << time.text << ")";
}

void ShowId(const char* name, const EventId& id, std::ostringstream* text) {
  if (id.kind == EventId::Kind::kNone) return;
  *text << " " << name << "=";
  if (id.kind == EventId::Kind::kInteger) *text << id.integer;
  if (id.kind == EventId::Kind::kUnsigned) *text << id.unsigned_integer << "u";
  if (id.kind == EventId::Kind::kText) *text << "'" << id.text << "'";
  if (id.kind == EventId::Kind::kOther) *text << "<" << id.text << ">";
}

void ShowText(const char* name, std::string_view value, std::ostringstream* text) {
  if (value.data() != nullptr) *text << " " << name << "=" << value;
}

}  // namespace

std::vector<Portions> AllPortions() {
  constexpr size_t kAll = SIZE_MAX;
  return {{1, 1}, {1, kAll}, {7, 3}, {64, 1}, {100, 64}, {1000, 65}, {1 << 20, 1}, {1 << 20, 100}, {1 << 20, kAll}};
}

std::string Show(const Portions& portions) {
  return "blocks of " + std::to_string(portions.block_size) + ", pieces of " + std::to_string(portions.piece_size);
}

TextSource SourceOf(std::string_view text, size_t piece_size) {
  const auto left = std::make_shared<std::string_view>(text);
  return [left, piece_size](uint8_t* to, size_t capacity) {
    const size_t size = std::min({left->size(), piece_size, capacity});
    if (size > 0) std::memcpy(to, left->data(), size);
    left->remove_prefix(size);
    return size;
  };
}

TextScanner::Options OptionsOf(const Portions& portions) {
  TextScanner::Options options;
  options.block_size = portions.block_size;
  return options;
}

ReadText ScanText(std::string_view text, const TextScanner::Options& options, size_t piece_size) {
  ReadText read;
  TextScanner scanner(SourceOf(text, piece_size), options);
  TextBlock block;
  while (scanner.Next(&block)) {
    for (const EventSpan& span : block.events) {
      read.events.emplace_back(reinterpret_cast<const char*>(block.text.begin() + span.begin), span.size);
      read.offsets.push_back(block.offset + span.begin);
    }
  }
  AddValues(scanner, &read);
  AddFindings(scanner.findings(), &read);
  return read;
}

ReadText ScanText(std::string_view text, const Portions& portions) {
  return ScanText(text, OptionsOf(portions), portions.piece_size);
}

ReadText ReadEvents(std::string_view text, const Portions& portions) {
  ReadText read;
  TextScanner scanner(SourceOf(text, portions.piece_size), OptionsOf(portions));
  EventReader reader;
  TextSink sink;
  TextBlock block;
  while (scanner.Next(&block)) {
    reader.Read(block, &sink, [&](const ChromeEvent& event) {
      read.events.push_back(ShowEvent(event, sink));
      read.offsets.push_back(event.offset);
    });
  }
  AddValues(scanner, &read);
  Findings findings = scanner.findings();
  findings.Merge(reader.findings());
  AddFindings(findings, &read);
  return read;
}

std::vector<std::string> Reasons(const ReadText& read) {
  std::vector<std::string> reasons;
  for (const std::string& finding : read.findings) reasons.push_back(finding.substr(0, finding.find(" x")));
  return reasons;
}

std::string Join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

void TextSink::Double(std::string_view key, double value) {
  std::ostringstream text;
  text.precision(17);
  text << value << "d";
  Add(key, text.str());
}

void TextSink::Separate() {
  if (!text_.empty() && text_.back() != '{' && text_.back() != '[') text_ += ',';
}

void TextSink::Add(std::string_view key, const std::string& value) {
  Separate();
  if (key.data() != nullptr) text_ += std::string(key) + "=";
  text_ += value;
}

void TextSink::Open(std::string_view key, char bracket) {
  Separate();
  if (key.data() != nullptr) text_ += std::string(key) + "=";
  text_ += bracket;
}

std::string ShowEvent(const ChromeEvent& event, const TextSink& args) {
  std::ostringstream text;
  text << (event.phase == kOtherPhase ? std::string(event.phase_text)
                                      : event.phase == 0 ? "-" : std::string(1, event.phase));
  ShowText("name", event.name, &text);
  ShowText("cat", event.category, &text);
  ShowTime("ts", event.time, &text);
  ShowTime("dur", event.duration, &text);
  ShowId("pid", event.pid, &text);
  ShowId("tid", event.tid, &text);
  ShowId("id", event.id, &text);
  ShowId("local", event.id2_local, &text);
  ShowId("global", event.id2_global, &text);
  ShowId("bind_id", event.bind_id, &text);
  ShowText("s", event.scope, &text);
  ShowText("bp", event.bind_point, &text);
  ShowText("scope", event.id_scope, &text);
  if (event.flow_in) text << " flow_in";
  if (event.flow_out) text << " flow_out";
  if (event.has_args) text << " (" << args.text() << ")";
  return text.str();
}

}  // namespace tracesmith::test
