#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tracesmith {

// The kind of a file, by the first bytes of its content.
enum class ContentKind : uint8_t {
  kEmpty,  // or only blanks
  kJson,
  kPerfettoTrace,
  kUtf16Text,
  kGzip,  // inside gzip: the outer one was inflated
  kZip,
  kZstd,
  kXz,
  kBzip2,
  kHeapProfile,  // of V8
  kHeapSnapshot,
  kFtraceText,
  kMarkup,  // HTML or XML
  kBinary,  // none of the above
  kOtherText,
};

// `head` is the result of ByteSource::Peek(). Text that begins like JSON is kJson, whatever follows. lib/input/sniff.ts
// has the same rules.
ContentKind Sniff(const uint8_t* head, size_t size);

// Describes a file that is not JSON, with the remedy if there is one: "a zip archive; unpack it first". It continues
// "FILE is ".
std::string ContentProblem(ContentKind kind, const uint8_t* head, size_t size);

}  // namespace tracesmith
