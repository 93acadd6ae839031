#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "proto/field_reader.h"

namespace tracesmith {

// Writes the fields of one message that is not on the way of every event; the twin of MessageWriter in lib/protobuf.
class MessageWriter {
 public:
  const std::vector<uint8_t>& bytes() const { return bytes_; }
  ByteSpan span() const { return {bytes_.data(), bytes_.data() + bytes_.size()}; }
  // Keeps the memory.
  void Clear() { bytes_.clear(); }

  // Fields as another message has them.
  void Raw(ByteSpan fields) { bytes_.insert(bytes_.end(), fields.begin, fields.end); }
  void Integer(uint32_t field, uint64_t value) {
    Varint(field << 3);
    Varint(value);
  }
  void Fixed64(uint32_t field, uint64_t value) {
    Varint(field << 3 | FieldReader::kFixed64);
    uint8_t word[sizeof(value)];
    std::memcpy(word, &value, sizeof(value));  // every platform of the SDK is little-endian
    bytes_.insert(bytes_.end(), word, word + sizeof(word));
  }
  void Data(uint32_t field, ByteSpan content) {
    Varint(field << 3 | FieldReader::kDelimited);
    Varint(content.size());
    Raw(content);
  }
  void Text(uint32_t field, std::string_view text) {
    const auto* begin = reinterpret_cast<const uint8_t*>(text.data());
    Data(field, {begin, begin + text.size()});
  }
  void Varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<uint8_t>(value | 0x80));
    bytes_.push_back(static_cast<uint8_t>(value));
  }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace tracesmith
