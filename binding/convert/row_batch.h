#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "batch/batch_view.h"
#include "batch/layout.h"
#include "base/pod_vector.h"
#include "convert/compact_args.h"
#include "convert/text_pool.h"

namespace tracesmith {

// The columns of a batch, filled row by row: the C++ side of lib/batch/batch.ts. A row is begun, gets its
// attributes, and is followed by the next; Take() gives what was written since it was called last.
class RowBatch {
 public:
  explicit RowBatch(const TextPool& pool) : pool_(pool) {}

  void BeginRow(RowKind kind, uint8_t channel, uint32_t track, uint32_t name, uint32_t category, uint64_t time) {
    kind_.Add(static_cast<uint8_t>(kind));
    channel_.Add(channel);
    flags_.Add(kTimeIs64Bit);
    track_.Add(track);
    name_.Add(name);
    category_.Add(category);
    time_.Add(time);
    extent_.Add(0);
    attr_end_.Add(static_cast<uint32_t>(attr_head_.size()));
  }
  void SetLength(uint64_t length) {
    extent_[extent_.size() - 1] = length;
    flags_[flags_.size() - 1] = kTimeIs64Bit | kHasExtent | kExtentIs64Bit;
  }
  void SetValue(double value) {
    std::memcpy(&extent_[extent_.size() - 1], &value, sizeof(value));
    flags_[flags_.size() - 1] = kTimeIs64Bit | kHasExtent;
  }
  // Of the row that was begun last.
  void Attribute(uint32_t key, AttrType type, uint64_t value) {
    attr_head_.Add(key << kKeyShift | static_cast<uint32_t>(type) | (type == AttrType::kDouble ? 0 : uint32_t{kIs64Bit}));
    attr_value_.Add(value);
    attr_end_[attr_end_.size() - 1] = static_cast<uint32_t>(attr_head_.size());
  }
  void Arguments(const uint8_t* begin, const uint8_t* end);

  // Ids of the batch. What they are depends on nothing but the texts and their order: the records' pool may
  // have taken in others the next time.
  uint32_t Text(CompactText text) {
    if (text.id != 0) return PoolText(text.id);
    const uint32_t id = KnownText(text.text);
    return id != 0 ? id : NewText(text.text);
  }
  uint32_t PoolText(uint32_t id) {
    if (id >= ids_.size()) ids_.resize(pool_.size() + 1);
    if (ids_[id] == 0) ids_[id] = KnownText(pool_[id]);
    return ids_[id] != 0 ? ids_[id] : NewText(pool_[id]);
  }
  uint32_t NewText(std::string_view text);

  size_t rows() const { return kind_.size(); }
  // Whether it should be taken: it has many rows, or they are heavy.
  bool IsFull() const { return rows() >= kMaxRows || attr_head_.size() >= kMaxAttrs || text_bytes_.size() >= kMaxTextBytes; }

  BatchView View() const;
  // Empties it for the next rows. Ids of texts go on, or begin anew where there are too many.
  void Clear();

 private:
  static constexpr size_t kMaxRows = 4096;
  static constexpr size_t kMaxAttrs = size_t{1} << 16;
  static constexpr size_t kMaxTextBytes = size_t{1} << 20;
  // Of all texts since ids began.
  static constexpr size_t kMaxIds = size_t{1} << 18;
  static constexpr size_t kMaxIdBytes = size_t{16} << 20;

  // The id of a text that was seen since ids began, or is seen now; 0 for one that is not kept in mind, as
  // there are too many.
  uint32_t KnownText(std::string_view text);

  const TextPool& pool_;
  PodVector<uint8_t> kind_, channel_, flags_;
  PodVector<uint32_t> track_, name_, category_, attr_end_;
  PodVector<uint64_t> time_, extent_;
  PodVector<uint32_t> attr_head_;
  PodVector<uint64_t> attr_value_;
  PodVector<uint8_t> text_bytes_;
  PodVector<uint32_t> text_end_;
  uint32_t generation_ = 0;
  uint32_t last_id_ = 0;
  size_t id_bytes_ = 0;
  std::unique_ptr<TextPool> known_ = std::make_unique<TextPool>();  // since ids began
  std::vector<uint32_t> known_ids_;                                 // by its ids
  std::vector<uint32_t> ids_;                                       // by id of the records' pool
};

}  // namespace tracesmith
