#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tracesmith {

// The consequence of text that is not as it should be.
enum class FindingCategory : uint8_t {
  kRepaired,  // an event was read, but not as it is written
  kDropped,   // an event could not be read
  kIgnored,   // text stands in the place of an event, or an event has no place on a timeline
  kDamaged,   // the text around the events is wrong
};

inline const char* NameOf(FindingCategory category) {
  constexpr const char* kNames[] = {"repaired", "dropped", "ignored", "damaged"};
  return kNames[static_cast<size_t>(category)];
}

struct Finding {
  FindingCategory category;
  const char* reason;  // a literal
  uint64_t count;
  // Of the first case: byte in the decompressed text, line from 1, and the beginning of the text.
  uint64_t offset;
  uint64_t line;
  std::string excerpt;
};

// Problem: a file may consist of nothing but damage, whose description must not fill the memory. Findings counts the
// cases of each category and reason and keeps the first.
//
// It promises a list that does not depend on the order in which readers of the same text are merged. One thread at a
// time may use it.
class Findings {
 public:
  // Counts one more case. `reason` must be a literal. Returns the finding if this is its first case, whose line and
  // excerpt the caller must fill in; else null.
  Finding* Count(FindingCategory category, const char* reason, uint64_t offset);

  // Adds the findings of another reader of the same text.
  void Merge(const Findings& other);

  // In the order of their first cases.
  std::vector<Finding> list() const;
  bool empty() const { return findings_.empty(); }

 private:
  Finding* Find(FindingCategory category, const char* reason);

  std::vector<Finding> findings_;
};

// Returns the beginning of the text: at most 80 bytes, printable, in one line of valid UTF-8.
std::string Excerpt(const uint8_t* begin, const uint8_t* end);

}  // namespace tracesmith
