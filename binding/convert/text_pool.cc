#include "convert/text_pool.h"

#include <cstring>
#ifdef _MSC_VER
#include <intrin.h>
#endif

namespace tracesmith {
namespace {

// Any two odd numbers with bits all over.
constexpr uint64_t kOdd1 = 0x9e3779b97f4a7c15;
constexpr uint64_t kOdd2 = 0xd1b54a32d192ed03;

uint64_t Load8(const char* at) {
  uint64_t value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

// Loads up to seven bytes. A memcpy of a size that is not constant would be a call.
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

// Whether two texts of one size are equal. Most are short: a call of memcmp takes longer than the comparison.
bool IsSame(const char* a, const char* b, size_t size) {
  if (size > 32) return std::memcmp(a, b, size) == 0;
  if (size < 8) return Load(a, size) == Load(b, size);
  for (size_t at = 0; at + 8 < size; at += 8) {
    if (Load8(a + at) != Load8(b + at)) return false;
  }
  return Load8(a + size - 8) == Load8(b + size - 8);
}

// Returns the product of two words, its upper 64 bits xor its lower 64 bits.
uint64_t FoldedProduct(uint64_t a, uint64_t b) {
#ifdef _MSC_VER
  uint64_t high;
  const uint64_t low = _umul128(a, b, &high);
  return high ^ low;
#else
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product >> 64) ^ static_cast<uint64_t>(product);
#endif
}

}  // namespace

uint64_t MixHash(uint64_t a, uint64_t b) { return FoldedProduct(a ^ kOdd1, b ^ kOdd2); }

// Hashes word by word; the last word may overlap the one before.
uint64_t HashOf(std::string_view text) {
  const char* at = text.data();
  const size_t size = text.size();
  if (size < 8) return MixHash(Load(at, size), size);
  uint64_t hash = size;
  for (const char* last = at + size - 8; at < last; at += 8) hash = FoldedProduct(hash ^ Load8(at) ^ kOdd1, kOdd2);
  return MixHash(hash, Load8(text.data() + size - 8));
}

TextPool::TextPool()
    : entries_(new Entry[kMaxTexts]), bytes_(new char[kMaxBytes]), slots_(new std::atomic<uint32_t>[kSlots]()) {}

uint32_t TextPool::IdOf(std::string_view text) {
  if (text.size() > kMaxLength) return 0;
  const uint64_t hash = HashOf(text);
  // Read before the slots: if this is true, a text that they lack will never be there.
  const bool is_full = is_full_.load(std::memory_order_acquire);
  size_t slot;
  const uint32_t id = Find(text, hash, &slot);
  return id != 0 || is_full ? id : Add(text, hash);
}

bool TextPool::Is(uint32_t id, std::string_view text) const {
  const Entry& entry = entries_[id - 1];
  return entry.size == text.size() && IsSame(bytes_.get() + entry.begin, text.data(), text.size());
}

uint32_t TextPool::Find(std::string_view text, uint64_t hash, size_t* slot) const {
  for (size_t at = hash % kSlots;; at = (at + 1) % kSlots) {
    const uint32_t id = slots_[at].load(std::memory_order_acquire);
    if (id == 0) {
      *slot = at;
      return 0;
    }
    if (entries_[id - 1].hash == hash && Is(id, text)) return id;
  }
}

uint32_t TextPool::Add(std::string_view text, uint64_t hash) {
  const std::lock_guard<std::mutex> lock(mutex_);
  size_t slot;
  // Another thread may have been faster.
  if (const uint32_t id = Find(text, hash, &slot)) return id;
  if (is_full_.load(std::memory_order_relaxed)) return 0;
  const size_t index = size();
  if (!text.empty()) std::memcpy(bytes_.get() + used_bytes_, text.data(), text.size());
  entries_[index] = {hash, static_cast<uint32_t>(used_bytes_), static_cast<uint32_t>(text.size())};
  used_bytes_ += text.size();
  const auto id = static_cast<uint32_t>(index + 1);
  size_.store(id, std::memory_order_relaxed);
  slots_[slot].store(id, std::memory_order_release);
  if (id == kMaxTexts || used_bytes_ + kMaxLength > kMaxBytes) is_full_.store(true, std::memory_order_release);
  return id;
}

}  // namespace tracesmith
