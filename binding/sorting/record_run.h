#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "base/pod_vector.h"
#include "base/radix_sort.h"

namespace tracesmith {

// The order of records: by time, then by rank. Records with equal keys stay in the order in which they were added.
struct SortKey {
  uint64_t time;
  uint64_t rank;
};

inline bool operator<(const SortKey& a, const SortKey& b) {
  return a.time != b.time ? a.time < b.time : a.rank < b.rank;
}

struct Record {
  SortKey key;
  const uint8_t* data;  // not aligned
  size_t size;
};

// Problem: records are of any size, and moving them while they are sorted costs more than comparing them. A RecordRun
// writes each record once into a block of memory and sorts 16 bytes for each: its time and its address.
//
// It promises a stable order by SortKey. It owns the memory of its records, which are valid until Clear(). One thread
// at a time may use it. In this folder a run is such a list of records: RecordRun in memory, SpilledRun in a file.
class RecordRun {
 public:
  // Takes memory in blocks of `block_size`, which Clear() keeps; a large record has a block of its own.
  explicit RecordRun(size_t block_size) : block_size_(block_size) {}

  // Returns the place of the next record, which may have up to `size` bytes; adds nothing yet.
  uint8_t* Reserve(size_t size) {
    reserved_ = kHeadSize + size <= room_ ? at_ : ReserveInNewBlock(kHeadSize + size);
    return reserved_ + kHeadSize;
  }

  // Adds the record that the caller wrote there, of at most as many bytes as were reserved.
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

  // Bytes of memory in use after one more record, including the memory that Sort() will take.
  size_t MemoryWith(size_t record_size) const {
    const size_t room = kHeadSize + record_size;
    return block_bytes_ + (room <= room_ ? 0 : NewBlockSize(room)) + 2 * sizeof(Key) * (keys_.size() + 1);
  }

  // The caller must not add records afterwards, except after Clear().
  void Sort();
  // The record at that place of the order; fastest from front to back.
  Record operator[](size_t index) const;

  // Forgets the records.
  void Clear();

 private:
  // In front of each record: its rank, which is only read for equal times, and its size.
  static constexpr size_t kHeadSize = 2 * sizeof(uint64_t);

  struct Key {
    uint64_t time;
    uint8_t* at;
  };

  bool IsLarge(size_t room) const { return room > block_size_ / 4; }
  size_t NewBlockSize(size_t room) const { return IsLarge(room) ? room : block_size_; }
  uint8_t* ReserveInNewBlock(size_t room);

  size_t block_size_;
  std::vector<std::unique_ptr<uint8_t[]>> blocks_;
  size_t used_blocks_ = 0;
  std::vector<std::unique_ptr<uint8_t[]>> large_blocks_;
  size_t block_bytes_ = 0;  // of the used blocks and the large ones
  uint8_t* at_ = nullptr;   // in the last used block
  size_t room_ = 0;         // behind at_
  uint8_t* reserved_ = nullptr;
  PodVector<Key> keys_;
};

}  // namespace tracesmith
