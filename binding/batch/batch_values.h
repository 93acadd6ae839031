#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bits.h"
#include "base/limits.h"
#include "batch/batch_view.h"
#include "base/status.h"

// How the values of a batch are read, and what is said of those that cannot be.
namespace tracesmith {

// An id of the batch's string table as one of the store's.
inline uint32_t Global(uint32_t id, uint32_t offset) { return id == 0 ? 0 : id + offset; }

inline std::string At(const char* column, size_t index) {
  return std::string(column) + "[" + std::to_string(index) + "]";
}

inline Status Expected(const char* column, size_t index, const std::string& expected, const std::string& received) {
  return Status(At(column, index) + ": expected " + expected + " but received " + received);
}

inline Status BadString(const char* column, size_t row, uint32_t id, uint32_t last) {
  return Expected(column, row, "a string id up to " + std::to_string(last), std::to_string(id));
}

inline Status BadTime(const BatchView& batch, size_t row) {
  return Expected("time", row, "an integer of at least 0", std::to_string(AsDouble(batch.time[row])));
}

// Reads a non-negative integer from a double or from 64 bits.
inline bool ReadUnsigned(uint64_t bits, bool is_64_bit, uint64_t* value) {
  if (is_64_bit) {
    *value = bits;
    return true;
  }
  const double number = AsDouble(bits);
  if (!(number >= 0 && number <= kMaxSafeInteger)) return false;  // also refuses NaN
  // By way of a signed integer, which is one instruction where an unsigned one is a branch.
  *value = static_cast<uint64_t>(static_cast<int64_t>(number));
  return true;
}

inline bool ReadSigned(uint64_t bits, bool is_64_bit, uint64_t* value) {
  if (is_64_bit) {
    *value = bits;
    return true;
  }
  const double number = AsDouble(bits);
  if (!(number >= -kMaxSafeInteger && number <= kMaxSafeInteger)) return false;
  *value = static_cast<uint64_t>(static_cast<int64_t>(number));
  return true;
}

}  // namespace tracesmith
