#include "text_pool.h"

#include <cstring>
#if defined(_M_X64)
#include <intrin.h>
#endif

namespace tracesmith {
namespace {

constexpr size_t kFirstSlots = 1024;
constexpr size_t kMaxTexts = size_t{1} << 17;
constexpr size_t kMaxBytes = size_t{8} << 20;

uint64_t Load8(const char* at) {
  uint64_t value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

// Up to seven bytes, without a call for a size that is not constant.
uint64_t Load(const char* at, size_t size) {
  if (size >= 4) {
    uint32_t first, last;
    std::memcpy(&first, at, 4);
    std::memcpy(&last, at + size - 4, 4);
    return first | uint64_t{last} << 32;
  }
  if (size == 0) return 0;
  const auto byte = [at](size_t index) { return uint64_t{static_cast<unsigned char>(at[index])}; };
  return byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
}

// Whether two texts of one size are equal. Most are short, and a call takes longer than to compare them.
bool IsSame(const char* a, const char* b, size_t size) {
  if (size > 32) return std::memcmp(a, b, size) == 0;
  if (size < 8) return Load(a, size) == Load(b, size);
  for (size_t at = 0; at + 8 < size; at += 8) {
    if (Load8(a + at) != Load8(b + at)) return false;
  }
  return Load8(a + size - 8) == Load8(b + size - 8);
}

// The halves of the product of two words of 64 bits, folded.
uint64_t FoldedProduct(uint64_t a, uint64_t b) {
#if defined(__SIZEOF_INT128__)
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product >> 64) ^ static_cast<uint64_t>(product);
#elif defined(_M_X64)
  uint64_t high;
  const uint64_t low = _umul128(a, b, &high);
  return high ^ low;
#else
  const uint64_t low_a = a & UINT32_MAX, high_a = a >> 32, low_b = b & UINT32_MAX, high_b = b >> 32;
  const uint64_t low = low_a * low_b;
  const uint64_t middle = high_a * low_b + (low >> 32);
  const uint64_t other = low_a * high_b + (middle & UINT32_MAX);
  return (high_a * high_b + (middle >> 32) + (other >> 32)) ^ ((other << 32) | (low & UINT32_MAX));
#endif
}

}  // namespace

uint64_t MixHash(uint64_t a, uint64_t b) { return FoldedProduct(a ^ 0x9e3779b97f4a7c15u, b ^ 0xd1b54a32d192ed03u); }

// Word by word; the last may overlap the one before.
uint64_t HashOf(std::string_view text) {
  const char* at = text.data();
  const size_t size = text.size();
  if (size < 8) return MixHash(Load(at, size), size);
  uint64_t hash = size;
  for (const char* last = at + size - 8; at < last; at += 8) hash = FoldedProduct(hash ^ Load8(at) ^ 0x9e3779b97f4a7c15u, 0xd1b54a32d192ed03u);
  return MixHash(hash, Load8(text.data() + size - 8));
}

TextPool::TextPool() { Grow(); }

uint32_t TextPool::IdOf(std::string_view text) {
  if (text.size() > kMaxLength) return 0;
  const uint64_t hash = HashOf(text);
  const size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if (entry.hash == hash && entry.size == text.size() && IsSame(bytes_.begin() + entry.begin, text.data(), text.size())) {
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
