#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tracesmith {

// Inflates what zlib has deflated, all of it: as compressed packets are. Appends at most `limit` bytes to `content`.
// Returns what is wrong with the data; empty if nothing is. Throws std::bad_alloc.
std::string Inflate(const uint8_t* data, size_t size, size_t limit, std::vector<uint8_t>* content);

}  // namespace tracesmith
