#include "trim/trim.h"

#include <array>

#include "base/ordered_pipeline.h"
#include "input/byte_source.h"
#include "proto/message_writer.h"
#include "trim/block_reader.h"
#include "trim/fields.h"

namespace tracesmith::trim {
namespace {

// More would have nothing to do on two processors.
constexpr size_t kThreads = 2;
constexpr uint64_t kCancelCheck = 65536;  // events

// What a trimmed trace says of itself; the twin of metadataPacket in lib/trim.
std::vector<uint8_t> MetadataPacket(const std::string& options_text, const Trim::Report& report) {
  MessageWriter attributes;
  MessageWriter attribute;
  attribute.Text(1, "trim.options");
  attribute.Text(3, options_text);
  attributes.Data(1, attribute.span());
  const PlanCounts& plan = report.plan;
  const RewriteCounts& rewriter = report.rewriter;
  const std::pair<const char*, uint64_t> counts[] = {
      {"trim.slices", plan.slices},
      {"trim.instants", plan.instants},
      {"trim.counters", plan.counters},
      {"trim.cut", plan.cut},
      {"trim.dropped_slices", plan.dropped_slices},
      {"trim.dropped_instants", plan.dropped_instants},
      {"trim.dropped_counters", plan.dropped_counters},
      {"trim.flows_cut", rewriter.flows_cut},
      {"trim.dropped_kernel_events", rewriter.dropped_kernel_events},
      {"trim.dropped_samples", rewriter.dropped_samples},
      {"trim.dropped_stages", rewriter.dropped_stages},
      {"trim.dropped_packets", rewriter.dropped_packets},
  };
  for (const auto& [name, count] : counts) {
    attribute.Clear();
    attribute.Text(1, name);
    attribute.Integer(2, count);
    attributes.Data(1, attribute.span());
  }
  MessageWriter packet;
  packet.Data(packet_field::kTraceAttributes, attributes.span());
  MessageWriter trace;
  trace.Data(1, packet.span());
  return trace.bytes();
}

}  // namespace

Trim::Failure Trim::IoFailure(const char* action, const std::string& name, const IoStatus& status) {
  return {Error::kIo, std::string("Could not ") + action + " " + name + ": " + status.reason(), status.code()};
}

Trim::Failure Trim::SpillFailure(const IoStatus& status) const {
  return IoFailure("use a temporary file beside", options_.spill_path, status);
}

Trim::Failure Trim::InputFailure(const std::string& what) const {
  return {Error::kInput, options_.input_name + " cannot be read as a trace: " + what, {}};
}

Trim::Failure Trim::Read(Walker& walker, const std::function<void(const WalkedPacket&)>& visit,
                         const std::function<bool()>& after_block) {
  ByteSource source;
  const IoStatus opened = source.Open(options_.input_path);
  if (!opened.ok()) return IoFailure("open", options_.input_name, opened);
  progress_.total_bytes = source.total();
  progress_.bytes_read = 0;
  BlockReader reader(source);
  std::array<TraceBlock, kThreads> blocks;
  Failure failure;
  OrderedPipeline pipeline({[&](size_t slot) {
                              const bool has_more = reader.Next(&blocks[slot]);
                              progress_.bytes_read = source.consumed();
                              return has_more;
                            },
                            [&](size_t slot) { ParsePackets(&blocks[slot]); },
                            [&](size_t slot) {
                              const TraceBlock& block = blocks[slot];
                              walker.Walk(block, visit);
                              if (!walker.damage()->empty() || !block.damage.empty()) {
                                const bool is_walked = !walker.damage()->empty();
                                const uint64_t offset = is_walked ? block.offset : block.damage_offset;
                                const std::string& damage = is_walked ? *walker.damage() : block.damage;
                                failure = InputFailure("at byte " + std::to_string(offset) + ": " + damage);
                                return false;
                              }
                              return !is_cancelled_ && (!after_block || after_block());
                            }});
  pipeline.Run(kThreads);
  if (is_cancelled_) return {Error::kCancelled, "cancelled", {}};
  if (failure.error != Error::kNone) return failure;
  if (!reader.status().ok()) return IoFailure("read", options_.input_name, reader.status());
  if (!source.problem().empty()) return InputFailure("its gzip data are damaged or cut off: " + source.problem());
  if (!reader.damage().empty()) return InputFailure(reader.damage());
  input_bytes_ = source.consumed();
  ++progress_.readings;
  return {};
}

template <typename Reader, typename Make>
Trim::Failure Trim::ReadLog(Make make, std::unique_ptr<Reader>* reader) {
  while (true) {
    const size_t known = late_.count();
    *reader = make();
    uint64_t count = 0;
    const IoStatus status = log_.ForEach([&](const LoggedEvent& event) {
      (*reader)->Add(event);
      return ++count % kCancelCheck != 0 || !is_cancelled_;
    });
    if (is_cancelled_) return {Error::kCancelled, "cancelled", {}};
    if (!status.ok()) return SpillFailure(status);
    (*reader)->Finish();
    if (late_.count() == known) return {};
  }
}

Trim::Failure Trim::LookAt() {
  Walker walker(tracks_, texts_);
  Survey survey(tracks_, walker, log_);
  Failure failure = Read(walker, [&](const WalkedPacket& packet) { survey.Add(packet); });
  if (failure.error != Error::kNone) return failure;
  const IoStatus logged = log_.Finish();
  if (!logged.ok()) return SpillFailure(logged);
  has_time_ = survey.has_time();
  start_ = survey.start();
  end_ = survey.end();
  if (options_.wanted.empty()) return {};
  std::unique_ptr<NamedTimes> times;
  failure = ReadLog([&] { return std::make_unique<NamedTimes>(options_.wanted, texts_, late_); }, &times);
  named_ = times->times();
  return failure;
}

Trim::Failure Trim::Write(const Output& output, Report* report) {
  const Windows* const windows = output.windows ? &*output.windows : nullptr;
  Failure failure;
  std::unique_ptr<FlowsInside> flows;
  if (windows != nullptr) {
    failure = ReadLog([&] { return std::make_unique<FlowsInside>(*windows, late_); }, &flows);
    if (failure.error != Error::kNone) return failure;
  }
  std::unique_ptr<Plan> plan;
  const auto make_plan = [&] {
    return std::make_unique<Plan>(output.criteria, windows, flows.get(), output.follows_flows, log_, late_);
  };
  failure = ReadLog(make_plan, &plan);
  if (failure.error != Error::kNone) return failure;
  flows.reset();

  OutputFile file;
  const IoStatus opened = output.path.empty() ? file.OpenCopy(output.descriptor) : file.Open(output.path);
  if (!opened.ok()) return IoFailure("open", output.name, opened);
  PacketOutput written(std::move(file), output.compression, output.level);
  std::vector<uint8_t> packets;
  Walker walker(tracks_, texts_);
  Rewriter rewriter(output.rewriter, windows, *plan, tracks_, texts_, walker, &packets);
  const auto pass_on = [&] {
    const IoStatus status = packets.empty() ? IoStatus() : written.Append(packets.data(), packets.size());
    packets.clear();
    return status.ok();
  };
  failure = Read(walker, [&](const WalkedPacket& packet) { rewriter.Add(packet); }, pass_on);
  if (!written.status().ok()) return IoFailure("write", output.name, written.status());
  if (failure.error != Error::kNone) return failure;
  report->plan = plan->counts();
  report->rewriter = rewriter.counts();
  const std::vector<uint8_t> metadata = MetadataPacket(output.options_text, *report);
  written.Append(metadata.data(), metadata.size());
  const IoStatus finished = written.Finish();
  report->bytes = written.bytes_written();
  return finished.ok() ? Failure{} : IoFailure("write", output.name, finished);
}

}  // namespace tracesmith::trim
