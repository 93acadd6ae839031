#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef _MSC_VER
#include <intrin.h>
#endif
#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#define TRACESMITH_SSE2 1
#endif

// Finding bytes 64 at a time: bit i of a mask stands for byte i.
namespace tracesmith::byte_masks {

struct Masks {
  uint64_t quotes;
  uint64_t backslashes;
  uint64_t brackets;  // all four of []{}
};

// In arithmetic on words, for processors without SSE2.
struct Portable {
  static constexpr uint64_t kLow = 0x0101010101010101;
  static constexpr uint64_t kHigh = kLow * 0x80;

  static uint64_t Load(const uint8_t* at) {
    uint64_t word;
    std::memcpy(&word, at, sizeof(word));  // every platform of the SDK is little-endian
    return word;
  }

  // Eight bits: which bytes of the word are `byte`.
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

// Bit i: whether an odd number of the bits 0 to i is set.
inline uint64_t PrefixXor(uint64_t bits) {
  for (unsigned shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

// How many lines end in the text.
uint64_t CountLines(const uint8_t* begin, const uint8_t* end);

// The index of the lowest bit; the caller must pass at least one.
inline unsigned LowestBit(uint64_t bits) {
#ifdef _MSC_VER
  unsigned long index;
  _BitScanForward64(&index, bits);
  return index;
#else
  return static_cast<unsigned>(__builtin_ctzll(bits));
#endif
}

}  // namespace tracesmith::byte_masks
