#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tracesmith {

// What became of a part of the text that is not as it should be.
enum class FindingCategory : uint8_t {
  kRepaired,  // an event that was read, but not as it was written
  kDropped,   // an event that could not be read
  kIgnored,   // text that stands where an event should
  kDamaged,   // the text around the events
};

const char* NameOf(FindingCategory category);

struct Finding {
  FindingCategory category;
  const char* reason;  // a literal
  uint64_t count;
  // Of the first case: byte in the text behind decompression, line from 1, and how the text begins.
  uint64_t offset;
  uint64_t line;
  std::string excerpt;
};

// Findings of one kind are counted and only the first is kept, so that a file of nothing but damage
// takes no memory.
class Findings {
 public:
  // Counts one more case. `reason` must be a literal. Gives the finding where this is its first case,
  // and the caller fills in line and excerpt; else null.
  Finding* Count(FindingCategory category, const char* reason, uint64_t offset);

  // Adds what another reader of the same text found.
  void Merge(const Findings& other);

  // In the order of their first cases.
  std::vector<Finding> list() const;
  bool empty() const { return findings_.empty(); }

 private:
  Finding* Find(FindingCategory category, const char* reason);

  std::vector<Finding> findings_;
};

// How the text begins: at most 80 bytes of one line, printable, in valid UTF-8.
std::string Excerpt(const uint8_t* begin, const uint8_t* end);

}  // namespace tracesmith
