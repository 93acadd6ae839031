#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "batch/batch_view.h"

namespace tracesmith {

// A copy of a batch, in one block of memory that is used again for the next one.
class OwnedBatch {
 public:
  void Assign(const BatchView& batch) {
    view_ = batch;
    size_ = 0;
    // 64-bit columns first, so that every column is aligned.
    const size_t wide = 2 * Room<uint64_t>(batch.rows) + Room<uint64_t>(batch.attrs);
    const size_t words = 4 * Room<uint32_t>(batch.rows) + Room<uint32_t>(batch.attrs) + Room<uint32_t>(batch.words) +
                         Room<uint32_t>(batch.texts);
    const size_t bytes = 3 * Room<uint8_t>(batch.rows) + Room<uint8_t>(batch.text_byte_count);
    if (memory_.size() < wide + words + bytes) memory_.resize(wide + words + bytes);
    Copy(&view_.time, batch.rows);
    Copy(&view_.extent, batch.rows);
    Copy(&view_.attr_value, batch.attrs);
    Copy(&view_.track, batch.rows);
    Copy(&view_.name, batch.rows);
    Copy(&view_.category, batch.rows);
    Copy(&view_.attr_end, batch.rows);
    Copy(&view_.attr_head, batch.attrs);
    Copy(&view_.word, batch.words);
    Copy(&view_.text_end, batch.texts);
    Copy(&view_.kind, batch.rows);
    Copy(&view_.channel, batch.rows);
    Copy(&view_.flags, batch.rows);
    Copy(&view_.text_bytes, batch.text_byte_count);
  }

  const BatchView& view() const { return view_; }
  // Bytes in use.
  size_t size() const { return size_; }
  size_t capacity() const { return memory_.size(); }

 private:
  template <typename T>
  static size_t Room(size_t count) {
    return (count * sizeof(T) + sizeof(uint64_t) - 1) / sizeof(uint64_t) * sizeof(uint64_t);
  }

  template <typename T>
  void Copy(const T** column, size_t count) {
    T* copy = reinterpret_cast<T*>(memory_.data() + size_);
    if (count != 0) std::memcpy(copy, *column, count * sizeof(T));
    *column = copy;
    size_ += Room<T>(count);
  }

  std::vector<uint8_t> memory_;
  size_t size_ = 0;
  BatchView view_;
};

}  // namespace tracesmith
