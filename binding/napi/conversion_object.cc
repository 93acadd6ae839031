#include "napi/conversion_object.h"

#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "napi/arguments.h"
#include "napi/job_worker.h"
#include "napi/results.h"

namespace tracesmith {
namespace {

constexpr size_t kMinBudget = size_t{1} << 20;
constexpr size_t kMaxBudget = size_t{1} << 40;
constexpr size_t kMaxBlock = size_t{1} << 30;
constexpr size_t kMaxNanoseconds = (size_t{1} << 53) - 1;

FilterPart PartOf(const Napi::Object& object, const Conversion& conversion) {
  FilterPart part;
  part.windows = WindowsOf(object);
  part.plan.follows_arrows = object.Get("followsFlows").ToBoolean();
  part.plan.min_duration = static_cast<int64_t>(CountOf(object, "minDuration", kMaxNanoseconds));
  part.plan.max_depth = static_cast<uint32_t>(CountOf(object, "maxDepth", UINT32_MAX));
  part.texts = TextCriteriaOf(object, conversion.survey().texts().list().size());
  part.processes = AnswersOf(object, "processes", conversion.process_table().processes().size());
  part.threads = AnswersOf(object, "threads", conversion.process_table().threads().size());
  part.accepts_ownerless = object.Get("acceptsOwnerless").ToBoolean();
  part.args = static_cast<ArgsKept>(CountOf(object, "args", 2));
  part.unique_args = TextsOf(object, "uniqueArgs");
  part.arrow_arg = TextOf(object, "arrowArg");
  part.options_text = TextOf(object, "optionsText");
  return part;
}

Conversion::Options OptionsOf(const Napi::Object& object) {
  Conversion::Options options;
  ReadTarget(object, "input", &options.input_path, &options.input_descriptor);
  options.only_surveys = object.Get("contents").ToBoolean();
  if (!options.only_surveys) ReadTarget(object, "output", &options.output_path, &options.output_descriptor);
  options.input_name = TextOf(object, "inputName");
  options.output_name = TextOf(object, "outputName");
  options.compression = static_cast<Compression>(CountOf(object, "compression", 2));
  options.level = static_cast<int>(CountOf(object, "level", 9, 1));
  options.memory_budget = CountOf(object, "memoryBudget", kMaxBudget, kMinBudget);
  options.spill_path = TextOf(object, "spillPath");
  options.gpu_events = static_cast<GpuEvents>(CountOf(object, "gpuEvents", 2) + 1);
  options.drops_zero_times = object.Get("dropZeroTimes").ToBoolean();
  options.is_strict = object.Get("strict").ToBoolean();
  options.block_size = CountOf(object, "blockSize", kMaxBlock);
  if (const Napi::Value survey = object.Get("survey"); !survey.IsUndefined()) {
    const Napi::Object wishes = RequireObject(survey, "options.survey");
    options.survey.names = TextsOf(wishes, "names");
    options.survey.prefix = TextOf(wishes, "prefix");
    options.survey.needs_texts = wishes.Get("needsTexts").ToBoolean();
    options.survey.keeps_little = wishes.Get("keepsLittle").ToBoolean();
  }
  return options;
}

Napi::Object PhasesOf(Napi::Env env, const Conversion::Report& report) {
  Napi::Object phases = Napi::Object::New(env);
  for (size_t i = 0; i < ParsedBlock::kOtherPhases; ++i) {
    if (report.phases[i] != 0) Set(phases, std::string(1, static_cast<char>(i)).c_str(), report.phases[i]);
  }
  const uint64_t others = report.phases[ParsedBlock::kOtherPhases] + report.phases[ParsedBlock::kNoPhase];
  if (others != 0) Set(phases, "other", others);
  return phases;
}

Napi::Object UndrawnArrowsOf(Napi::Env env, const ArrowCounts& arrows) {
  Napi::Object object = Napi::Object::New(env);
  Set(object, "startMissing", arrows.start_missing);
  Set(object, "endMissing", arrows.end_missing);
  Set(object, "backwards", arrows.backwards);
  return object;
}

Napi::Object ReportOf(Napi::Env env, const Conversion::Report& report) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("written", report.is_written);
  object.Set("isGzip", report.is_gzip);
  Set(object, "bytes", report.bytes);
  Set(object, "inputBytes", report.input_bytes);
  Set(object, "textBytes", report.text_bytes);
  Set(object, "spilledBytes", report.spilled_bytes);
  Set(object, "events", report.events);
  Set(object, "slices", report.counts.slices);
  Set(object, "instants", report.counts.instants);
  Set(object, "counters", report.counts.counters);
  Set(object, "flows", report.arrows.drawn);
  Set(object, "flowsBackward", report.arrows.backward);
  Set(object, "flowsUndrawn", report.arrows.undrawn());
  object.Set("flowsUndrawnBy", UndrawnArrowsOf(env, report.arrows));
  Set(object, "samples", report.samples);
  Set(object, "timeShift", report.time_shift);
  Set(object, "lanes", report.counts.lanes);
  Set(object, "unclosed", report.counts.unclosed);
  Set(object, "unmatched", report.unmatched);
  object.Set("phases", PhasesOf(env, report));
  Napi::Array findings = Napi::Array::New(env, report.findings.size());
  for (size_t i = 0; i < report.findings.size(); ++i) {
    const Finding& finding = report.findings[i];
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("category", NameOf(finding.category));
    entry.Set("reason", finding.reason);
    Set(entry, "count", finding.count);
    Set(entry, "offset", finding.offset);
    Set(entry, "line", finding.line);
    entry.Set("excerpt", finding.excerpt);
    findings.Set(static_cast<uint32_t>(i), entry);
  }
  object.Set("findings", findings);
  return object;
}

// A process or thread.
Napi::Object OwnerOf(Napi::Env env, const ProcessTable::Entry& entry) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("id", entry.id.text);
  if (entry.id.is_number) object.Set("number", static_cast<double>(entry.id.number));
  object.Set("name", entry.name);
  return object;
}

