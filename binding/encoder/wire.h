#pragma once

#include <perfetto.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

// Writing protobuf fields through a pointer that the caller keeps in a register: each function takes
// where to write and gives where it stopped. The caller must have made room.
namespace tracesmith::wire {

// Tag and length of a nested message or string, at most; also what ending a nested message may add.
constexpr size_t kMaxLengthPrefix = 10;

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

// A nested message keeps one byte for its length; gives where its content begins.
inline uint8_t* BeginNested(uint8_t* at, uint32_t field) {
  return protozero::proto_utils::WriteVarInt(protozero::proto_utils::MakeTagLengthDelimited(field), at) + 1;
}

// Moves the content of a nested message that is too long for one byte of length.
uint8_t* EndLongNested(uint8_t* begin, uint8_t* end);

inline uint8_t* EndNested(uint8_t* begin, uint8_t* end) {
  const auto length = static_cast<size_t>(end - begin);
  if (length >= 128) return EndLongNested(begin, end);
  begin[-1] = static_cast<uint8_t>(length);
  return end;
}

}  // namespace tracesmith::wire
