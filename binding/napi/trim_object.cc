#include "napi/trim_object.h"

#include <string>
#include <utility>
#include <vector>

#include "napi/arguments.h"
#include "napi/job_worker.h"
#include "napi/results.h"

namespace tracesmith {
namespace {

using trim::Trim;

constexpr uint64_t kMaxExactCount = uint64_t{1} << 53;

std::unordered_set<std::string> TextSetOf(const Napi::Object& object, const char* name) {
  const std::vector<std::string> texts = TextsOf(object, name);
  return {texts.begin(), texts.end()};
}

Trim::Options TrimOptionsOf(const Napi::Object& object) {
  return {TextOf(object, "input"), TextOf(object, "inputName"), {TextSetOf(object, "names"), TextOf(object, "prefix")},
          TextOf(object, "spillPath")};
}

Trim::Output OutputOf(const Napi::Object& object, const Trim& trim) {
  Trim::Output output;
  ReadTarget(object, "output", &output.path, &output.descriptor);
  output.name = TextOf(object, "outputName");
  output.compression = static_cast<Compression>(CountOf(object, "compression", 2));
  output.level = static_cast<int>(CountOf(object, "level", 9, 1));
  output.windows = WindowsOf(object);
  output.follows_flows = object.Get("followsFlows").ToBoolean();
  output.criteria.texts = TextCriteriaOf(object, trim.texts().size());
  output.criteria.tracks = AnswersOf(object, "tracks", trim.tracks().size());
  output.criteria.min_duration = static_cast<int64_t>(CountOf(object, "minDuration", kMaxExactCount));
  output.criteria.max_depth = static_cast<uint32_t>(CountOf(object, "maxDepth", UINT32_MAX));
  output.rewriter.args = static_cast<ArgsKept>(CountOf(object, "args", 2));
  output.rewriter.unique_args = TextSetOf(object, "uniqueArgs");
  output.rewriter.arrow_arg = TextOf(object, "arrowArg");
  output.rewriter.min_duration = output.criteria.min_duration;
  output.options_text = TextOf(object, "optionsText");
  return output;
}

Napi::Object SurveyOf(Napi::Env env, const Trim& trim) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("start", trim.has_time() ? Napi::BigInt::New(env, trim.start()).As<Napi::Value>() : env.Null());
  object.Set("end", Napi::BigInt::New(env, trim.end()));
  Set(object, "inputBytes", trim.input_bytes());
  Napi::Array named = Napi::Array::New(env, trim.named().size());
  uint32_t place = 0;
  for (const trim::NamedTime& time : trim.named()) {
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("name", trim.texts()[time.name]);
    entry.Set("from", Napi::BigInt::New(env, time.from));
    entry.Set("to", time.has_end ? Napi::BigInt::New(env, time.to).As<Napi::Value>() : env.Null());
    named.Set(place++, entry);
  }
  object.Set("named", named);
  return object;
}

Napi::Object TrimReportOf(Napi::Env env, const Trim::Report& report) {
  Napi::Object object = Napi::Object::New(env);
  Set(object, "bytes", report.bytes);
  Napi::Object counts = Napi::Object::New(env);
  Set(counts, "slices", report.plan.slices);
  Set(counts, "instants", report.plan.instants);
  Set(counts, "counters", report.plan.counters);
  Set(counts, "cut", report.plan.cut);
  Set(counts, "droppedSlices", report.plan.dropped_slices);
  Set(counts, "droppedInstants", report.plan.dropped_instants);
  Set(counts, "droppedCounters", report.plan.dropped_counters);
  Set(counts, "flowsCut", report.rewriter.flows_cut);
  Set(counts, "droppedKernelEvents", report.rewriter.dropped_kernel_events);
  Set(counts, "droppedSamples", report.rewriter.dropped_samples);
  Set(counts, "droppedStages", report.rewriter.dropped_stages);
  Set(counts, "droppedPackets", report.rewriter.dropped_packets);
  object.Set("counts", counts);
  return object;
}

using TrimWorker = JobWorker<Trim>;

}  // namespace

