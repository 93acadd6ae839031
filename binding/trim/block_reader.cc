#include "trim/block_reader.h"

#include <algorithm>
#include <cstring>

namespace tracesmith::trim {
namespace {

constexpr size_t kBlockSize = 128 * 1024;
// A packet beyond this is taken for damage: it would have to be held in memory whole.
constexpr uint64_t kMaxPacket = uint64_t{64} << 20;
constexpr uint8_t kPacketTag = 0x0a;
constexpr size_t kMaxHead = 6;  // of a packet that is not too long

// How a packet begins.
struct Head {
  size_t size = 0;  // with its content; 0: more bytes must be read to know
  std::string damage;
};

Head ReadHead(const uint8_t* at, const uint8_t* end) {
  Head head;
  if (at == end) return head;
  if (*at != kPacketTag) {
    head.damage = "no packet begins there";
    return head;
  }
  uint64_t length = 0;
  const size_t count = std::min(kMaxHead, static_cast<size_t>(end - at));
  for (size_t i = 1; i < count; ++i) {
    length |= static_cast<uint64_t>(at[i] & 0x7f) << (7 * (i - 1));
    if (length > kMaxPacket) break;
    if (at[i] < 0x80) {
      head.size = i + 1 + static_cast<size_t>(length);
      return head;
    }
  }
  if (length > kMaxPacket) {
    head.damage = "the packet there would be longer than " + std::to_string(kMaxPacket) + " bytes";
  } else if (count == kMaxHead) {
    head.damage = "the packet there has no valid length";
  }
  return head;
}

}  // namespace

bool BlockReader::Next(TraceBlock* block) {
  if (!damage_.empty() || !status_.ok()) return false;
  size_t wanted = kBlockSize;
  size_t used = rest_.size();
  block->bytes.resize(std::max(wanted, used));
  if (used != 0) std::memcpy(block->bytes.data(), rest_.data(), used);
  size_t whole = 0;
  while (whole == 0) {
    while (used < wanted && !is_at_end_) {
      size_t count = 0;
      status_ = source_.Read(block->bytes.data() + used, wanted - used, &count);
      if (!status_.ok()) return false;
      is_at_end_ = count == 0;
      used += count;
    }
    Head head;
    while (true) {
      head = ReadHead(block->bytes.data() + whole, block->bytes.data() + used);
      if (head.size == 0 || head.size > used - whole) break;
      whole += head.size;
    }
    if (!head.damage.empty()) {
      damage_ = "at byte " + std::to_string(offset_ + whole) + ": " + head.damage;
      break;
    }
    if (is_at_end_) {
      const size_t left = used - whole;
      if (left == 0) break;
      damage_ = "it is cut off: it ends " + std::to_string(left) + " bytes into the packet at byte " +
                std::to_string(offset_ + whole);
      break;
    }
    if (whole != 0) break;
    // A packet that is longer than a block.
    wanted = std::max(head.size, used + kMaxHead);
    block->bytes.resize(std::max(block->bytes.size(), wanted));
  }
  block->size = whole;
  block->offset = offset_;
  rest_.assign(block->bytes.data() + whole, block->bytes.data() + used);
  offset_ += whole;
  return whole != 0;
}

}  // namespace tracesmith::trim
