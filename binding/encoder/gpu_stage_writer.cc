#include "encoder/gpu_stage_writer.h"

#include <string_view>

#include "encoder/argument_flattener.h"
#include "proto/newer_fields.h"

namespace tracesmith {
namespace {

using perfetto::protos::pbzero::InternedGpuRenderStageSpecification;
using perfetto::protos::pbzero::InternedGraphicsContext;
using perfetto::protos::pbzero::TracePacket;

// InternedGraphicsContext.Api has these since v54.
constexpr auto kCuda = static_cast<InternedGraphicsContext::Api>(4);
constexpr auto kHip = static_cast<InternedGraphicsContext::Api>(5);

// Target of ArgumentFlattener: writes the arguments of GpuRenderStageEvent.launch, each a name and one value.
class LaunchArgs {
 public:
  explicit LaunchArgs(protozero::Message* launch) : launch_(launch) {}

  void Int(std::string_view name, int64_t value) {
    Add(name)->AppendVarInt(newer_fields::kComputeArgIntValue, value);
  }
  void Uint(std::string_view name, uint64_t value) {
    Add(name)->AppendVarInt(newer_fields::kComputeArgUintValue, value);
  }
  void Double(std::string_view name, double value) {
    Add(name)->AppendFixed(newer_fields::kComputeArgDoubleValue, value);
  }
  void Text(std::string_view name, std::string_view value) {
    Add(name)->AppendBytes(newer_fields::kComputeArgStringValue, value.data(), value.size());
  }

 private:
  protozero::Message* Add(std::string_view name) {
    auto* arg = launch_->BeginNestedMessage<protozero::Message>(newer_fields::kLaunchArgs);
    arg->AppendBytes(newer_fields::kComputeArgName, name.data(), name.size());
    return arg;
  }

