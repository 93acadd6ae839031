#include "chrome_json/event_reader.h"

namespace tracesmith {
namespace {

struct RepairReason {
  Repair repair;
  const char* reason;
};

constexpr RepairReason kRepairReasons[] = {
    {kNotFiniteNumber, "NaN or Infinity as a number"},
    {kUndefinedValue, "undefined as a value"},
    {kOddNumber, "a number that JSON does not allow"},
    {kTrailingComma, "a comma behind the last element"},
    {kInvalidEscape, "an invalid escape in a string"},
    {kLoneSurrogate, "half of a surrogate pair in a string"},
    {kControlCharacter, "a control character in a string"},
    {kInvalidUtf8, "invalid UTF-8"},
    {kArgsNoObject, "args that are no object"},
};

}  // namespace

// Room for all strings of an event of this size, so that none moves when the next one comes.
void EventReader::PrepareStrings(size_t size) {
  unescaped_.Truncate(0);
  unescaped_.Reserve(size);
}

void EventReader::NoteRepairs(const uint8_t* begin, const uint8_t* end, uint32_t repairs) {
  for (const auto& [repair, reason] : kRepairReasons) {
    if ((repairs & repair) != 0) Report(FindingCategory::kRepaired, reason, begin, end);
  }
}

void EventReader::Report(FindingCategory category, const char* reason, const uint8_t* begin, const uint8_t* end) {
  const uint64_t offset = block_->offset + static_cast<uint64_t>(begin - block_->text.begin());
  Finding* finding = findings_.Count(category, reason, offset);
  if (finding == nullptr) return;
  finding->line = block_->LineAt(begin);
  finding->excerpt = Excerpt(begin, end);
}

}  // namespace tracesmith
