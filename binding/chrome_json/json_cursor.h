#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/pod_vector.h"
#include "chrome_json/json_text.h"

namespace tracesmith {

// Problem: a CPU profile is one JSON object, which may be larger than memory, and only a few of its values are wanted.
// A JsonCursor reads a JSON text from front to back, from memory or from a source, and keeps nothing of it. The caller
// says which kind of value it expects; the cursor skips a value of another kind.
//
// It never fails: it reads damaged text as well as possible, and the text ends. One thread at a time may use it.
class JsonCursor {
 public:
  explicit JsonCursor(TextSource source) : source_(std::move(source)) {}
  // The text must outlive the cursor.
  explicit JsonCursor(std::string_view text)
      : at_(reinterpret_cast<const uint8_t*>(text.data())), end_(at_ + text.size()) {}

  // Moves behind the bracket if the next value begins with it; else skips the value and returns false.
  bool Enter(uint8_t bracket);
  // In an object: reads the next key, behind the value of the key before if nobody has read it. False at the end of the
  // object. The key is valid until the next text is read.
  bool NextKey(std::string_view* key);
  // In an array: whether there is one more value, which the caller must read or skip.
  bool NextElement();

  // Whether the next value is a string.
  bool IsText() { return Peek() == '"'; }

  // Read a value. False if it is of another kind, which is skipped.
  bool Text(std::string_view* text);
  bool Id(uint32_t* id);
  // Reads microseconds, or any other number multiplied by 1000.
  bool Time(int64_t* nanoseconds);
  // A number or word as it is written; empty for anything else, which is skipped.
  std::string Word();
  void Skip();

  // Whether the text ended inside a value.
  bool is_cut() const { return is_cut_; }

 private:
  static constexpr size_t kBufferSize = size_t{1} << 16;

  bool HasMore() { return at_ != end_ || Refill(); }
  bool Refill();
  // Return the next byte that is no space; 0 at the end. PeekElement() skips commas as well.
  uint8_t Peek();
  uint8_t PeekElement();
  void ReadString(bool is_wanted);
  void ReadWord();

  TextSource source_;
  PodVector<uint8_t> buffer_;
  const uint8_t* at_ = nullptr;
  const uint8_t* end_ = nullptr;
  bool is_cut_ = false;
  bool is_behind_key_ = false;
  std::string raw_;
  std::string text_;
};

}  // namespace tracesmith