  protozero::Message* launch_;
};

void WriteDim3(const uint32_t* words, uint32_t field, protozero::Message* launch) {
  auto* size = launch->BeginNestedMessage<protozero::Message>(field);
  size->AppendVarInt(newer_fields::kDim3X, words[0]);
  size->AppendVarInt(newer_fields::kDim3Y, words[1]);
  size->AppendVarInt(newer_fields::kDim3Z, words[2]);
}

}  // namespace

const Attr* GpuStageWriter::LaunchOf(const Event& event) const {
  for (uint32_t i = event.attr_begin; i < event.attr_end; ++i) {
    if (table_.attrs()[i].type == AttrType::kLaunch) return &table_.attrs()[i];
  }
  return nullptr;
}

GpuStageWriter::Iids GpuStageWriter::Intern(const Event& event, bool is_compute) {
  const TrackTable::GpuStream& stream = tracks_.GpuStreamOf(event.track);
  const TrackTable::Gpu& gpu = tracks_.GpuOf(event.track);
  const std::string category(event.category == 0 ? std::string_view("gpu") : table_.strings()[event.category]);
  const std::string name(event.name == 0 ? std::string_view() : table_.strings()[event.name]);
  uint64_t& queue = queues_[event.track];
  uint64_t& stage = stages_[(is_compute ? "c" : "o") + category];
  uint64_t& context = contexts_[stream.gpu];
  uint64_t none = 0;
  uint64_t& kernel = is_compute ? kernels_[gpu.architecture + '\n' + name] : none;
  if (queue != 0 && stage != 0 && context != 0 && (kernel != 0 || !is_compute)) return {queue, stage, context, kernel};

  auto* packet = packets_.AddPacket();
  packet->set_sequence_flags(TracePacket::SEQ_NEEDS_INCREMENTAL_STATE);
  auto* data = packet->set_interned_data();
  const auto specify = [&](uint64_t& iid, const std::string& text,
                           InternedGpuRenderStageSpecification::RenderStageCategory kind) {
    if (iid != 0) return;
    iid = ++last_specification_iid_;
    auto* specification = data->add_gpu_specifications();
    specification->set_iid(iid);
    specification->set_name(text);
    specification->set_category(kind);
  };
  specify(queue, tracks_.NameOf(event.track), InternedGpuRenderStageSpecification::COMPUTE);
  specify(stage, category,
          is_compute ? InternedGpuRenderStageSpecification::COMPUTE : InternedGpuRenderStageSpecification::OTHER);
  if (context == 0) {
    context = static_cast<uint64_t>(stream.gpu) + 1;
    auto* described = data->add_graphics_contexts();
    described->set_iid(context);
    // pid 0 would be the idle process.
    if (tracks_.PidOf(event.track) != 0) described->set_pid(tracks_.PidOf(event.track));
    if (gpu.vendor == "NVIDIA") described->set_api(kCuda);
    if (gpu.vendor == "AMD") described->set_api(kHip);
  }
  if (is_compute && kernel == 0) {
    kernel = ++last_kernel_iid_;
    auto* described = data->BeginNestedMessage<protozero::Message>(newer_fields::kInternedDataComputeKernels);
    described->AppendVarInt(newer_fields::kComputeKernelIid, kernel);
    described->AppendString(newer_fields::kComputeKernelName, name);
    described->AppendString(newer_fields::kComputeKernelDemangledName, name);
    if (!gpu.architecture.empty()) described->AppendString(newer_fields::kComputeKernelArch, gpu.architecture);
  }
  return {queue, stage, context, kernel};
}

void GpuStageWriter::WriteLaunch(const Attr* launch, const TrackTable::GpuStream& stream, const Event& event,
                                 GpuRenderStageEvent* stage) {
  auto* message = stage->BeginNestedMessage<protozero::Message>(newer_fields::kRenderStageLaunch);
  LaunchArgs args(message);
  // The UI builds its tree of devices and streams from these.
  args.Int("device", stream.gpu);
  args.Int("stream", stream.stream);
  if (launch != nullptr) {
    // What is present, then 3 words of grid, 3 of block, shared memory, registers.
    const LaunchWords& words = table_.launches()[launch->value];
    if ((words[0] & kGrid) != 0) WriteDim3(&words[1], newer_fields::kLaunchGridSize, message);
    if ((words[0] & kBlock) != 0) WriteDim3(&words[4], newer_fields::kLaunchWorkgroupSize, message);
    if ((words[0] & (kGrid | kBlock)) == (kGrid | kBlock)) {
      uint64_t threads = 1;
      for (size_t i = 1; i < 7; ++i) threads *= words[i];
      args.Uint("thread_count", threads);
    }
    if ((words[0] & kSharedMemory) != 0) args.Int("shared_mem_dynamic", words[7]);
    if ((words[0] & kRegisters) != 0) args.Int("registers_per_thread", words[8]);
  }
  ArgumentFlattener<LaunchArgs> flattener(table_, args);
  for (uint32_t i = event.attr_begin; i < event.attr_end; ++i) flattener.Add(table_.attrs()[i]);
}

void GpuStageWriter::Write(const Event& event, uint32_t clock_id) {
  const Attr* launch = LaunchOf(event);
  const Iids iids = Intern(event, launch != nullptr);
  const uint32_t name = event.name == 0 ? 0 : interned_.EventNameIid(event.name);
  interned_.WritePending(packets_);

  const TrackTable::GpuStream& stream = tracks_.GpuStreamOf(event.track);
  TracePacket* packet = packets_.AddPacket();
  packet->set_timestamp(event.time);
  packet->set_timestamp_clock_id(clock_id);
  packet->set_sequence_flags(TracePacket::SEQ_NEEDS_INCREMENTAL_STATE);
  auto* stage = packet->set_gpu_render_stage_event();
  stage->set_event_id(++last_event_id_);
  stage->set_duration(event.length);
  stage->set_gpu_id(stream.gpu);
  stage->set_hw_queue_iid(iids.queue);
  stage->set_stage_iid(iids.stage);
  stage->set_context(iids.context);
  if (name != 0) stage->AppendVarInt(newer_fields::kRenderStageNameIid, name);
  if (iids.kernel != 0) stage->AppendVarInt(newer_fields::kRenderStageKernelIid, iids.kernel);
  WriteLaunch(launch, stream, event, stage);
}

void GpuStageWriter::Forget() {
  last_specification_iid_ = 0;
  last_kernel_iid_ = 0;
  queues_.clear();
  stages_.clear();
  contexts_.clear();
  kernels_.clear();
}

}  // namespace tracesmith
