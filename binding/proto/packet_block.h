#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "proto/wire.h"

namespace tracesmith {

// Typed setters track nested messages and write four-byte lengths; at a hundred bytes an event that is more than half of the
// time. PacketBlock is a flat buffer for packets that are written with the SDK's own encoding primitives instead.
class PacketBlock {
 public:
  explicit PacketBlock(size_t capacity) : bytes_(new uint8_t[capacity]), capacity_(capacity) {}

  const uint8_t* data() const { return bytes_.get(); }
  size_t size() const { return size_; }
  // Where the next byte goes. The caller must know that there is room.
  uint8_t* end() { return bytes_.get() + size_; }
  void Clear() { size_ = 0; }

  // Makes room for at least `count` more bytes and returns where they begin. Written bytes count once they are committed.
  // Pointers into the block from before become invalid.
  uint8_t* Reserve(size_t count) {
    if (capacity_ - size_ < count) Grow(size_ + count);
    return bytes_.get() + size_;
  }

  // The same in the middle of a packet: `at` is where its next byte goes. Returns that place in the grown block.
  uint8_t* ReserveAt(uint8_t* at, size_t count) {
    Commit(at);
    return Reserve(count);
  }

  void Commit(const uint8_t* end) { size_ = static_cast<size_t>(end - bytes_.get()); }

  // Offsets stay valid when the block grows.
  size_t OffsetOf(const uint8_t* at) const { return static_cast<size_t>(at - bytes_.get()); }
  uint8_t* At(size_t offset) { return bytes_.get() + offset; }

 private:
  void Grow(size_t needed) {
    const size_t capacity = std::max(capacity_ * 2, needed);
    std::unique_ptr<uint8_t[]> larger(new uint8_t[capacity]);
    std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<uint8_t[]> bytes_;
  size_t capacity_;
  size_t size_ = 0;
};

}  // namespace tracesmith
