#include "proto/wire.h"

namespace tracesmith::wire {

uint8_t* EndLongNested(uint8_t* begin, uint8_t* end) {
  const auto length = static_cast<size_t>(end - begin);
  uint8_t encoded[kMaxLengthPrefix];
  const uint8_t* encoded_end = protozero::proto_utils::WriteVarInt(length, encoded);
  const auto encoded_size = static_cast<size_t>(encoded_end - encoded);
  std::memmove(begin + encoded_size - 1, begin, length);
  std::memcpy(begin - 1, encoded, encoded_size);
  return end + encoded_size - 1;
}

}  // namespace tracesmith::wire
