#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tracesmith {

// A hash map from integers, for millions of lookups: std::unordered_map takes a node of memory and a miss of the cache
// for each. Keys and values lie in arrays of their own, without gaps for alignment. Places move when it grows and when
// something is erased: pointers to values are good until then.
template <typename Value>
class FlatMap {
 public:
  size_t size() const { return size_; }

  // Null for a key that is not there.
  Value* Find(uint64_t key) {
    if (size_ == 0) return nullptr;
    const size_t place = PlaceOf(key);
    return states_[place] ? &values_[place] : nullptr;
  }
  const Value* Find(uint64_t key) const { return const_cast<FlatMap*>(this)->Find(key); }

  // The value of a key, which begins as Value().
  Value& operator[](uint64_t key) {
    if ((size_ + 1) * 10 > keys_.size() * 7) Grow();
    const size_t place = PlaceOf(key);
    if (!states_[place]) {
      states_[place] = true;
      keys_[place] = key;
      values_[place] = Value();
      ++size_;
    }
    return values_[place];
  }

  void Erase(uint64_t key) {
    if (size_ == 0) return;
    size_t hole = PlaceOf(key);
    if (!states_[hole]) return;
    --size_;
    // What lies behind and would not be found over the hole moves into it.
    for (size_t at = Next(hole); states_[at]; at = Next(at)) {
      const size_t home = HomeOf(keys_[at]);
      const bool stays = hole < at ? hole < home && home <= at : hole < home || home <= at;
      if (stays) continue;
      keys_[hole] = keys_[at];
      values_[hole] = std::move(values_[at]);
      hole = at;
    }
    states_[hole] = false;
  }

  void Clear() {
    states_.assign(states_.size(), false);
    size_ = 0;
  }

 private:
  static constexpr size_t kLeast = 16;

  size_t Next(size_t place) const { return (place + 1) & (keys_.size() - 1); }
  // Multiplies by the golden ratio: consecutive keys lie apart.
  size_t HomeOf(uint64_t key) const { return static_cast<size_t>((key * 0x9e3779b97f4a7c15u) >> shift_); }
  // Of the key, or the free place where it would be.
  size_t PlaceOf(uint64_t key) const {
    size_t place = HomeOf(key);
    while (states_[place] && keys_[place] != key) place = Next(place);
    return place;
  }

  void Grow() {
    FlatMap larger;
    const size_t capacity = keys_.empty() ? kLeast : keys_.size() * 2;
    larger.keys_.resize(capacity);
    larger.values_.resize(capacity);
    larger.states_.resize(capacity);
    larger.shift_ = keys_.empty() ? 60 : shift_ - 1;
    for (size_t place = 0; place < keys_.size(); ++place) {
      if (states_[place]) larger[keys_[place]] = std::move(values_[place]);
    }
    *this = std::move(larger);
  }

  std::vector<uint64_t> keys_;
  std::vector<Value> values_;
  std::vector<char> states_;  // whether a place is used
  size_t size_ = 0;
  unsigned shift_ = 64;
};

}  // namespace tracesmith