Napi::Object OwnerOf(Napi::Env env, const ProcessTable::Entry& entry, uint64_t events) {
  Napi::Object object = OwnerOf(env, entry);
  Set(object, "events", events);
  return object;
}

Napi::Object ContentsOf(Napi::Env env, const Conversion& conversion) {
  const EventSurvey& contents = conversion.contents();
  Napi::Object object = Napi::Object::New(env);
  Set(object, "form", static_cast<uint64_t>(conversion.form()));
  Set(object, "entries", conversion.entries());
  Set(object, "slices", contents.counts().slices);
  Set(object, "instants", contents.counts().instants);
  Set(object, "counters", contents.counts().counters);
  Set(object, "flowPoints", contents.counts().flow_points);
  if (contents.has_time()) {
    object.Set("first", Napi::BigInt::New(env, contents.first()));
    object.Set("last", Napi::BigInt::New(env, contents.last()));
  }
  Napi::Array processes = Napi::Array::New(env);
  for (const ProcessTable::Process& process : conversion.process_table().processes()) {
    processes.Set(processes.Length(), OwnerOf(env, process, contents.EventsOfProcess(processes.Length())));
  }
  Napi::Array threads = Napi::Array::New(env);
  for (const ProcessTable::Thread& thread : conversion.process_table().threads()) {
    Napi::Object entry = OwnerOf(env, thread, contents.EventsOfThread(threads.Length()));
    Set(entry, "process", thread.process);
    threads.Set(threads.Length(), entry);
  }
  Napi::Array tracks = Napi::Array::New(env);
  for (const EventSurvey::Track& track : contents.Tracks()) {
    Napi::Object entry = Napi::Object::New(env);
    Set(entry, "kind", static_cast<uint64_t>(track.kind));
    if (track.process != EventSurvey::kNoProcess) Set(entry, "process", track.process);
    entry.Set("name", track.name);
    Set(entry, "events", track.events);
    Set(entry, "lanes", track.lanes);
    tracks.Set(tracks.Length(), entry);
  }
  object.Set("processes", processes);
  object.Set("threads", threads);
  object.Set("tracks", tracks);
  return object;
}

Napi::Object SurveyOf(Napi::Env env, const Conversion& conversion) {
  const FilterSurvey& survey = conversion.survey();
  Napi::Object object = Napi::Object::New(env);
  object.Set("start", survey.has_events() ? Napi::BigInt::New(env, survey.start()).As<Napi::Value>() : env.Null());
  object.Set("end", Napi::BigInt::New(env, survey.end()));
  Napi::Array named = Napi::Array::New(env, survey.named().size());
  uint32_t place = 0;
  for (const FilterSurvey::Named& time : survey.named()) {
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("name", time.name);
    entry.Set("from", Napi::BigInt::New(env, time.from));
    entry.Set("to", time.has_end ? Napi::BigInt::New(env, time.to).As<Napi::Value>() : env.Null());
    named.Set(place++, entry);
  }
  object.Set("named", named);
  object.Set("report", ReportOf(env, conversion.report()));
  return object;
}

Napi::Object PartReportOf(Napi::Env env, const Conversion& conversion, const Conversion::PartReport& part) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("report", ReportOf(env, conversion.report()));
  Napi::Object counts = Napi::Object::New(env);
  Set(counts, "slices", part.counts.slices);
  Set(counts, "instants", part.counts.instants);
  Set(counts, "counters", part.counts.counters);
  Set(counts, "flows", part.counts.arrows);
  Set(counts, "cut", part.counts.cut);
  Set(counts, "droppedSlices", part.counts.dropped_slices);
  Set(counts, "droppedInstants", part.counts.dropped_instants);
  Set(counts, "droppedCounters", part.counts.dropped_counters);
  Set(counts, "droppedSamples", part.dropped_samples);
  Set(counts, "flowsCut", part.counts.cut_arrows);
  object.Set("counts", counts);
  return object;
}

using ConversionWorker = JobWorker<Conversion>;

}  // namespace

