#pragma once

#include <cstddef>
#include <cstdint>

#include "base/pod_vector.h"
#include "chrome_json/byte_masks.h"

namespace tracesmith {

// Readable bytes behind every text that is read as JSON: vectors are loaded without looking where it ends.
constexpr size_t kTextPadding = 64;

// Where an event lies in its block.
struct EventSpan {
  uint32_t begin;
  uint32_t size;
  bool may_have_escapes;  // false: its strings are what they stand for
};

// A piece of the text that ends behind a whole event. Kept for its memory: one is filled while another is read.
struct TextBlock {
  PodVector<uint8_t> text;  // kTextPadding spaces follow
  PodVector<EventSpan> events;
  uint64_t offset = 0;  // of the first byte, in the text behind decompression
  uint64_t line = 1;    // of the first byte

  uint64_t LineAt(const uint8_t* at) const { return line + byte_masks::CountLines(text.begin(), at); }
};

}  // namespace tracesmith
