#pragma once

#include <cstddef>
#include <cstdint>

namespace tracesmith {

// A batch as it lies in the caller's memory. Every column holds `rows` elements (attribute columns
// `attrs`, text_end `texts`); contents are not trusted.
struct BatchView {
  size_t rows = 0;
  size_t attrs = 0;
  size_t words = 0;
  size_t texts = 0;
  size_t text_byte_count = 0;
  uint32_t generation = 0;  // of the string table that ids are of
  const uint8_t* kind = nullptr;
  const uint8_t* channel = nullptr;
  const uint8_t* flags = nullptr;
  const uint32_t* track = nullptr;
  const uint32_t* name = nullptr;
  const uint32_t* category = nullptr;
  const uint32_t* attr_end = nullptr;
  const uint64_t* time = nullptr;    // bits of a double or of an integer, as the flags say
  const uint64_t* extent = nullptr;  // the same
  const uint32_t* attr_head = nullptr;
  const uint64_t* attr_value = nullptr;
  const uint32_t* word = nullptr;
  const uint8_t* text_bytes = nullptr;
  const uint32_t* text_end = nullptr;
};

}  // namespace tracesmith
