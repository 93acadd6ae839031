#include "napi/conversion_object.h"

#include <string>
#include <utility>

#include "napi/arguments.h"
#include "napi/results.h"

namespace tracesmith {
namespace {

constexpr size_t kMinBudget = size_t{1} << 20;
constexpr size_t kMaxBudget = size_t{1} << 40;
constexpr size_t kMaxBlock = size_t{1} << 30;

Conversion::Options OptionsOf(const Napi::Object& object) {
  Conversion::Options options;
  ReadTarget(object, "input", &options.input_path, &options.input_descriptor);
  ReadTarget(object, "output", &options.output_path, &options.output_descriptor);
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
  Set(object, "flows", report.flows);
  Set(object, "flowsUndrawn", report.undrawn_flows);
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

class ConversionWorker : public Napi::AsyncWorker {
 public:
  ConversionWorker(Napi::Env env, std::shared_ptr<Conversion> conversion)
      : Napi::AsyncWorker(env, "tracesmith:convert"),
        deferred_(Napi::Promise::Deferred::New(env)),
        conversion_(std::move(conversion)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { failure_ = conversion_->Run(); }
  void OnOK() override {
    const auto& [error, message, system_code] = failure_;
    if (error == Conversion::Error::kNone) return deferred_.Resolve(ReportOf(Env(), conversion_->report()));
    if (error == Conversion::Error::kIo) {
      return deferred_.Reject(ErrorOf(Env(), {StreamFailure::Kind::kIo, message, system_code}).Value());
    }
    const char* code = error == Conversion::Error::kInput ? "INVALID_INPUT" : "CANCELLED";
    deferred_.Reject(CodedError(Env(), code, message).Value());
  }
  void OnError(const Napi::Error& error) override {
    deferred_.Reject(CodedError(Env(), "INTERNAL", error.Message()).Value());
  }

 private:
  Napi::Promise::Deferred deferred_;
  std::shared_ptr<Conversion> conversion_;
  Conversion::Failure failure_;
};

}  // namespace

Napi::Function ConversionObject::Define(Napi::Env env) {
  return DefineClass(env, "Conversion",
                     {
                         InstanceMethod<&ConversionObject::Run>("run"),
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
  if (is_running_) throw CodedError(info.Env(), "INVALID_ARGUMENT", "cannot run: the conversion has run");
  is_running_ = true;
  auto* worker = new ConversionWorker(info.Env(), conversion_);  // deletes itself when done
  const Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
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
