#include <string>
#include <vector>

#include "check.h"
#include "fuzz_input.h"
#include "json_support.h"
#include "targets.h"

namespace tracesmith::test {
namespace {

constexpr size_t kSmallestLimit = 1024;

void CheckSameText(const ReadText& actual, const ReadText& expected) {
  CHECK_EQ(Join(actual.events), Join(expected.events));
  CHECK(actual.offsets == expected.offsets);
  CHECK_EQ(Join(actual.values), Join(expected.values));
  CHECK_EQ(Join(actual.findings), Join(expected.findings));
}

}  // namespace

void FuzzEventText(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  Portions portions;
  portions.block_size = size_t{1} + input.Word() % 8192;
  portions.piece_size = size_t{1} + input.Byte();
  const std::vector<uint8_t> bytes = input.Rest();
  const std::string_view text = TextOf(bytes);
  CheckSameText(ReadEvents(text, portions), ReadEvents(text));

  TextScanner::Options options = OptionsOf(Portions());
  options.event_limit = kSmallestLimit;
  options.values_limit = kSmallestLimit;
  const ReadText expected = ScanText(text, options);
  options.block_size = portions.block_size;
  CheckSameText(ScanText(text, options, portions.piece_size), expected);
}

}  // namespace tracesmith::test
