#pragma once

// TRACESMITH_INLINE is for the few functions that every packet passes through: what a compiler thinks of their size is what
// it thinks of a function that is called from many places, and these are called from one or two. TRACESMITH_PREFETCH asks
// the processor for memory that will be read soon.
#if defined(_MSC_VER)
#define TRACESMITH_INLINE __forceinline
#define TRACESMITH_PREFETCH(memory) ((void)(memory))
#else
#define TRACESMITH_INLINE inline __attribute__((always_inline))
#define TRACESMITH_PREFETCH(memory) __builtin_prefetch(memory)
#endif