Napi::Function TrimObject::Define(Napi::Env env) {
  return DefineClass(env, "Trim",
                     {
                         InstanceMethod<&TrimObject::LookAt>("lookAt"),
                         InstanceMethod<&TrimObject::TextsOf>("texts"),
                         InstanceMethod<&TrimObject::TracksOf>("tracks"),
                         InstanceMethod<&TrimObject::Write>("write"),
                         InstanceMethod<&TrimObject::Progress>("progress"),
                         InstanceMethod<&TrimObject::Cancel>("cancel"),
                     });
}

TrimObject::TrimObject(const Napi::CallbackInfo& info)
    : TaggedWrap<TrimObject>(info),
      trim_(std::make_shared<Trim>(TrimOptionsOf(RequireObject(info[0], "options")))) {
  Tag();
}

void TrimObject::RequireIdle(Napi::Env env) {
  if (*is_running_) throw CodedError(env, "INVALID_ARGUMENT", "called while another call runs");
}

Napi::Value TrimObject::LookAt(const Napi::CallbackInfo& info) {
  if (std::exchange(has_looked_, true)) throw CodedError(info.Env(), "INVALID_ARGUMENT", "lookAt() was called before");
  const auto& trim = trim_;
  auto* worker = new TrimWorker(
      info.Env(), "tracesmith:trim", is_running_, [trim] { return trim->LookAt(); },
      [trim](Napi::Env env) { return SurveyOf(env, *trim); });
  return worker->Start();
}

Napi::Value TrimObject::TextsOf(const Napi::CallbackInfo& info) {
  RequireIdle(info.Env());
  const trim::Texts& texts = trim_->texts();
  Napi::Array array = Napi::Array::New(info.Env(), texts.size());
  for (uint32_t i = 0; i < texts.size(); ++i) array.Set(i, texts[i]);
  return array;
}

Napi::Value TrimObject::TracksOf(const Napi::CallbackInfo& info) {
  RequireIdle(info.Env());
  Napi::Env env = info.Env();
  const trim::Tracks& tracks = trim_->tracks();
  Napi::Array array = Napi::Array::New(env, tracks.size());
  for (uint32_t i = 0; i < tracks.size(); ++i) {
    const trim::Owner owner = tracks.OwnerOf(i);
    Napi::Object entry = Napi::Object::New(env);
    if (owner.has_pid) entry.Set("pid", Napi::Number::New(env, static_cast<double>(owner.pid)));
    if (owner.has_tid) entry.Set("tid", Napi::Number::New(env, static_cast<double>(owner.tid)));
    entry.Set("process", owner.process);
    entry.Set("thread", owner.thread);
    array.Set(i, entry);
  }
  return array;
}

Napi::Value TrimObject::Write(const Napi::CallbackInfo& info) {
  RequireIdle(info.Env());
  const auto& trim = trim_;
  auto output = std::make_shared<Trim::Output>(OutputOf(RequireObject(info[0], "options"), *trim));
  auto report = std::make_shared<Trim::Report>();
  auto* worker = new TrimWorker(
      info.Env(), "tracesmith:trim", is_running_,
      [trim, output, report] { return trim->Write(*output, report.get()); },
      [report](Napi::Env env) { return TrimReportOf(env, *report); });
  return worker->Start();
}

Napi::Value TrimObject::Progress(const Napi::CallbackInfo& info) {
  const Trim::Progress& progress = trim_->progress();
  Napi::Object object = Napi::Object::New(info.Env());
  Set(object, "bytesRead", progress.bytes_read);
  Set(object, "totalBytes", progress.total_bytes);
  Set(object, "readings", progress.readings);
  return object;
}

void TrimObject::Cancel(const Napi::CallbackInfo&) { trim_->Cancel(); }

}  // namespace tracesmith
