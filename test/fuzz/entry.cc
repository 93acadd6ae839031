// libFuzzer's way into the target that TRACESMITH_FUZZ_TARGET names.

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    tracesmith::test::TRACESMITH_FUZZ_TARGET(data, size);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::abort();
  }
  return 0;
}
