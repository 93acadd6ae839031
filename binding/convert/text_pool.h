#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "../encoder/pod_vector.h"

namespace tracesmith {

// Texts that come again and again, each kept once; ids begin at 1. It takes in what comes first, up to a
// limit: a trace whose every text is a new one must not fill the memory.
class TextPool {
 public:
  TextPool();

  // The id of a text that is kept; 0 for one that is not. Longer ones seldom come again.
  static constexpr size_t kMaxLength = 1024;
  uint32_t IdOf(std::string_view text);

  // The caller must pass an id that was given.
  std::string_view operator[](uint32_t id) const {
    const Entry& entry = entries_[id - 1];
    return {bytes_.begin() + entry.begin, entry.size};
  }
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    uint64_t hash;
    uint32_t begin;
    uint32_t size;
  };

  void Grow();

  PodVector<Entry> entries_;
  PodVector<char> bytes_;
  PodVector<uint32_t> slots_;  // ids, 0 where free; a power of two
};

// Mixes bytes to 64 bits, the same on every machine.
uint64_t HashOf(std::string_view text);
uint64_t MixHash(uint64_t a, uint64_t b);

}  // namespace tracesmith
