#pragma once

#include <cstddef>
#include <cstdint>

#include "base/pod_vector.h"

namespace tracesmith {

// Writes `text` anew without what TokenIndex refuses: each byte that is no UTF-8 becomes U+FFFD, a control
// character in a string the escape that stands for it. kTextPadding spaces follow. Gives what was found, as
// bits of Repair.
uint32_t RewriteText(const uint8_t* text, size_t size, PodVector<uint8_t>* rewritten);

}  // namespace tracesmith
