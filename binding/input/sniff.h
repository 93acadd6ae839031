#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tracesmith {

// What a file is, by the first bytes of its content.
enum class ContentKind : uint8_t {
  kEmpty,  // or nothing but blanks
  kJson,
  kPerfettoTrace,
  kUtf16Text,
  kGzip,  // inside gzip, since the outer one is inflated before
  kZip,
  kZstd,
  kXz,
  kBzip2,
  kMarkup,  // HTML or XML
  kBinary,  // none of the above
  kOtherText,
};

// `head` is what ByteSource::Peek() shows. Only the beginning is looked at: text that begins like JSON
// is kJson, whatever follows. lib/input/sniff.ts tells JSON and Perfetto traces apart by the same rule.
ContentKind Sniff(const uint8_t* head, size_t size);

// What to say of a file that is not JSON: what it is, and the remedy where there is one, as in
// "a zip archive; unpack it first". It continues "FILE is ".
std::string ContentProblem(ContentKind kind, const uint8_t* head, size_t size);

}  // namespace tracesmith
