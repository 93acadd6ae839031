#include "napi/large_pages.h"

#include <cstdint>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace tracesmith {

void PreferLargePages(void* block, size_t size) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr uintptr_t kLargePage = uintptr_t{2} << 20;
  const auto address = reinterpret_cast<uintptr_t>(block);
  const uintptr_t skipped = (kLargePage - address % kLargePage) % kLargePage;
  if (size < skipped + kLargePage) return;
  const uintptr_t whole = (size - skipped) / kLargePage * kLargePage;
  madvise(static_cast<uint8_t*>(block) + skipped, whole, MADV_HUGEPAGE);
#else
  (void)block;
  (void)size;
#endif
}

}  // namespace tracesmith
