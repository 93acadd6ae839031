#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "chrome_json/numbers.h"
#include "base/pod_vector.h"

namespace tracesmith {

// Walks over a JSON text from front to back, from memory or as it comes in pieces, without keeping what was
// passed: for one large object of which a few things are wanted. The caller says what it expects; what is
// something else is passed over. It never fails: damaged text is read as well as it can be, and ends.
class JsonPieces {
 public:
  // Writes the next bytes, at most `capacity`, and gives how many; 0 where the text ends.
  using Source = std::function<size_t(uint8_t* to, size_t capacity)>;
  explicit JsonPieces(Source source) : source_(std::move(source)) {}
  // The text must outlive this.
  explicit JsonPieces(std::string_view text)
      : at_(reinterpret_cast<const uint8_t*>(text.data())), end_(at_ + text.size()) {}

  // Whether the next value begins with this bracket, which then is taken; another value is passed over.
  bool Enter(uint8_t bracket);
  // In an object: whether there is one more key, behind which the caller must take or skip the value. A key
  // stays until the next text is read.
  bool NextKey(std::string_view* key);
  // In an array: whether there is one more value, which the caller must take or skip.
  bool NextElement();

  // A value; false, and past it, where it is something else.
  bool Text(std::string_view* text);
  bool Id(uint32_t* id);
  // Microseconds, or any number as a thousand times of it.
  bool Time(int64_t* nanoseconds);
  void Skip();

  // Whether the text ended inside of something.
  bool is_cut() const { return is_cut_; }

 private:
  static constexpr size_t kBufferSize = size_t{1} << 16;

  bool HasMore() { return at_ != end_ || Refill(); }
  bool Refill();
  // The next byte that is no space; 0 at the end.
  uint8_t Peek();
  // What separates elements, as many as there are.
  uint8_t PeekElement();
  void TakeString(bool is_wanted);
  void TakeWord();

  Source source_;
  PodVector<uint8_t> buffer_;
  const uint8_t* at_ = nullptr;
  const uint8_t* end_ = nullptr;
  bool is_cut_ = false;
  std::string raw_;
  std::string text_;
};

}  // namespace tracesmith
