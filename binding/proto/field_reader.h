#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

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
// Next() stands on a field and has checked that its value lies within the message. The first damage is written to
// `damage`, which readers of several messages may share; nothing is read behind it. The bytes are the caller's.
class FieldReader {
 public:
  enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kDelimited = 2, kFixed32 = 5 };

  FieldReader(ByteSpan message, std::string* damage) : at_(message.begin), end_(message.end), damage_(damage) {}

  // Goes to the next field; false at the end and at damage.
  bool Next() {
    if (at_ >= end_ || !damage_->empty()) return false;
    field_begin_ = at_;
    uint64_t tag = 0;
    if (!ReadVarint(&tag)) return false;
    wire_type_ = static_cast<uint32_t>(tag & 7);
    if (tag < 8 || tag >> 3 > kMaxField) return Damaged("field number " + std::to_string(tag >> 3));
    field_ = static_cast<uint32_t>(tag >> 3);
    value_begin_ = at_;
    switch (wire_type_) {
      case kVarint:
        return ReadVarint(&integer_);
      case kDelimited: {
        uint64_t length = 0;
        if (!ReadVarint(&length)) return false;
        value_begin_ = at_;
        if (length > static_cast<uint64_t>(end_ - at_)) return TooLong();
        at_ += length;
        return true;
      }
      case kFixed64:
        return Skip(8);
      case kFixed32:
        return Skip(4);
      default:
        return WrongType();
    }
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
  static constexpr uint64_t kMaxField = (uint64_t{1} << 29) - 1;
  static constexpr unsigned kMaxVarintBits = 70;

  bool ReadVarint(uint64_t* value) {
    // Most tags, lengths and time steps are one byte.
    if (at_ < end_ && *at_ < 0x80) {
      *value = *at_++;
      return true;
    }
    uint64_t result = 0;
    for (unsigned shift = 0; shift < kMaxVarintBits; shift += 7) {
      if (at_ >= end_) return Damaged("a varint that does not end");
      const uint8_t byte = *at_++;
      result |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        *value = result;
        return true;
      }
    }
    return Damaged("a varint of more than ten bytes");
  }

  bool Skip(ptrdiff_t size) {
    if (end_ - at_ < size) return TooLong();
    at_ += size;
    return true;
  }

  bool TooLong() { return Damaged("field " + std::to_string(field_) + " is longer than what holds it"); }
  bool WrongType() {
    return Damaged("field " + std::to_string(field_) + " has wire type " + std::to_string(wire_type_));
  }
  bool Damaged(std::string what) {
    if (damage_->empty()) *damage_ = std::move(what);
    return false;
  }

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
