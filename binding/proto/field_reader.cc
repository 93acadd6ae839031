#include "proto/field_reader.h"

#include <utility>

namespace tracesmith {
namespace {

constexpr unsigned kMaxVarintBits = 70;
constexpr uint64_t kContinuations = 0x8080808080808080u;

// The integer that the groups of seven bits in the bytes of `word` are.
uint64_t Join(uint64_t word) {
  word &= ~kContinuations;
  word = (word & 0x007f007f007f007fu) | (word & 0x7f007f007f007f00u) >> 1;
  word = (word & 0x00003fff00003fffu) | (word & 0x3fff00003fff0000u) >> 2;
  return (word & 0x000000000fffffffu) | (word & 0x0fffffff00000000u) >> 4;
}

}  // namespace

bool FieldReader::ReadLongVarint(uint64_t* value) {
  uint64_t result = 0;
  unsigned shift = 0;
  // Eight bytes at a time: the ids of tracks and arrows have about that many.
  if (end_ - at_ >= 8) {
    uint64_t word;
    std::memcpy(&word, at_, sizeof(word));  // every platform of the SDK is little-endian
    const uint64_t last = ~word & kContinuations;
    if (last != 0) {
      const uint64_t used = last ^ (last - 1);  // all bits up to the first byte that is the last of an integer
      *value = Join(word & used);
      for (uint64_t bits = used; bits != 0; bits >>= 8) ++at_;
      return true;
    }
    result = Join(word);
    shift = 56;
    at_ += 8;
  }
  for (; shift < kMaxVarintBits; shift += 7) {
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

bool FieldReader::SkipFixed() {
  if (wire_type_ != kFixed64 && wire_type_ != kFixed32) return WrongType();
  const ptrdiff_t size = wire_type_ == kFixed64 ? 8 : 4;
  if (end_ - at_ < size) return TooLong();
  at_ += size;
  return true;
}

bool FieldReader::WrongField(uint64_t field) { return Damaged("field number " + std::to_string(field)); }

bool FieldReader::WrongType() {
  return Damaged("field " + std::to_string(field_) + " has wire type " + std::to_string(wire_type_));
}

bool FieldReader::TooLong() { return Damaged("field " + std::to_string(field_) + " is longer than what holds it"); }

bool FieldReader::Damaged(std::string what) {
  if (damage_->empty()) *damage_ = std::move(what);
  at_ = end_;
  return false;
}

}  // namespace tracesmith
