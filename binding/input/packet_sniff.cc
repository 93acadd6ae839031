#include "input/packet_sniff.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tracesmith {
namespace {

constexpr char kPacketTag = 0x0a;  // field 1, length-delimited
// A packet beyond this is taken for something else.
constexpr uint64_t kMaxPacketSize = 64 << 20;
constexpr size_t kTextSample = 200;

constexpr size_t kMaxVarIntSize = 10;
constexpr uint64_t kMaxField = (1 << 29) - 1;

// Takes a varint from the front. False where it does not end within the bytes, or never.
bool TakeVarInt(std::string_view* bytes, uint64_t* value) {
  *value = 0;
  const size_t limit = std::min(bytes->size(), kMaxVarIntSize);
  for (size_t i = 0; i < limit; ++i) {
    const auto byte = static_cast<uint8_t>((*bytes)[i]);
    *value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte >= 0x80) continue;
    bytes->remove_prefix(i + 1);
    return true;
  }
  return false;
}

bool Skip(std::string_view* bytes, uint64_t size) {
  if (size > bytes->size()) return false;
  bytes->remove_prefix(static_cast<size_t>(size));
  return true;
}

// Takes a field from the front; what it holds is not looked at.
bool TakeField(std::string_view* bytes) {
  uint64_t tag = 0;
  if (!TakeVarInt(bytes, &tag)) return false;
  const uint64_t field = tag >> 3;
  if (field == 0 || field > kMaxField) return false;
  uint64_t value = 0;
  switch (tag & 7) {
    case 0:
      return TakeVarInt(bytes, &value);
    case 1:
      return Skip(bytes, 8);
    case 2:
      return TakeVarInt(bytes, &value) && Skip(bytes, value);
    case 5:
      return Skip(bytes, 4);
    default:
      return false;
  }
}

}  // namespace

bool HasEarlyControl(std::string_view head) {
  const std::string_view sample = head.substr(0, kTextSample);
  return std::any_of(sample.begin(), sample.end(), IsControl);
}

bool BeginsWithPacket(std::string_view head) {
  if (head.empty() || head[0] != kPacketTag) return false;
  std::string_view rest = head.substr(1);
  uint64_t size = 0;
  const bool has_size = TakeVarInt(&rest, &size);
  if (has_size && size > kMaxPacketSize) return false;
  if (!has_size && rest.size() >= kMaxVarIntSize) return false;
  if (!has_size || size > rest.size()) return HasEarlyControl(head.substr(1));
  rest = rest.substr(0, static_cast<size_t>(size));
  while (!rest.empty()) {
    if (!TakeField(&rest)) return false;
  }
  return true;
}

}  // namespace tracesmith
