#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace tracesmith {

// Texts that come again and again, each kept once; ids begin at 1. It takes in what comes first, up to a
// limit: a trace whose every text is a new one must not fill the memory. Any number of threads may use it;
// which id a text gets, and which are kept of too many, depends on who comes first. A text that has an id
// keeps it, and one that was refused stays refused.
class TextPool {
 public:
  TextPool();
  TextPool(const TextPool&) = delete;
  TextPool& operator=(const TextPool&) = delete;

  // The id of a text that is kept; 0 for one that is not. Longer ones seldom come again.
  static constexpr size_t kMaxLength = 1024;
  static constexpr size_t kMaxTexts = size_t{1} << 17;
  uint32_t IdOf(std::string_view text);

  // The caller must pass an id that was given.
  bool Is(uint32_t id, std::string_view text) const;
  std::string_view operator[](uint32_t id) const {
    const Entry& entry = entries_[id - 1];
    return {bytes_.get() + entry.begin, entry.size};
  }
  size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  static constexpr size_t kMaxBytes = size_t{8} << 20;

  struct Entry {
    uint64_t hash;
    uint32_t begin;
    uint32_t size;
  };
  // Ids by hash, 0 where free; a power of two.
  struct Table {
    explicit Table(size_t size) : mask(size - 1), slots(new std::atomic<uint32_t>[size]()) {}
    size_t mask;
    std::unique_ptr<std::atomic<uint32_t>[]> slots;
  };

  // 0: it is not there, and would be at *slot.
  uint32_t Find(const Table& table, std::string_view text, uint64_t hash, size_t* slot) const;
  uint32_t Add(std::string_view text, uint64_t hash);
  void Grow();

  // Room for all that is ever kept, so that nothing moves while others read; the system gives memory only to
  // what is written. What a slot refers to is written before the slot is.
  std::unique_ptr<Entry[]> entries_;
  std::unique_ptr<char[]> bytes_;
  std::atomic<const Table*> table_;
  std::atomic<bool> is_full_{false};  // the last table has all that will ever be kept
  std::atomic<size_t> size_{0};

  std::mutex mutex_;  // of who adds
  size_t used_bytes_ = 0;
  std::vector<std::unique_ptr<Table>> tables_;  // the last is in use; some thread may still look at those before
};

// Mixes bytes to 64 bits, the same on every machine.
uint64_t HashOf(std::string_view text);
uint64_t MixHash(uint64_t a, uint64_t b);

}  // namespace tracesmith
