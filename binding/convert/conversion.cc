#include "convert/conversion.h"

#include <algorithm>
#include <array>
#include <deque>
#include <thread>
#include <utility>

#include "convert/event_parser.h"
#include "convert/linker.h"
#include "base/ordered_pipeline.h"
#include "convert/sniff.h"
#include "profile/profile_writer.h"
#include "profile/stack_samples.h"
#include "stream/encoding_stream.h"

namespace tracesmith {
namespace {

// Rows that the encoder holds back to sort them. Rows come sorted, so it sorts only those of one time.
constexpr size_t kWindow = 1024;
// Bytes of batches that wait for the encoder.
constexpr size_t kMaxWaiting = size_t{4} << 20;
// Bytes of values beside the events: a trace's properties are small.
constexpr size_t kMaxValues = size_t{4} << 20;
// More would have nothing to do on two processors, and each takes some MB.
constexpr size_t kReadingThreads = 2;
constexpr uint64_t kYear = uint64_t{365} * 86'400 * 1'000'000'000;  // ns

// Whether a key beside the events is a property of the trace. The others are read elsewhere or are for viewers.
bool IsProperty(const std::string& key) {
  return key != "traceEvents" && key != "displayTimeUnit" && key != "systemTraceEvents" && key != "stackFrames" &&
         key != "samples" && key != "controllerTraceDataKey" && key != "powerTraceAsString";
}

// An ignored event is no reason for a warning.
bool HasWarning(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.category != FindingCategory::kIgnored; });
}

// As lib/chrome-json/read/findings.ts has it.
std::string Description(const Finding& finding) {
  const std::string place = finding.line == 0 ? "" : "line " + std::to_string(finding.line) + ", ";
  const std::string times = finding.count == 1 ? "" : " (" + std::to_string(finding.count) + " times)";
  const std::string excerpt = finding.excerpt.empty() ? "" : ": " + finding.excerpt;
  return place + "byte " + std::to_string(finding.offset) + ": " + finding.reason + times + excerpt;
}

// The name of a file without its folder.
std::string_view FileName(std::string_view path) {
  const size_t folder = path.find_last_of("/\\");
  return folder == std::string_view::npos ? path : path.substr(folder + 1);
}

// Calls use(begin, end) with the value as the only argument of an event.
template <typename Use>
void UseAsArgument(const TopLevelValue& value, TextPool& texts, Use use) {
  TextBlock block;
  const std::string text = "{\"ph\":\"M\",\"args\":{\"" + value.key + "\":" + value.text + "}}";
  std::memcpy(block.text.Extend(text.size() + kTextPadding), text.data(), text.size());
  std::memset(block.text.begin() + text.size(), ' ', kTextPadding);
  block.text.Truncate(text.size());
  block.events.Add({0, static_cast<uint32_t>(text.size()), true});
  block.offset = value.offset;
  block.line = value.line;
  ArgRecorder args(texts);
  EventReader(kListsOfTrace).Read(block, &args, [&](const ChromeEvent&) { use(args.data(), args.data() + args.size()); });
}

}  // namespace

Conversion::Failure Conversion::Run() {
  for (const auto step : {&Conversion::Read, &Conversion::Link, &Conversion::Write}) {
    Failure failure = (this->*step)();
    if (failure.error != Error::kNone) return failure;
    if (is_cancelled_) return {Error::kCancelled, "cancelled", {}};
    if (options_.only_surveys) {
      JudgeSurveyedZeroTimes();
      SurveySamples();
      break;
    }
    if (step == &Conversion::Link && options_.is_strict && HasWarning(report_.findings)) break;
  }
  return {};
}

Conversion::Failure Conversion::IoFailure(const char* action, const std::string& name, const IoStatus& status) {
  return {Error::kIo, std::string("Could not ") + action + " " + name + ": " + status.reason(), status.code()};
}

Conversion::Failure Conversion::SortFailure(const IoStatus& status) const {
  return IoFailure("write a temporary file beside", options_.output_name, status);
}

