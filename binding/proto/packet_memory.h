#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "proto/packet_sink.h"

namespace tracesmith {

// A whole trace may have to be encoded again from its beginning, and its size is not known before its end. PacketMemory
// keeps the packets until then: first in a block of the caller's, so that the caller need not copy them, and what does not
// fit there in buffers of its own. One thread at a time.
class PacketMemory : public PacketSink {
 public:
  // The block must outlive this. Comes before the first packet.
  void UseBlock(uint8_t* block, size_t capacity) {
    block_ = block;
    capacity_ = capacity;
  }

  // Packets of about `size` bytes will come. The system gives memory for the block page by page, when it is first written
  // to: a thread that would wait has it done now.
  void Prepare(size_t size) {
    constexpr size_t kPage = 4096;
    prepared_ = std::max(prepared_, used_);
    for (const size_t end = std::min(capacity_, prepared_ + size); prepared_ < end; prepared_ += kPage) block_[prepared_] = 0;
  }

  void Append(const uint8_t* packets, size_t size) override {
    size_ += size;
    if (buffers_.empty() && capacity_ - used_ >= size) {
      std::memcpy(block_ + used_, packets, size);
      used_ += size;
      return;
    }
    if (buffers_.empty() || buffers_.back().capacity() - buffers_.back().size() < size) {
      buffers_.emplace_back();
      buffers_.back().reserve(std::max(size, kBufferSize));
    }
    buffers_.back().insert(buffers_.back().end(), packets, packets + size);
  }

  void Clear() {
    used_ = 0;
    size_ = 0;
    buffers_.clear();
  }

  // Bytes of packets.
  size_t size() const { return size_; }
  // Whether all of them are in the caller's block, from its beginning.
  bool is_in_block() const { return used_ == size_; }

  // Calls visit(packets, size) for all packets, in their order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    if (used_ != 0) visit(static_cast<const uint8_t*>(block_), used_);
    for (const std::vector<uint8_t>& buffer : buffers_) visit(buffer.data(), buffer.size());
  }

 private:
  static constexpr size_t kBufferSize = 256 * 1024;

  uint8_t* block_ = nullptr;
  size_t capacity_ = 0;
  size_t used_ = 0;
  size_t prepared_ = 0;
  size_t size_ = 0;
  std::vector<std::vector<uint8_t>> buffers_;
};

}  // namespace tracesmith
