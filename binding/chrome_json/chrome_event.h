#pragma once

#include <cstdint>
#include <string_view>

#include "chrome_json/numbers.h"
#include "chrome_json/json_text.h"

namespace tracesmith {

// The id of a process, a thread or a flow: a number or a name.
struct EventId {
  enum class Kind : uint8_t {
    kNone,
    kInteger,
    kUnsigned,  // an integer that no int64 holds
    kText,      // a string
    kOther,     // as it is written: a number with a fraction or of more than 64 bits, a bool, an array
  };
  Kind kind = Kind::kNone;
  int64_t integer = 0;
  uint64_t unsigned_integer = 0;
  std::string_view text;  // of kText and kOther
};

// A `ph` that is no string and not one character.
constexpr char kOtherPhase = '\x01';

// An event as it is written, without its meaning. Views are valid until the reader reads the next event. A view without
// data stands for an absent or null field.
struct ChromeEvent {
  char phase = 0;  // 0: none
  bool has_args = false;
  bool are_args_skipped = false;  // see EventReader::SkipArgs()
  bool flow_in = false;
  bool flow_out = false;
  std::string_view phase_text;
  std::string_view name;
  std::string_view category;
  std::string_view scope;       // `s`
  std::string_view bind_point;  // `bp`
  std::string_view id_scope;    // `scope`
  TimeValue time;               // `ts`
  TimeValue duration;           // `dur`
  TimeValue thread_duration;    // `tdur`
  EventId pid;
  EventId tid;
  EventId id;
  EventId id2_local;
  EventId id2_global;
  EventId bind_id;

  // The whole event as JSON, followed by kTextPadding readable bytes. If the event was repaired it may have text that
  // JSON forbids.
  std::string_view text;
  uint64_t offset = 0;  // in the decompressed text
  const TextBlock* block = nullptr;

  // Counts the lines from the block's beginning.
  uint64_t Line() const { return block->LineAt(block->text.begin() + (offset - block->offset)); }
};

}  // namespace tracesmith
