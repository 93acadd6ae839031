#pragma once

#include <cstddef>
#include <cstdint>

namespace tracesmith {

// Deeper values are passed over, not read.
constexpr size_t kMaxJsonDepth = 1000;

constexpr bool IsJsonSpace(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }

enum class EventStart : uint8_t { kNo, kYes, kCut };

// Whether the brace at `at` is followed by a key that events have: ph, name, ts, ... Inside a string of
// valid JSON that cannot be, since its quotes would be escaped. kCut: the text ends too early to tell.
EventStart MatchEventStart(const uint8_t* at, const uint8_t* end);

// Finds where a JSON value ends, following brackets, strings and escapes only, in pieces as they come.
// Text that is damaged still ends where it most likely does: a bracket that closes none of the open ones
// is passed over, one that closes an outer one closes the inner ones too.
class ValueScan {
 public:
  enum class Stop : uint8_t {
    kEnd,       // behind the value
    kMore,      // the text ends before the value does
    kNewEvent,  // at the brace of an event that cannot be a part of this value, so this one has no end
  };
  struct Piece {
    const uint8_t* value;     // its first byte, where that is still there, or as far back as the text goes
    const uint8_t* end;       // scanning stops here
    const uint8_t* text_end;  // what may be looked at; at least 64 bytes behind `end` must be readable
    bool is_last;             // no more text will come
  };

  // `first` is what the value begins with: a brace, a bracket or a quote.
  void Start(uint8_t first);

  // Goes on from *at, which the first time must be behind the value's first byte, and moves it. With kMore
  // it may be before the piece's end, to see more text first.
  //
  // Fast is for braces and brackets. Careful takes also strings, and notices an event inside a string: the
  // sign that a quote is missing or too many. A scan may go from careful to fast, but not back.
  Stop RunFast(const Piece& piece, const uint8_t** at);
  Stop RunCareful(const Piece& piece, const uint8_t** at);

  bool is_too_deep() const { return is_too_deep_; }
  // False: the value has no backslash. True says nothing.
  bool may_have_escapes() const { return may_have_escapes_; }

 private:
  void Open(uint8_t bracket);
  // Whether the value is closed.
  bool Close(uint8_t bracket);
  bool IsArray(size_t depth) const { return (is_array_[depth / 64] >> depth % 64 & 1) != 0; }
  bool IsInObject() const { return depth_ > 0 && depth_ <= kMaxJsonDepth && !IsArray(depth_); }
  uint64_t Escaped(uint64_t backslashes, size_t count);

  size_t depth_ = 0;
  uint64_t is_array_[kMaxJsonDepth / 64 + 1] = {};
  uint64_t in_string_ = 0;  // all bits or none
  bool is_escaped_ = false;
  bool is_too_deep_ = false;
  bool may_have_escapes_ = false;
  // Of the careful scan: the last byte that is no space, and whether a line ended behind it.
  uint8_t previous_ = 0;
  bool line_ended_ = false;
};

}  // namespace tracesmith
