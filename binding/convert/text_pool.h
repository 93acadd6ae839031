#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

namespace tracesmith {

// Problem: the names and keys of a trace are repeated millions of times, but a trace whose texts are all different must
// not fill the memory. A TextPool keeps each text once, with an id from 1, until the pool is full; then it
// refuses new texts.
//
// It promises that a text that has an id keeps it, and that a refused text stays refused. It owns the texts. Any number
// of threads may use it at a time; the order of their calls decides which id a text has and which texts are refused.
class TextPool {
 public:
  TextPool();
  TextPool(const TextPool&) = delete;
  TextPool& operator=(const TextPool&) = delete;

  // Returns the id of a text; 0 if it is refused. Longer texts are always refused: they are seldom repeated.
  static constexpr size_t kMaxLength = 1024;
  static constexpr size_t kMaxTexts = size_t{1} << 17;
  uint32_t IdOf(std::string_view text);

  // The caller must pass an id that IdOf() has returned.
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
  // At least half of them stay free, so that a search ends soon.
  static constexpr size_t kSlots = 2 * kMaxTexts;

  // Returns the id of the text, or 0 and the slot that the text would have.
  uint32_t Find(std::string_view text, uint64_t hash, size_t* slot) const;
  uint32_t Add(std::string_view text, uint64_t hash);

  // These have room for all texts that the pool can ever keep, so that nothing moves while other threads read; the
  // system takes memory only for pages that are written. An entry is written before the slot that refers to it.
  std::unique_ptr<Entry[]> entries_;
  std::unique_ptr<char[]> bytes_;
  std::unique_ptr<std::atomic<uint32_t>[]> slots_;  // ids by hash; 0: free
  std::atomic<bool> is_full_{false};
  std::atomic<size_t> size_{0};

  std::mutex mutex_;  // of the thread that adds
  size_t used_bytes_ = 0;
};

// Hashes of 64 bits, the same on every machine.
uint64_t HashOf(std::string_view text);
uint64_t MixHash(uint64_t a, uint64_t b);

}  // namespace tracesmith
