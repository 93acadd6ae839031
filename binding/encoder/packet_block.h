#pragma once

#include <perfetto.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace tracesmith {

// A flat buffer for the packets of events, filled with the SDK's own encoding primitives. Typed
// setters track nested messages and write four-byte lengths; at a hundred bytes an event that is
// more than half of the time. The caller reserves room before it writes.
class PacketBlock {
 public:
  explicit PacketBlock(size_t capacity) : bytes_(new uint8_t[capacity]), capacity_(capacity) {}

  const uint8_t* data() const { return bytes_.get(); }
  size_t size() const { return size_; }
  void Clear() { size_ = 0; }

  // Makes room for at least `count` more bytes.
  void Reserve(size_t count) {
    if (capacity_ - size_ < count) Grow(count);
  }

  void VarInt(uint32_t field, uint64_t value) {
    uint8_t* at = protozero::proto_utils::WriteVarInt(protozero::proto_utils::MakeTagVarInt(field), end());
    SetEnd(protozero::proto_utils::WriteVarInt(value, at));
  }

  template <typename T>
  void Fixed(uint32_t field, T value) {
    uint8_t* at = protozero::proto_utils::WriteVarInt(protozero::proto_utils::MakeTagFixed<T>(field), end());
    std::memcpy(at, &value, sizeof(value));  // every platform of the SDK is little-endian
    SetEnd(at + sizeof(value));
  }

  // Reserves the room itself, since strings have any length.
  void String(uint32_t field, std::string_view text) {
    Reserve(text.size() + kMaxFieldOverhead);
    uint8_t* at = protozero::proto_utils::WriteVarInt(protozero::proto_utils::MakeTagLengthDelimited(field), end());
    SetEnd(protozero::proto_utils::WriteVarInt(text.size(), at));
    Raw(text.data(), text.size());
  }

  void Raw(const void* data, size_t size) {
    std::memcpy(end(), data, size);
    size_ += size;
  }

  // Copies `kRoom` bytes whatever the size, which saves a call for short runs of bytes. The caller must
  // have reserved kRoom bytes and pass as many that can be read.
  template <size_t kRoom>
  void RawWithin(const uint8_t* data, size_t size) {
    std::memcpy(end(), data, kRoom);
    size_ += size;
  }

  // A nested message: one byte is kept for its length, and its content moved where that is too few.
  size_t BeginNested(uint32_t field) {
    SetEnd(protozero::proto_utils::WriteVarInt(protozero::proto_utils::MakeTagLengthDelimited(field), end()) + 1);
    return size_;
  }

  void EndNested(size_t begin) {
    const size_t length = size_ - begin;
    uint8_t* length_at = bytes_.get() + begin - 1;
    if (length < 128) {
      *length_at = static_cast<uint8_t>(length);
      return;
    }
    EndLongNested(begin);
  }

  // Tag and length of a field, at most.
  static constexpr size_t kMaxFieldOverhead = 16;

 private:
  uint8_t* end() { return bytes_.get() + size_; }
  void SetEnd(const uint8_t* end) { size_ = static_cast<size_t>(end - bytes_.get()); }
  void Grow(size_t count);
  void EndLongNested(size_t begin);

  std::unique_ptr<uint8_t[]> bytes_;
  size_t capacity_;
  size_t size_ = 0;
};

}  // namespace tracesmith
