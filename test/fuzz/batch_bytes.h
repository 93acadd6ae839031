#pragma once

#include <cstdint>
#include <vector>

#include "batch_builder.h"
#include "fuzz_input.h"

// Batches as bytes of a fuzzer: counts, then the columns.
namespace tracesmith::test {

Columns ReadBatch(FuzzInput* input);
// What ReadBatch() reads; no count may be above 65,535.
void WriteBatch(const Columns& batch, std::vector<uint8_t>* bytes);

}  // namespace tracesmith::test
