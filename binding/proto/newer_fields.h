// Fields that SDK v49 has no setters for, by number. Each names the Perfetto release whose protos
// carry it; older readers skip what they do not know.
#pragma once

#include <cstdint>

namespace tracesmith::newer_fields {

// TrackEvent.callstack_iid (read by v56).
constexpr uint32_t kTrackEventCallstackIid = 56;
// Frame.source_path_iid and Frame.line_number (read by v56).
constexpr uint32_t kFrameSourcePathIid = 5;
constexpr uint32_t kFrameLineNumber = 6;
// TrackDescriptor.description (read by v56).
constexpr uint32_t kTrackDescriptorDescription = 14;
// TrackDescriptor.process_ordering and .thread_ordering, of the root track (read by v57), and their value EXPLICIT.
constexpr uint32_t kTrackDescriptorProcessOrdering = 19;
constexpr uint32_t kTrackDescriptorThreadOrdering = 20;
constexpr uint32_t kOrderingExplicit = 1;
// CounterDescriptor.y_axis_share_key (read by v56).
constexpr uint32_t kCounterDescriptorYAxisShareKey = 7;

// TracePacket.trace_attributes, and TraceAttributes.attribute with its fields (read by v56).
constexpr uint32_t kTracePacketTraceAttributes = 126;
constexpr uint32_t kTraceAttributesAttribute = 1;
constexpr uint32_t kAttributeKey = 1;
constexpr uint32_t kAttributeLongValue = 2;
constexpr uint32_t kAttributeStringValue = 3;

// TracePacket.gpu_info, GpuInfo.gpus and the fields of a Gpu (read by v56).
constexpr uint32_t kTracePacketGpuInfo = 128;
constexpr uint32_t kGpuInfoGpus = 1;
constexpr uint32_t kGpuName = 1;
constexpr uint32_t kGpuVendor = 2;
constexpr uint32_t kGpuArchitecture = 4;
constexpr uint32_t kGpuUuid = 5;
constexpr uint32_t kGpuPciBdf = 7;

// GpuRenderStageEvent.name_iid, .kernel_iid and .launch, ComputeKernelLaunch, Dim3 and ExtraComputeArg
// (read by v56), and InternedData.compute_kernels, an extension, with its fields.
constexpr uint32_t kRenderStageNameIid = 20;
constexpr uint32_t kRenderStageKernelIid = 19;
constexpr uint32_t kRenderStageLaunch = 21;
constexpr uint32_t kLaunchGridSize = 1;
constexpr uint32_t kLaunchWorkgroupSize = 2;
constexpr uint32_t kLaunchArgs = 3;
constexpr uint32_t kDim3X = 1;
constexpr uint32_t kDim3Y = 2;
constexpr uint32_t kDim3Z = 3;
constexpr uint32_t kComputeArgName = 2;
constexpr uint32_t kComputeArgIntValue = 3;
constexpr uint32_t kComputeArgUintValue = 4;
constexpr uint32_t kComputeArgDoubleValue = 5;
constexpr uint32_t kComputeArgStringValue = 6;
constexpr uint32_t kInternedDataComputeKernels = 1000;
constexpr uint32_t kComputeKernelIid = 1;
constexpr uint32_t kComputeKernelName = 2;
constexpr uint32_t kComputeKernelDemangledName = 3;
constexpr uint32_t kComputeKernelArch = 4;

}  // namespace tracesmith::newer_fields
