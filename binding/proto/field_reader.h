#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/inline.h"

namespace tracesmith {

// Bytes of a message or of a text.
struct ByteSpan {
  const uint8_t* begin = nullptr;
  const uint8_t* end = nullptr;

  size_t size() const { return static_cast<size_t>(end - begin); }
  std::string_view text() const { return {reinterpret_cast<const char*>(begin), size()}; }
};

// Walks over the fields of one message, and says what is wrong with it: protozero's decoder stops at damage without a
// word. The twin of FieldReader in lib/protobuf.
//
// Next() stands on a field and has checked that its value lies within the message. Damage ends the message; the first is
// written to `damage`, which readers of several messages may share. The bytes are the caller's.
class FieldReader {
 public:
  enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kDelimited = 2, kFixed32 = 5 };

  FieldReader(ByteSpan message, std::string* damage) : at_(message.begin), end_(message.end), damage_(damage) {}

  // Goes to the next field; false at the end and at damage.
  TRACESMITH_INLINE bool Next() {
    if (at_ >= end_) return false;
    field_begin_ = at_;
    uint64_t tag = 0;
    if (!ReadVarint(&tag)) return false;
    wire_type_ = static_cast<uint32_t>(tag & 7);
    field_ = static_cast<uint32_t>(tag >> 3);
    if (tag < 8 || tag > kMaxTag) return WrongField(tag >> 3);
    value_begin_ = at_;
    if (wire_type_ == kDelimited) {
      uint64_t length = 0;
      if (!ReadVarint(&length)) return false;
      value_begin_ = at_;
      if (length > static_cast<uint64_t>(end_ - at_)) return TooLong();
      at_ += length;
      return true;
    }
    if (wire_type_ == kVarint) return ReadVarint(&integer_);
    return SkipFixed();
  }

  uint32_t field() const { return field_; }
  bool is_delimited() const { return wire_type_ == kDelimited; }
  // The field as it stands, with its tag.
  ByteSpan raw() const { return {field_begin_, at_}; }

  // The value of a varint field; 0 and damage for another.
  uint64_t Integer() { return wire_type_ == kVarint ? integer_ : (WrongType(), 0); }
  int64_t Signed() { return static_cast<int64_t>(Integer()); }
  // The bytes of a text or message; none and damage for another.
  ByteSpan Data() {
    if (wire_type_ != kDelimited) WrongType();
    return wire_type_ == kDelimited ? ByteSpan{value_begin_, at_} : ByteSpan{};
  }
  FieldReader Message() { return FieldReader(Data(), damage_); }

  // Calls visit(value) for the values of a repeated varint field, one alone or several packed.
  template <typename Visit>
  void Integers(Visit visit) {
    if (wire_type_ != kDelimited) {
      visit(Integer());
      return;
    }
    FieldReader packed({value_begin_, at_}, damage_);
    uint64_t value = 0;
    while (packed.at_ < packed.end_ && packed.ReadVarint(&value)) visit(value);
  }

  // The same of a repeated field of eight bytes.
  template <typename Visit>
  void Words(Visit visit) {
    if (wire_type_ != kDelimited && wire_type_ != kFixed64) WrongType();
    for (const uint8_t* at = value_begin_; at_ - at >= 8; at += 8) {
      uint64_t word;
      std::memcpy(&word, at, sizeof(word));  // every platform of the SDK is little-endian
      visit(word);
    }
  }

 private:
  static constexpr uint64_t kMaxTag = (uint64_t{1} << 32) - 1;

  TRACESMITH_INLINE bool ReadVarint(uint64_t* value) {
    // Most tags, lengths and time steps are one byte.
    if (at_ < end_ && *at_ < 0x80) {
      *value = *at_++;
      return true;
    }
    return ReadLongVarint(value);
  }

  bool ReadLongVarint(uint64_t* value);
  bool SkipFixed();
  bool WrongField(uint64_t field);
  bool WrongType();
  bool TooLong();
  // Nothing of this message is read any more.
  bool Damaged(std::string what);

  const uint8_t* at_;
  const uint8_t* end_;
  std::string* damage_;
  const uint8_t* field_begin_ = nullptr;
  const uint8_t* value_begin_ = nullptr;
  uint64_t integer_ = 0;
  uint32_t field_ = 0;
  uint32_t wire_type_ = 0;
};

}  // namespace tracesmith
