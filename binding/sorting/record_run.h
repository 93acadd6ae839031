#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "base/pod_vector.h"
#include "sorting/record.h"

namespace tracesmith {

// Records in memory, in the order in which they came or sorted. They stay where they were written;
// what moves are 16 bytes for each.
class RecordRun {
 public:
  // Memory is taken in blocks of that size, which Clear() keeps; a large record has a block of its own.
  explicit RecordRun(size_t block_size) : block_size_(block_size) {}

  // Where the next record goes, which may be of `size` bytes; nothing is added yet.
  uint8_t* Reserve(size_t size) {
    reserved_ = kHeadSize + size <= room_ ? at_ : ReserveInNewBlock(kHeadSize + size);
    return reserved_ + kHeadSize;
  }

  // Adds what was written there, in at most as many bytes as were reserved.
  void Commit(SortKey key, size_t size) {
    const uint64_t head[] = {key.rank, size};
    std::memcpy(reserved_, head, sizeof(head));
    keys_.Add({key.time, reserved_});
    if (reserved_ != at_ || room_ < kHeadSize + size) return;  // a large record, in its own block
    at_ += kHeadSize + size;
    room_ -= kHeadSize + size;
  }

  size_t size() const { return keys_.size(); }
  bool empty() const { return keys_.empty(); }

  // Bytes of memory in use with one more record, and with what sorting will take.
  size_t MemoryWith(size_t record_size) const {
    const size_t room = kHeadSize + record_size;
    return block_bytes_ + (room <= room_ ? 0 : NewBlockSize(room)) + 2 * sizeof(Key) * (keys_.size() + 1);
  }

  // The caller must not add records afterwards, other than after Clear().
  void Sort();
  // The record at that place of the order; fastest one after the other.
  Record operator[](size_t index) const;

  // Forgets the records.
  void Clear();

 private:
  // In front of each record: its rank, which is only of interest where times are equal, and its size.
  static constexpr size_t kHeadSize = 2 * sizeof(uint64_t);

  struct Key {
    uint64_t time;
    uint8_t* at;
  };

  bool IsLarge(size_t room) const { return room > block_size_ / 4; }
  size_t NewBlockSize(size_t room) const { return IsLarge(room) ? room : block_size_; }
  uint8_t* ReserveInNewBlock(size_t room);
  void SortTies();

  // Sorts by Key::time, stably; gives where the result is, which is one of the two.
  static Key* SortKeys(Key* keys, Key* scratch, size_t count);

  size_t block_size_;
  std::vector<std::unique_ptr<uint8_t[]>> blocks_;
  size_t used_blocks_ = 0;
  std::vector<std::unique_ptr<uint8_t[]>> large_blocks_;
  size_t block_bytes_ = 0;  // of the blocks used and the large ones
  uint8_t* at_ = nullptr;   // in the last block used
  size_t room_ = 0;         // behind it
  uint8_t* reserved_ = nullptr;
  PodVector<Key> keys_;
  PodVector<Key> scratch_;
};

}  // namespace tracesmith
