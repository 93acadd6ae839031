#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

namespace tracesmith {

// A growing array of plain data. Unlike std::vector it leaves new elements as they are for the caller
// to fill, and grows by realloc, which moves large blocks by their page tables instead of copying them.
template <typename T>
class PodVector {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  PodVector() = default;
  ~PodVector() { std::free(data_); }
  PodVector(PodVector&& other) noexcept { *this = std::move(other); }
  PodVector& operator=(PodVector&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  PodVector(const PodVector&) = delete;
  PodVector& operator=(const PodVector&) = delete;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t index) { return data_[index]; }
  const T& operator[](size_t index) const { return data_[index]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

  void Reserve(size_t capacity) {
    if (capacity > capacity_) Reallocate(capacity);
  }

  // Adds elements whose content is up to the caller; gives the first.
  T* Extend(size_t count) {
    if (capacity_ - size_ < count) Reallocate(size_ + count > capacity_ * 2 ? size_ + count : capacity_ * 2);
    T* first = data_ + size_;
    size_ += count;
    return first;
  }

  void Add(T value) { *Extend(1) = value; }

  // The caller must pass at most size().
  void Truncate(size_t size) { size_ = size; }

 private:
  void Reallocate(size_t capacity) {
    if (capacity > SIZE_MAX / sizeof(T)) throw std::bad_alloc();
    void* larger = std::realloc(data_, capacity * sizeof(T));
    if (larger == nullptr) throw std::bad_alloc();
    data_ = static_cast<T*>(larger);
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace tracesmith
