#pragma once

#include <perfetto.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#if defined(_MSC_VER)
#include <intrin.h>
#endif

#include "base/inline.h"

// Write protobuf fields through a pointer that the caller keeps in a register: each function takes the place of the next
// byte and returns the place behind the last one. The caller must have made room.
namespace tracesmith::wire {

// Tag and length of a nested message or string, at most; also what ending a nested message may add.
constexpr size_t kMaxLengthPrefix = 10;

// The place of the highest bit that is set. One must be.
inline uint32_t HighestBit(uint32_t bits) {
#if defined(_MSC_VER)
  unsigned long place;
  _BitScanReverse(&place, bits);
  return place;
#else
  return 31u ^ static_cast<uint32_t>(__builtin_clz(bits));
#endif
}

// The form of a variable-length integer of up to four bytes, by its highest bit: the bits that mark the bytes before the last
// one, and the number of bytes.
struct VarIntShape {
  uint32_t continuation;
  uint32_t size;
};
constexpr size_t kShortVarIntBits = 28;
constexpr std::array<VarIntShape, kShortVarIntBits> MakeVarIntShapes() {
  std::array<VarIntShape, kShortVarIntBits> shapes{};
  for (uint32_t bit = 0; bit < kShortVarIntBits; ++bit) {
    shapes[bit] = {0x00808080u >> (8 * (3 - bit / 7)), bit / 7 + 1};
  }
  return shapes;
}
inline constexpr std::array<VarIntShape, kShortVarIntBits> kVarIntShapes = MakeVarIntShapes();

// The SDK's WriteVarInt without its loop. Differences of timestamps vary in length, so a processor guesses the end of the
// loop wrong, which costs more than the rest of a field. Overwrites four bytes even if the value takes fewer.
TRACESMITH_INLINE uint8_t* WriteVarInt(uint64_t value, uint8_t* at) {
  if (value >= uint64_t{1} << kShortVarIntBits) return protozero::proto_utils::WriteVarInt(value, at);
  const auto bits = static_cast<uint32_t>(value);
  const VarIntShape& shape = kVarIntShapes[HighestBit(bits | 1)];
  const uint32_t digits = (bits & 0x7f) | (bits << 1 & 0x7f00) | (bits << 2 & 0x7f0000) | (bits << 3 & 0x7f000000);
  const uint32_t bytes = digits | shape.continuation;
  std::memcpy(at, &bytes, sizeof(bytes));
  return at + shape.size;
}

inline uint8_t* PutVarInt(uint8_t* at, uint32_t field, uint64_t value) {
  at = protozero::proto_utils::WriteVarInt(protozero::proto_utils::MakeTagVarInt(field), at);
  return protozero::proto_utils::WriteVarInt(value, at);
}

template <typename T>
uint8_t* PutFixed(uint8_t* at, uint32_t field, T value) {
  at = protozero::proto_utils::WriteVarInt(protozero::proto_utils::MakeTagFixed<T>(field), at);
  std::memcpy(at, &value, sizeof(value));  // every platform of the SDK is little-endian
  return at + sizeof(value);
}

inline uint8_t* PutLengthPrefix(uint8_t* at, uint32_t field, size_t length) {
  at = protozero::proto_utils::WriteVarInt(protozero::proto_utils::MakeTagLengthDelimited(field), at);
  return protozero::proto_utils::WriteVarInt(length, at);
}

// Leaves one byte for the length of a nested message. Returns where its content begins.
inline uint8_t* BeginNested(uint8_t* at, uint32_t field) {
  return protozero::proto_utils::WriteVarInt(protozero::proto_utils::MakeTagLengthDelimited(field), at) + 1;
}

// Moves the content of a nested message that is too long for one byte of length.
inline uint8_t* EndLongNested(uint8_t* begin, uint8_t* end) {
  const auto length = static_cast<size_t>(end - begin);
  uint8_t encoded[kMaxLengthPrefix];
  const uint8_t* encoded_end = protozero::proto_utils::WriteVarInt(length, encoded);
  const auto encoded_size = static_cast<size_t>(encoded_end - encoded);
  std::memmove(begin + encoded_size - 1, begin, length);
  std::memcpy(begin - 1, encoded, encoded_size);
  return end + encoded_size - 1;
}

// For content that is known to be shorter than 128 bytes.
inline uint8_t* EndShortNested(uint8_t* begin, uint8_t* end) {
  begin[-1] = static_cast<uint8_t>(end - begin);
  return end;
}

inline uint8_t* EndNested(uint8_t* begin, uint8_t* end) {
  return end - begin < 128 ? EndShortNested(begin, end) : EndLongNested(begin, end);
}

}  // namespace tracesmith::wire