Conversion::Failure Conversion::Read() {
  ByteSource& source = source_;
  source.StopAt(&is_cancelled_);
  const std::string& path = options_.input_path;
  IoStatus status = path.empty() ? source.Borrow(options_.input_descriptor) : source.Open(path);
  if (!status.ok()) return IoFailure("open", options_.input_name, status);
  const uint8_t* head = nullptr;
  size_t head_size = 0;
  status = source.Peek(&head, &head_size);
  if (!status.ok()) return IoFailure("read", options_.input_name, status);
  if (is_cancelled_) return {};
  progress_.total_bytes = source.total();
  report_.is_gzip = source.is_gzip();
  const ContentKind kind = Sniff(head, head_size);
  if (kind != ContentKind::kJson) {
    const bool is_cut = kind == ContentKind::kEmpty && !source.problem().empty();
    const std::string text = is_cut ? "damaged: " + source.problem() : ContentProblem(kind, head, head_size);
    return {Error::kInput, options_.input_name + " is " + text, {}};
  }
  records_ = std::make_unique<RecordSorter>(RecordSorter::Options{SortingBudget(), options_.spill_path, true});
  Findings findings;
  Failure failure = CpuProfiles::IsProfile(head, head_size) ? ReadProfile(source) : ReadTrace(source, &findings);
  if (failure.error != Error::kNone || is_cancelled_) return failure;
  profiles_.Finish();
  report_.samples = profiles_.samples();
  input_problem_ = source.problem();
  if (!input_problem_.empty()) {
    findings.Count(FindingCategory::kDamaged, input_problem_.c_str(), report_.text_bytes);
  }
  findings.Merge(profiles_.findings());
  report_.findings = findings.list();
  report_.input_bytes = source.consumed();
  return record_count_ == 0 && report_.samples == 0 ? EmptyFailure() : Failure{};
}

Conversion::Failure Conversion::EmptyFailure() const {
  const auto lost = std::find_if(report_.findings.begin(), report_.findings.end(), [](const Finding& finding) {
    return finding.category == FindingCategory::kDropped || finding.category == FindingCategory::kDamaged;
  });
  if (lost == report_.findings.end()) return {};
  if (report_.events == report_.phases[ParsedBlock::kNoPhase] && input_problem_.empty()) {
    return {Error::kInput, options_.input_name + " is JSON but no trace: no object in it has a phase (\"ph\")", {}};
  }
  return {Error::kInput, "nothing of " + options_.input_name + " can be kept: " + Description(*lost), {}};
}

TextSource Conversion::TextOf(ByteSource& source, IoStatus* status) {
  return [this, &source, status](uint8_t* to, size_t capacity) {
    size_t count = 0;
    if (status->ok() && !is_cancelled_) *status = source.Read(to, capacity, &count);
    if (!status->ok()) return size_t{0};
    report_.text_bytes += count;
    progress_.bytes_read = source.consumed();
    return count;
  };
}

Conversion::Failure Conversion::ReadProfile(ByteSource& source) {
  IoStatus status;
  JsonCursor json(TextOf(source, &status));
  const std::string_view path = options_.input_path;
  const std::string_view name = path.empty() ? std::string_view("CPU profile") : FileName(path);
  const bool has_nodes = profiles_.ReadFile(&json, name);
  if (!status.ok()) return IoFailure("read", options_.input_name, status);
  if (has_nodes || is_cancelled_) return {};
  return {Error::kInput, options_.input_name + " is JSON that begins as a CPU profile does, but has no nodes", {}};
}

Conversion::Failure Conversion::ReadTrace(ByteSource& source, Findings* findings) {
  IoStatus status;
  TextScanner::Options scanner_options;
  if (options_.block_size != 0) scanner_options.block_size = options_.block_size;
  scanner_options.values_limit = kMaxValues;
  TextScanner scanner(TextOf(source, &status), scanner_options);
  std::deque<EventParser> parsers;
  while (parsers.size() < kReadingThreads) parsers.emplace_back(texts_);
  if (SkipsArgs()) {
    for (EventParser& parser : parsers) parser.SkipArgs();
  }
  std::array<TextBlock, kReadingThreads> blocks;
  std::array<ParsedBlock, kReadingThreads> parsed;
  EventCollector collector(process_table_, *records_, profiles_, options_.only_surveys ? &contents_ : nullptr);
  OrderedPipeline pipeline({[&](size_t slot) { return scanner.Next(&blocks[slot]); },
                            [&](size_t slot) { parsers[slot].Parse(blocks[slot], &parsed[slot]); },
                            [&](size_t slot) {
                              collector.Add(parsed[slot]);
                              progress_.events = collector.events();
                              return records_->status().ok() && !is_cancelled_;
                            }});
  pipeline.Run(kReadingThreads);
  if (is_cancelled_) return {};
  if (!records_->status().ok()) return SortFailure(records_->status());
  if (!status.ok()) return IoFailure("read", options_.input_name, status);
  if (scanner.form() == TextForm::kObject && !scanner.has_events_key() && collector.events() == 0) {
    return {Error::kInput,
            options_.input_name + " is a JSON object with no array traceEvents, nor with nodes and samples of a CPU profile",
            {}};
  }
  findings->Merge(scanner.findings());
  for (const EventParser& parser : parsers) findings->Merge(parser.findings());
  for (const TopLevelValue& value : scanner.values()) {
    if (IsProperty(value.key)) values_.push_back(value);
  }
  ReadStacks(scanner.values(), findings);
  form_ = scanner.form();
  entries_ = scanner.entries();
  report_.events = collector.events();
  report_.phases = collector.phases();
  record_count_ = collector.records();
  needs_links_ = collector.needs_links();
  if (collector.lowest_time() < 0) {
    origin_ = SortTimeOf(collector.lowest_time());
    report_.time_shift = SortTimeOf(0) - origin_;
    values_.push_back({"timeShiftNanoseconds", std::to_string(report_.time_shift), 0, 0});
  }
  return {};
}

