#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "order/event_table.h"
#include "encoder/interner.h"
#include "encoder/packet_writer.h"
#include "proto/wire.h"

namespace tracesmith {

// Strings, call stacks and launch configurations (grid, block, ... of a GPU kernel) repeat in a trace; a sequence says
// each once, as interned data, and refers to it by iid. InternedData gives the iids while events are written. New
// entries collect until WritePending writes them, which must be before the packets that refer to them.
//
// It owns the iids and the new entries; the table belongs to others. One thread at a time.
class InternedData {
 public:
  // The table must outlive this.
  explicit InternedData(const EventTable& table) : table_(table) {}

  // The encoded name and category fields of an event, kept by name with its latest category: few names have more than
  // one.
  struct alignas(32) NameBytes {
    uint8_t bytes[12];
    uint8_t size;  // 0: not made yet
    uint32_t category;
  };
  const NameBytes& NameAndCategory(uint32_t name, uint32_t category) {
    const size_t index = name - first_string_;
    if (index < name_bytes_.size() && name_bytes_[index].size != 0 && name_bytes_[index].category == category) {
      return name_bytes_[index];
    }
    return MakeNameAndCategory(name, category);
  }
  // The iid of a string of the table, or of a call stack by its index there.
  uint32_t EventNameIid(uint32_t string_id) { return event_names_.IidOf(string_id, table_.strings()[string_id]); }
  uint32_t CategoryIid(uint32_t string_id) { return categories_.IidOf(string_id, table_.strings()[string_id]); }
  uint32_t AnnotationNameIid(uint32_t string_id) {
    const uint32_t known = annotation_names_.Known(string_id);
    return known != 0 ? known : annotation_names_.IidOf(string_id, table_.strings()[string_id]);
  }
  // The same, but 0 at the first use of a string: the caller writes the string itself that time.
  uint32_t AnnotationValueIidAfterFirstUse(uint32_t string_id) {
    const uint32_t known = annotation_values_.Known(string_id);
    return known != 0 ? known : annotation_values_.IidAfterFirstUse(string_id, table_.strings()[string_id]);
  }
  uint32_t AnnotationValueIid(uint32_t string_id) {
    return annotation_values_.IidOf(string_id, table_.strings()[string_id]);
  }
  uint32_t CallStackIid(uint32_t call_stack);

  // The encoded arguments of a launch configuration, made once: up to four debug annotations, each with two bytes of
  // tag and length, a name iid and a value or iid of at most seven bytes.
  struct LaunchBytes {
    uint8_t bytes[80];
    uint8_t size;
    bool is_made;
  };
  const LaunchBytes& LaunchArguments(uint32_t launch);
  // The iid of the name "correlation_id", which is not in the table.
  uint32_t CorrelationNameIid();

  // Writes the new entries, if there are any, in as many packets as they need.
  void WritePending(PacketWriter& packets);

  // Whether so much is interned that a stream should begin anew.
  bool IsLarge() const;

  // Forgets everything. The table may have renumbered launch configurations and call stacks.
  void Forget();

 private:
  const EventTable& table_;
  Interner event_names_;
  Interner categories_;
  Interner annotation_names_;
  Interner annotation_values_;
  Interner function_names_;
  Interner source_paths_;

  const NameBytes& MakeNameAndCategory(uint32_t name, uint32_t category);
  uint32_t first_string_ = 1;          // the string id of the first of name_bytes_
  std::vector<NameBytes> name_bytes_;  // by string id from there on

  // New entries; function_name, source_path and frames are iids.
  struct FrameEntry {
    uint32_t iid;
    uint32_t function_name;
    uint32_t source_path;
    uint32_t line;
    uint64_t address;
  };
  struct CallStackEntry {
    uint32_t iid;
    std::vector<uint32_t> frames;
  };
  uint32_t FrameIid(uint32_t frame);

  // By index in the table; 0 for none yet.
  std::vector<uint32_t> frame_iids_;
  std::vector<FrameEntry> pending_frames_;
  uint32_t last_frame_iid_ = 0;
  std::vector<uint32_t> call_stack_iids_;
  std::vector<CallStackEntry> pending_call_stacks_;
  uint32_t last_call_stack_iid_ = 0;

  // Iids of the names of arguments; 0 for none yet.
  struct LaunchNames {
    uint32_t grid = 0;
    uint32_t block = 0;
    uint32_t shared_memory = 0;
    uint32_t registers = 0;
  };
  LaunchNames launch_names_;
  std::unordered_map<std::string, uint32_t> dimension_iids_;  // by text, such as "[256,1,1]"
  std::vector<LaunchBytes> launch_arguments_;                 // by index in the table
  uint32_t correlation_name_iid_ = 0;
};

}  // namespace tracesmith
