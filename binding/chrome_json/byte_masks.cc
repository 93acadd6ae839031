#include "chrome_json/byte_masks.h"

#include <algorithm>

namespace tracesmith::byte_masks {

uint64_t CountLines(const uint8_t* begin, const uint8_t* end) {
  uint64_t lines = 0;
#ifdef TRACESMITH_SSE2
  const __m128i line_end = _mm_set1_epi8('\n');
  while (end - begin >= 16) {
    // A byte of the sums holds 255 at most.
    const size_t steps = std::min<size_t>(255, static_cast<size_t>(end - begin) / 16);
    __m128i sums = _mm_setzero_si128();
    for (size_t i = 0; i < steps; ++i, begin += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(begin));
      sums = _mm_sub_epi8(sums, _mm_cmpeq_epi8(bytes, line_end));
    }
    const __m128i halves = _mm_sad_epu8(sums, _mm_setzero_si128());
    lines += static_cast<uint64_t>(_mm_cvtsi128_si32(halves)) +
             static_cast<uint64_t>(_mm_cvtsi128_si32(_mm_srli_si128(halves, 8)));
  }
#endif
  return lines + static_cast<uint64_t>(std::count(begin, end, uint8_t{'\n'}));
}

}  // namespace tracesmith::byte_masks