void Conversion::ReadStacks(const std::vector<TopLevelValue>& values, Findings* findings) {
  StackSamples samples(process_table_, profiles_);
  for (const TopLevelValue& value : values) {
    if (value.key == "stackFrames") samples.ReadFrames(value.text);
  }
  for (const TopLevelValue& value : values) {
    if (value.key == "samples") samples.ReadSamples(value.text, value.offset, value.line);
  }
  findings->Merge(samples.findings());
}

Conversion::Failure Conversion::Link() {
  progress_.is_writing = true;
  IoStatus status = records_->Finish();
  JudgeZeroTimes();
  // If the records are read from a file, they leave more memory than their share.
  const size_t rest = SortingBudget() - std::min(SortingBudget(), records_->memory());
  const RecordSorter::Options options{std::max(options_.memory_budget / 8, rest / 2), options_.spill_path, false};
  links_ = std::make_unique<RecordSorter>(options);
  if (needs_links_) {
    Linker linker(*links_, texts_, options, origin_);
    Record record;
    for (uint64_t count = 0; records_->Next(&record); ++count) {
      if (!IsLeftOut(record)) linker.Add(record);
      if (count % kCancelCheck == 0 && is_cancelled_) return {};
    }
    const IoStatus linked = linker.Finish();
    status = records_->status().ok() ? linked : records_->status();
    report_.unmatched = linker.unmatched();
    for (Finding& finding : linker.findings().list()) report_.findings.push_back(std::move(finding));
    std::stable_sort(report_.findings.begin(), report_.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.offset < b.offset; });
    report_.arrows = linker.arrows();
    async_processes_ = linker.TakeAsyncProcesses();
    records_->Rewind();
  }
  const IoStatus finished = links_->Finish();
  if (status.ok()) status = finished;
  report_.spilled_bytes = records_->spilled_bytes() + links_->spilled_bytes();
  return status.ok() ? Failure{} : SortFailure(status);
}

void Conversion::JudgeSurveyedZeroTimes() {
  const int64_t first = contents_.first_above_zero();
  const bool are_years_before = contents_.first() == 0 && first != INT64_MAX && static_cast<uint64_t>(first) >= kYear;
  std::vector<Finding>& findings = report_.findings;
  const auto is_zero = [](const Finding& finding) { return finding.reason == std::string_view(kZeroTime); };
  if (!are_years_before) findings.erase(std::remove_if(findings.begin(), findings.end(), is_zero), findings.end());
}

void Conversion::SurveySamples() {
  for (const CpuProfile& profile : profiles_.profiles()) {
    contents_.Include(profile.times[0]);
    contents_.Include(profile.times[profile.times.size() - 1]);
  }
}

// The records must be sorted and are rewound.
void Conversion::JudgeZeroTimes() {
  std::vector<Finding>& findings = report_.findings;
  const auto zero = std::find_if(findings.begin(), findings.end(),
                                 [](const Finding& finding) { return finding.reason == std::string_view(kZeroTime); });
  if (zero == findings.end()) return;
  Record record;
  bool has_record = records_->Next(&record);
  const bool are_first = has_record && record.key.time == SortTimeOf(0);
  while (has_record && record.key.time <= SortTimeOf(0)) has_record = records_->Next(&record);
  const bool are_years_before = are_first && has_record && record.key.time - SortTimeOf(0) >= kYear;
  records_->Rewind();
  if (!are_years_before) {
    findings.erase(zero);
    return;
  }
  leaves_out_zero_ = options_.drops_zero_times;
  if (leaves_out_zero_) zero->category = FindingCategory::kDropped;
}

