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

}  // namespace tracesmith::newer_fields
