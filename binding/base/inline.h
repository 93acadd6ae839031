#pragma once

// For the few functions that every packet passes through: what a compiler thinks of their size is what it thinks of a
// function that is called from many places, and these are called from one or two.
#if defined(_MSC_VER)
#define TRACESMITH_INLINE __forceinline
#else
#define TRACESMITH_INLINE inline __attribute__((always_inline))
#endif
