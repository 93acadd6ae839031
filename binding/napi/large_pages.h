#pragma once

#include <cstddef>

namespace tracesmith {

// Asks the system for large pages where a block of memory is about to be filled and is large enough. A new
// array of megabytes is touched page by page for the first time, which takes a tenth of a whole export with
// small ones. Nothing happens where a system has no such thing or does not want to.
void PreferLargePages(void* block, size_t size);

}  // namespace tracesmith
