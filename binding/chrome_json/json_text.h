#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>

#ifdef _MSC_VER
#include <intrin.h>
#endif
#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#define TRACESMITH_SSE2 1
#endif

#include "base/pod_vector.h"

namespace tracesmith {

// Readable bytes behind every JSON text: vectors are loaded up to its end and beyond.
constexpr size_t kTextPadding = 64;

// Writes the next bytes of a text, at most `capacity`, and returns their number; 0 at the end. The caller remembers a
// failure: for a reader the text ends there.
using TextSource = std::function<size_t(uint8_t* to, size_t capacity)>;

constexpr bool IsJsonSpace(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }

// ------------------------------------------------------------ 64 bytes at a time

// Bit i of a mask stands for byte i.
namespace byte_masks {

struct Masks {
  uint64_t quotes;
  uint64_t backslashes;
  uint64_t brackets;  // all four of []{}
};

// With arithmetic on words, for processors without SSE2.
struct Portable {
  static constexpr uint64_t kLow = 0x0101010101010101;
  static constexpr uint64_t kHigh = kLow * 0x80;

  static uint64_t Load(const uint8_t* at) {
    uint64_t word;
    std::memcpy(&word, at, sizeof(word));  // every platform of the SDK is little-endian
    return word;
  }

  // Returns eight bits: bit i is set if byte i of the word is `byte`.
  static uint64_t Equal(uint64_t word, uint8_t byte) {
    const uint64_t difference = word ^ kLow * byte;
    const uint64_t zeros = ~(((difference & ~kHigh) + ~kHigh) | difference) & kHigh;
    return (zeros >> 7) * 0x0102040810204080 >> 56;
  }

  static Masks Classify(const uint8_t* at) {
    Masks masks = {};
    for (unsigned shift = 0; shift < 64; shift += 8) {
      const uint64_t word = Load(at + shift);
      // [ and { differ in this bit alone, and so do ] and }.
      const uint64_t folded = word | kLow * 0x20;
      masks.quotes |= Equal(word, '"') << shift;
      masks.backslashes |= Equal(word, '\\') << shift;
      masks.brackets |= (Equal(folded, '{') | Equal(folded, '}')) << shift;
    }
    return masks;
  }
};

#ifdef TRACESMITH_SSE2
struct Sse2 {
  static Masks Classify(const uint8_t* at) {
    Masks masks = {};
    for (unsigned shift = 0; shift < 64; shift += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + shift));
      const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
      const __m128i brackets =
          _mm_or_si128(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')), _mm_cmpeq_epi8(folded, _mm_set1_epi8('}')));
      masks.quotes |= Bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'))) << shift;
      masks.backslashes |= Bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))) << shift;
      masks.brackets |= Bits(brackets) << shift;
    }
    return masks;
  }

  static uint64_t Bits(__m128i equal) { return static_cast<uint32_t>(_mm_movemask_epi8(equal)); }
};
using Fastest = Sse2;
#else
using Fastest = Portable;
#endif

// Bit i of the result is set if an odd number of the bits 0 to i is set: between the quotes of a string.
inline uint64_t PrefixXor(uint64_t bits) {
  for (unsigned shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

// Returns the number of lines that end in the text.
uint64_t CountLines(const uint8_t* begin, const uint8_t* end);

// Returns the index of the lowest bit that is set; the caller must pass one.
inline unsigned LowestBit(uint64_t bits) {
#ifdef _MSC_VER
  unsigned long index;
  _BitScanForward64(&index, bits);
  return index;
#else
  return static_cast<unsigned>(__builtin_ctzll(bits));
#endif
}

}  // namespace byte_masks

// ------------------------------------------------------------------- text blocks

// The place of an event in its block.
struct EventSpan {
  uint32_t begin;
  uint32_t size;
  bool may_have_escapes;  // false: its strings have no escapes
};

// Problem: a trace is larger than memory, and several threads should read it. A TextBlock is a part of its text, about
// 1 MiB, that ends behind a whole event and can be read without the blocks around it. TextScanner fills it and
// EventReader reads it; the caller keeps a few and fills them again and again.
struct TextBlock {
  PodVector<uint8_t> text;  // kTextPadding spaces follow
  PodVector<EventSpan> events;
  uint64_t offset = 0;  // of the first byte, in the decompressed text
  uint64_t line = 1;    // of the first byte

  uint64_t LineAt(const uint8_t* at) const { return line + byte_masks::CountLines(text.begin(), at); }
};

// --------------------------------------------------------------- the end of values

// Events that are nested deeper are skipped.
constexpr size_t kMaxJsonDepth = 1000;

enum class EventStart : uint8_t { kNo, kYes, kCut };

// Whether the brace at `at` is followed by a key of events: ph, name, ts, ... This never happens inside a string of
// valid JSON, which escapes the quotes of the key. kCut: the text ends too early to tell.
EventStart MatchEventStart(const uint8_t* at, const uint8_t* end);

// Problem: events must be found in a text that arrives bit by bit and may be damaged, faster than a JSON parser reads
// it. A ValueScan finds the end of one value and looks at nothing but brackets, strings and escapes.
//
// It promises an end for damaged text too, at the most likely place: it ignores a bracket that closes nothing, and a
// bracket that closes an outer array or object closes the inner ones as well. It keeps no pointer into the text. One
// thread at a time may use it.
class ValueScan {
 public:
  enum class Stop : uint8_t {
    kEnd,       // behind the value
    kMore,      // the text ends before the value
    kNewEvent,  // at the brace of an event that cannot belong to this value: the value has no end
  };
  // The text that is known so far.
  struct Input {
    const uint8_t* value;     // the first byte of the value, or of the text if that is later
    const uint8_t* end;       // the scan stops here; kTextPadding bytes behind it must be readable
    const uint8_t* text_end;  // the end of the text
    bool is_last;             // no more text will come
  };

  // Begins a value with its first byte: a brace, a bracket or a quote.
  void Start(uint8_t first);

  // Scans from *at, which must be behind the value's first byte at first, and moves it. With kMore it may stop before
  // the input's end, to see more text first.
  //
  // RunFast() is for values that begin with a brace or bracket. RunCareful() is for strings as well, and notices an
  // event inside a string: the sign that a quote is missing or too many. A scan may change from careful to fast, not
  // back.
  Stop RunFast(const Input& input, const uint8_t** at);
  Stop RunCareful(const Input& input, const uint8_t** at);

  bool is_too_deep() const { return is_too_deep_; }
  // False if the value has no backslash; true means nothing.
  bool may_have_escapes() const { return may_have_escapes_; }

 private:
  void Open(uint8_t bracket);
  // Returns whether this ends the value.
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
  // For RunCareful(): the last byte that is no space, and whether a line ended behind it.
  uint8_t previous_ = 0;
  bool line_ended_ = false;
};

}  // namespace tracesmith