Napi::Function ConversionObject::Define(Napi::Env env) {
  return DefineClass(env, "Conversion",
                     {
                         InstanceMethod<&ConversionObject::Run>("run"),
                         InstanceMethod<&ConversionObject::LookAt>("lookAt"),
                         InstanceMethod<&ConversionObject::TextsOf>("texts"),
                         InstanceMethod<&ConversionObject::OwnersOf>("owners"),
                         InstanceMethod<&ConversionObject::WritePart>("writePart"),
                         InstanceMethod<&ConversionObject::Progress>("progress"),
                         InstanceMethod<&ConversionObject::Cancel>("cancel"),
                     });
}

ConversionObject::ConversionObject(const Napi::CallbackInfo& info)
    : TaggedWrap<ConversionObject>(info),
      conversion_(std::make_shared<Conversion>(OptionsOf(RequireObject(info[0], "options")))) {
  Tag();
}

Napi::Value ConversionObject::Run(const Napi::CallbackInfo& info) {
  if (*state_ != State::kNew) throw CodedError(info.Env(), "INVALID_ARGUMENT", "cannot run: the conversion has run");
  *state_ = State::kRun;
  const auto& conversion = conversion_;
  auto* worker = new ConversionWorker(
      info.Env(), "tracesmith:convert", is_running_, [conversion] { return conversion->Run(); },
      [conversion](Napi::Env env) {
        Napi::Object report = ReportOf(env, conversion->report());
        if (conversion->is_survey()) report.Set("contents", ContentsOf(env, *conversion));
        return report;
      });
  return worker->Start();
}

Napi::Value ConversionObject::LookAt(const Napi::CallbackInfo& info) {
  if (*state_ != State::kNew) throw CodedError(info.Env(), "INVALID_ARGUMENT", "cannot look: the conversion has run");
  *state_ = State::kRun;
  const auto& conversion = conversion_;
  const auto& state = state_;
  auto* worker = new ConversionWorker(
      info.Env(), "tracesmith:convert", is_running_, [conversion] { return conversion->LookAt(); },
      [conversion, state](Napi::Env env) {
        *state = State::kRead;
        return SurveyOf(env, *conversion);
      });
  return worker->Start();
}

void ConversionObject::RequireRead(Napi::Env env) {
  if (*state_ != State::kRead) throw CodedError(env, "INVALID_ARGUMENT", "lookAt() has not ended well");
  if (*is_running_) throw CodedError(env, "INVALID_ARGUMENT", "called while another call runs");
}

Napi::Value ConversionObject::TextsOf(const Napi::CallbackInfo& info) {
  RequireRead(info.Env());
  const std::vector<std::string>& texts = conversion_->survey().texts().list();
  Napi::Array array = Napi::Array::New(info.Env(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i) array.Set(static_cast<uint32_t>(i), texts[i]);
  return array;
}

Napi::Value ConversionObject::OwnersOf(const Napi::CallbackInfo& info) {
  RequireRead(info.Env());
  Napi::Env env = info.Env();
  const ProcessTable& table = conversion_->process_table();
  Napi::Array processes = Napi::Array::New(env, table.processes().size());
  for (uint32_t i = 0; i < table.processes().size(); ++i) processes.Set(i, OwnerOf(env, table.processes()[i]));
  Napi::Array threads = Napi::Array::New(env, table.threads().size());
  for (uint32_t i = 0; i < table.threads().size(); ++i) {
    Napi::Object thread = OwnerOf(env, table.threads()[i]);
    Set(thread, "process", table.threads()[i].process);
    threads.Set(i, thread);
  }
  Napi::Object owners = Napi::Object::New(env);
  owners.Set("processes", processes);
  owners.Set("threads", threads);
  return owners;
}

Napi::Value ConversionObject::WritePart(const Napi::CallbackInfo& info) {
  RequireRead(info.Env());
  const Napi::Object object = RequireObject(info[0], "options");
  const auto& conversion = conversion_;
  const auto part = std::make_shared<FilterPart>(PartOf(object, *conversion));
  std::string path;
  int descriptor = -1;
  ReadTarget(object, "output", &path, &descriptor);
  const std::string name = TextOf(object, "outputName");
  const auto report = std::make_shared<Conversion::PartReport>();
  auto* worker = new ConversionWorker(
      info.Env(), "tracesmith:convert", is_running_,
      [=] { return conversion->WritePart(*part, path, descriptor, name, report.get()); },
      [=](Napi::Env env) { return PartReportOf(env, *conversion, *report); });
  return worker->Start();
}

Napi::Value ConversionObject::Progress(const Napi::CallbackInfo& info) {
  const Conversion::Progress& progress = conversion_->progress();
  Napi::Object object = Napi::Object::New(info.Env());
  Set(object, "phase", progress.is_writing ? 1 : 0);
  Set(object, "bytesRead", progress.bytes_read);
  Set(object, "totalBytes", progress.total_bytes);
  Set(object, "events", progress.events);
  Set(object, "written", progress.written);
  return object;
}

void ConversionObject::Cancel(const Napi::CallbackInfo&) { conversion_->Cancel(); }

}  // namespace tracesmith
