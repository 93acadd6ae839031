#include "text_pool.h"

#include <cstring>

namespace tracesmith {
namespace {

constexpr size_t kFirstSlots = 1024;
constexpr size_t kMaxTexts = size_t{1} << 17;
constexpr size_t kMaxBytes = size_t{8} << 20;

uint64_t Load(const char* at, size_t size) {
  uint64_t value = 0;
  std::memcpy(&value, at, size);
  return value;
}

}  // namespace

// Multiplies two words of 64 bits and folds the product's halves.
uint64_t MixHash(uint64_t a, uint64_t b) {
  a ^= 0x9e3779b97f4a7c15u;
  b ^= 0xd1b54a32d192ed03u;
  const uint64_t low_a = a & UINT32_MAX, high_a = a >> 32, low_b = b & UINT32_MAX, high_b = b >> 32;
  const uint64_t low = low_a * low_b;
  const uint64_t middle = high_a * low_b + (low >> 32);
  const uint64_t other = low_a * high_b + (middle & UINT32_MAX);
  return (high_a * high_b + (middle >> 32) + (other >> 32)) ^ ((other << 32) | (low & UINT32_MAX));
}

uint64_t HashOf(std::string_view text) {
  uint64_t hash = MixHash(text.size(), 0);
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) hash = MixHash(hash, Load(at, 8));
  return left == 0 ? hash : MixHash(hash, Load(at, left));
}

TextPool::TextPool() { Grow(); }

uint32_t TextPool::IdOf(std::string_view text) {
  if (text.size() > kMaxLength) return 0;
  const uint64_t hash = HashOf(text);
  const size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if (entry.hash == hash && entry.size == text.size() && std::memcmp(bytes_.begin() + entry.begin, text.data(), text.size()) == 0) {
      return slots_[slot];
    }
  }
  if (entries_.size() == kMaxTexts || bytes_.size() + text.size() > kMaxBytes) return 0;
  const auto begin = static_cast<uint32_t>(bytes_.size());
  if (!text.empty()) std::memcpy(bytes_.Extend(text.size()), text.data(), text.size());
  entries_.Add({hash, begin, static_cast<uint32_t>(text.size())});
  const auto id = static_cast<uint32_t>(entries_.size());
  slots_[slot] = id;
  if (entries_.size() * 2 > slots_.size()) Grow();
  return id;
}

void TextPool::Grow() {
  const size_t size = slots_.empty() ? kFirstSlots : slots_.size() * 2;
  slots_.Truncate(0);
  std::memset(slots_.Extend(size), 0, size * sizeof(uint32_t));
  for (size_t i = 0; i < entries_.size(); ++i) {
    size_t slot = entries_[i].hash & (size - 1);
    while (slots_[slot] != 0) slot = (slot + 1) & (size - 1);
    slots_[slot] = static_cast<uint32_t>(i + 1);
  }
}

}  // namespace tracesmith