Conversion::Failure Conversion::Write() {
  Source source;
  source.links = links_.get();
  source.next = [this](Record* record) {
    while (records_->Next(record)) {
      if (!IsLeftOut(*record)) return true;
    }
    return false;
  };
  return WriteRecords(source);
}

Conversion::Failure Conversion::WriteRecords(const Source& source) {
  OutputFile file;
  const std::string& path = options_.output_path;
  const IoStatus opened = path.empty() ? file.OpenCopy(options_.output_descriptor) : file.Open(path);
  if (!opened.ok()) return IoFailure("open", options_.output_name, opened);
  auto output = std::make_unique<PacketOutput>(std::move(file), options_.compression, options_.level);
  RowBatch batch(texts_);
  TrackMaker tracks(batch, process_table_, GpuNames(), options_.gpu_events);
  tracks.DefineAll();
  WriteProfiles(
      profiles_, [&](uint32_t thread) { return tracks.IdsOfThread(thread); },
      [&](const uint8_t* packets, size_t size) { return output->Append(packets, size).ok() && !is_cancelled_; },
      report_.time_shift, source.keeps_sample);
  if (!output->status().ok()) return IoFailure("write", options_.output_name, output->status());
  EncodingStream::Options stream_options;
  stream_options.window = kWindow;
  stream_options.path = options_.output_name;
  stream_options.flushes_by_time = false;
  EncodingStream stream(stream_options, std::move(output));
  std::thread encoder([&stream] { stream.WorkUntilFinished(); });
  try {
    TraceBuilder builder(batch, tracks, *source.links, async_processes_, origin_, [&](const BatchView& view) {
      stream.Push(view);
      stream.WaitUntilBelow(kMaxWaiting);
      return !stream.failure().has_value() && !is_cancelled_;
    });
    std::vector<TopLevelValue> values = values_;
    values.insert(values.end(), source.values.begin(), source.values.end());
    for (const TopLevelValue& value : values) {
      if (!IsProperty(value.key)) continue;
      UseAsArgument(value, texts_, [&](const uint8_t* begin, const uint8_t* end) { builder.AddMetadata(begin, end); });
    }
    Record record;
    bool goes_on = true;
    for (uint64_t count = 0; goes_on && source.next(&record); ++count) {
      goes_on = builder.Add(record);
      if (count % kCancelCheck == 0) progress_.written = count;
    }
    if (goes_on) builder.Finish();
  } catch (...) {
    stream.Push(EncodingStream::Task::kFinish);
    encoder.join();
    throw;
  }
  stream.Push(EncodingStream::Task::kFinish);
  encoder.join();
  if (!records_->status().ok()) return SortFailure(records_->status());
  if (!links_->status().ok()) return SortFailure(links_->status());
  if (!source.links->status().ok()) return SortFailure(source.links->status());
  if (const std::optional<StreamFailure> failure = stream.failure()) {
    if (failure->kind == StreamFailure::Kind::kIo) return {Error::kIo, failure->message, failure->system_code};
    throw std::logic_error(failure->message);
  }
  report_.counts = stream.counts();
  report_.bytes = stream.bytes_written();
  report_.is_written = true;
  return {};
}


// The names of GPUs in a trace of Kineto, by number.
std::vector<std::string> Conversion::GpuNames() {
  std::vector<std::string> names;
  for (const TopLevelValue& value : values_) {
    if (value.key != "deviceProperties") continue;
    UseAsArgument(value, texts_, [&](const uint8_t* begin, const uint8_t* end) {
      ArgCursor cursor(begin, end);
      CompactArg arg;
      uint64_t id = UINT64_MAX;
      while (cursor.Next(&arg)) {
        const std::string_view key = TextIn(texts_, arg.key);
        if (arg.type == AttrType::kDict) id = UINT64_MAX;
        if (key == "id" && arg.type == AttrType::kInt) id = arg.value;
        constexpr uint64_t kMaxGpus = 1024;
        if (key != "name" || arg.type != AttrType::kText || id >= kMaxGpus) continue;
        if (names.size() <= id) names.resize(id + 1);
        names[id] = TextIn(texts_, arg.text);
      }
    });
  }
  return names;
}

}  // namespace tracesmith
