#pragma once

#include <cstddef>
#include <cstdint>

#include "base/pod_vector.h"

namespace tracesmith {

// Problem: some programs write strings without escaping the quotes in them: `"name": "{"device": "cpu"}: run", "pid": 1`.
// What follows a quote tells whether it ends its string: behind a key a colon, behind a value the next key with its
// colon, or the brackets that close what is open.
//
// Copies the object that begins `text`, escapes the quotes in it that end no string, and appends kTextPadding spaces.
// Returns the object's end in `text`; null if there are no such quotes or the object has no end, and then the copy is not
// to be used. Throws std::bad_alloc.
const uint8_t* EscapeInnerQuotes(const uint8_t* text, size_t size, PodVector<uint8_t>* copy);

}  // namespace tracesmith
