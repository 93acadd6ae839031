#include "chrome_json/findings.h"

#include <algorithm>
#include <cstring>

#include "base/utf8.h"

namespace tracesmith {
namespace {

constexpr size_t kExcerptSize = 80;

}  // namespace

Finding* Findings::Find(FindingCategory category, const char* reason) {
  for (Finding& finding : findings_) {
    if (finding.category == category && std::strcmp(finding.reason, reason) == 0) return &finding;
  }
  return nullptr;
}

Finding* Findings::Count(FindingCategory category, const char* reason, uint64_t offset) {
  if (Finding* known = Find(category, reason)) {
    ++known->count;
    return nullptr;
  }
  findings_.push_back({category, reason, 1, offset, 0, ""});
  return &findings_.back();
}

void Findings::Merge(const Findings& other) {
  for (const Finding& finding : other.findings_) {
    Finding* known = Find(finding.category, finding.reason);
    if (known == nullptr) {
      findings_.push_back(finding);
      continue;
    }
    const uint64_t count = known->count + finding.count;
    if (finding.offset < known->offset) *known = finding;
    known->count = count;
  }
}

std::vector<Finding> Findings::list() const {
  std::vector<Finding> sorted = findings_;
  std::sort(sorted.begin(), sorted.end(), [](const Finding& a, const Finding& b) {
    if (a.offset != b.offset) return a.offset < b.offset;
    if (a.category != b.category) return a.category < b.category;
    return std::strcmp(a.reason, b.reason) < 0;
  });
  return sorted;
}

std::string Excerpt(const uint8_t* begin, const uint8_t* end) {
  std::string excerpt;
  const uint8_t* limit = begin + std::min(kExcerptSize, static_cast<size_t>(end - begin));
  for (const uint8_t* at = begin; at != limit;) {
    const size_t length = Utf8Length(at, limit);
    if (length == 0) {
      // Leaves out a character that the limit cuts.
      if (limit != end && Utf8Length(at, end) != 0) break;
      excerpt += '?';
      ++at;
    } else if (length == 1) {
      excerpt += *at < 0x20 || *at == 0x7f ? ' ' : static_cast<char>(*at);
      ++at;
    } else {
      excerpt.append(reinterpret_cast<const char*>(at), length);
      at += length;
    }
  }
  return excerpt;
}

}  // namespace tracesmith
