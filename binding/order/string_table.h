#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace tracesmith {

// Strings by id, in the order of arrival; ids start at 1, 0 means none. The strings of a generation lie
// in one block of memory. A long stream begins a new generation now and then and drops old ones whole
// when nothing refers to them any more; ids are never given twice.
class StringTable {
 public:
  StringTable() : generations_(1) {}

  // The last id given.
  uint32_t size() const { return last_; }
  // What an id of the current generation, counted from 1 within it, is more than that.
  uint32_t offset() const { return offset_; }
  // The first id that is still there.
  uint32_t first() const { return generations_.front().first; }

  void Add(const char* data, size_t length) {
    Generation& current = generations_.back();
    current.bytes.append(data, length);
    current.ends.push_back(current.bytes.size());
    ++last_;
  }

  // The caller must pass an id from first() to size().
  std::string_view operator[](uint32_t id) const {
    const Generation& current = generations_.back();
    return id >= current.first ? In(current, id) : InOlder(id);
  }

  // Forgets the strings behind `size`, which must be of the current generation.
  void Truncate(uint32_t size) {
    Generation& current = generations_.back();
    current.ends.resize(size - offset_ + 1);
    current.bytes.resize(current.ends.back());
    last_ = size;
  }

  // Whether there are strings of older generations.
  bool has_older() const { return generations_.size() > 1; }

  void BeginGeneration() {
    generations_.emplace_back();
    generations_.back().first = last_ + 1;
    offset_ = last_;
  }

  // Takes back a BeginGeneration() after which nothing was added.
  void EndEmptyGeneration() {
    generations_.pop_back();
    offset_ = generations_.back().first - 1;
  }

  // Drops the generations that lie whole before `id`.
  void DropBefore(uint32_t id) {
    while (generations_.size() > 1 && generations_[1].first <= id) generations_.pop_front();
  }

 private:
  struct Generation {
    uint32_t first = 1;
    std::string bytes;
    std::vector<size_t> ends = {0};
  };

  static std::string_view In(const Generation& generation, uint32_t id) {
    const size_t index = id - generation.first;
    const size_t begin = generation.ends[index];
    return std::string_view(generation.bytes.data() + begin, generation.ends[index + 1] - begin);
  }

  std::string_view InOlder(uint32_t id) const {
    for (auto generation = generations_.rbegin() + 1; generation != generations_.rend(); ++generation) {
      if (id >= generation->first) return In(*generation, id);
    }
    return std::string_view();
  }

  std::deque<Generation> generations_;
  uint32_t offset_ = 0;
  uint32_t last_ = 0;
};

}  // namespace tracesmith
