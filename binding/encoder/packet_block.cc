#include "packet_block.h"

#include <algorithm>

namespace tracesmith {

void PacketBlock::Grow(size_t count) {
  const size_t capacity = std::max(capacity_ * 2, size_ + count);
  std::unique_ptr<uint8_t[]> larger(new uint8_t[capacity]);
  std::memcpy(larger.get(), bytes_.get(), size_);
  bytes_ = std::move(larger);
  capacity_ = capacity;
}

void PacketBlock::EndLongNested(size_t begin) {
  const size_t length = size_ - begin;
  uint8_t encoded[10];
  const uint8_t* encoded_end = protozero::proto_utils::WriteVarInt(length, encoded);
  const auto encoded_size = static_cast<size_t>(encoded_end - encoded);
  Reserve(encoded_size);
  uint8_t* content = bytes_.get() + begin;
  std::memmove(content + encoded_size - 1, content, length);
  std::memcpy(content - 1, encoded, encoded_size);
  size_ += encoded_size - 1;
}

}  // namespace tracesmith
