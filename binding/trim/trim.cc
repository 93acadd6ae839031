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

Trim::Failure Trim::Read(bool reads_events, Walker& walker, const std::function<void(const WalkedPacket&)>& visit,
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
                            [&](size_t slot) { ParsePackets(&blocks[slot], reads_events); },
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
Trim::Failure Trim::ReadShare(size_t share, Make make, std::unique_ptr<Reader>* reader) {
  LateTracks& late = late_[share];
  while (true) {
    const size_t known = late.count();
    *reader = make(late);
    uint64_t index = 0;
    const IoStatus status = log_.ForEach([&](const LoggedEvent& event) {
      if (event.track % kShares == share) (*reader)->Add(event, index);
      return ++index % kCancelCheck != 0 || !is_cancelled_;
    });
    if (is_cancelled_) return {Error::kCancelled, "cancelled", {}};
    if (!status.ok()) return SpillFailure(status);
    (*reader)->Finish();
    if (late.count() == known) return {};
  }
}

template <typename Reader, typename Make>
Trim::Failure Trim::ReadLog(Make make, Shared<Reader>* readers) {
  std::array<Failure, kShares> failures;
  std::array<size_t, kShares> shares{};
  size_t next = 0;
  OrderedPipeline pipeline({[&](size_t slot) { return (shares[slot] = next++) < kShares; },
                            [&](size_t slot) { failures[shares[slot]] = ReadShare(shares[slot], make, &(*readers)[shares[slot]]); },
                            [](size_t) { return true; }});
  pipeline.Run(kShares);
  for (Failure& failure : failures) {
    if (failure.error != Error::kNone) return std::move(failure);
  }
  return {};
}

Trim::Failure Trim::LookAt() {
  Walker walker(tracks_, texts_);
  Survey survey(tracks_, walker, log_);
  Failure failure = Read(true, walker, [&](const WalkedPacket& packet) { survey.Add(packet); });
  if (failure.error != Error::kNone) return failure;
  const IoStatus logged = log_.Finish();
  if (!logged.ok()) return SpillFailure(logged);
  has_time_ = survey.has_time();
  start_ = survey.start();
  end_ = survey.end();
  if (options_.wanted.empty()) return {};
  Shared<NamedTimes> readers;
  const auto make = [&](LateTracks& late) { return std::make_unique<NamedTimes>(options_.wanted, texts_, late); };
  failure = ReadLog(make, &readers);
  if (failure.error != Error::kNone) return failure;
  for (const auto& reader : readers) named_.insert(named_.end(), reader->times().begin(), reader->times().end());
  return {};
}

Trim::Failure Trim::Write(const Output& output, Report* report) {
  const Windows* const windows = output.windows ? &*output.windows : nullptr;
  Failure failure;
  Shared<FlowsInside> flows;
  if (windows != nullptr) {
    failure = ReadLog([&](LateTracks& late) { return std::make_unique<FlowsInside>(*windows, late); }, &flows);
    if (failure.error != Error::kNone) return failure;
  }
  Shared<Plan> plans;
  const Shared<FlowsInside>* const inside = windows == nullptr ? nullptr : &flows;
  const auto make_plan = [&](LateTracks& late) {
    return std::make_unique<Plan>(output.criteria, windows, inside, output.follows_flows, log_, late);
  };
  failure = ReadLog(make_plan, &plans);
  if (failure.error != Error::kNone) return failure;
  flows = {};
  const Decisions plan(std::move(plans), windows);

  OutputFile file;
  const IoStatus opened = output.path.empty() ? file.OpenCopy(output.descriptor) : file.Open(output.path);
  if (!opened.ok()) return IoFailure("open", output.name, opened);
  PacketOutput written(std::move(file), output.compression, output.level);
  std::vector<uint8_t> packets;
  Rewriter* writer = nullptr;
  Walker walker(tracks_, texts_, [&] { return writer->NeedsEvent(); });
  Rewriter rewriter(output.rewriter, windows, plan, tracks_, texts_, walker, &packets);
  writer = &rewriter;
  const auto pass_on = [&] {
    const IoStatus status = packets.empty() ? IoStatus() : written.Append(packets.data(), packets.size());
    packets.clear();
    return status.ok();
  };
  failure = Read(false, walker, [&](const WalkedPacket& packet) { rewriter.Add(packet); }, pass_on);
  if (!written.status().ok()) return IoFailure("write", output.name, written.status());
  if (failure.error != Error::kNone) return failure;
  report->plan = plan.counts();
  report->rewriter = rewriter.counts();
  const std::vector<uint8_t> metadata = MetadataPacket(output.options_text, *report);
  written.Append(metadata.data(), metadata.size());
  const IoStatus finished = written.Finish();
  report->bytes = written.bytes_written();
  return finished.ok() ? Failure{} : IoFailure("write", output.name, finished);
}

}  // namespace tracesmith::trim
