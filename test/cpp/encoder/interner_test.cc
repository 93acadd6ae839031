#include "encoder/interner.h"

#include <string>
#include <vector>

#include "check.h"

namespace tracesmith::test {
namespace {

std::string Pending(Interner& interner) {
  std::string text;
  for (const Interner::Entry& entry : interner.TakePending()) text += std::to_string(entry.iid) + entry.text + " ";
  return text;
}

TEST(IidsCountFromOneInTheOrderOfUse) {
  Interner interner;
  CHECK(!interner.has_pending());
  CHECK_EQ(interner.IidOf(9, "nine"), 1u);
  CHECK_EQ(interner.IidOf(2, "two"), 2u);
  CHECK_EQ(interner.IidOf(9, "nine"), 1u);
  CHECK(interner.has_pending());
  CHECK_EQ(Pending(interner), "1nine 2two ");
}

// A reader keeps what it was told: telling it twice is an error, not telling it loses the string.
TEST(EachEntryIsPendingOnce) {
  Interner interner;
  interner.IidOf(1, "one");
  CHECK_EQ(Pending(interner), "1one ");
  CHECK(!interner.has_pending());
  CHECK_EQ(interner.IidOf(1, "one"), 1u);
  CHECK(!interner.has_pending());
  CHECK_EQ(interner.IidOf(3, "three"), 2u);
  CHECK_EQ(Pending(interner), "2three ");
}

TEST(AStringThatOccursOnceIsNotInterned) {
  Interner interner;
  CHECK_EQ(interner.IidAfterFirstUse(5, "five"), 0u);
  CHECK(!interner.has_pending());
  CHECK_EQ(interner.IidAfterFirstUse(6, "six"), 0u);
  CHECK_EQ(interner.IidAfterFirstUse(6, "six"), 1u);
  CHECK_EQ(interner.IidAfterFirstUse(5, "five"), 2u);
  CHECK_EQ(interner.IidAfterFirstUse(5, "five"), 2u);
  CHECK_EQ(Pending(interner), "1six 2five ");
}

TEST(StringsOutsideTheTableShareTheCount) {
  Interner interner;
  CHECK_EQ(interner.Add("grid_dim"), 1u);
  CHECK_EQ(interner.IidOf(1, "grid_dim"), 2u);
  CHECK_EQ(interner.Add("block_dim"), 3u);
  CHECK_EQ(Pending(interner), "1grid_dim 2grid_dim 3block_dim ");
}

TEST(BothWaysOfAskingAgree) {
  Interner interner;
  CHECK_EQ(interner.IidAfterFirstUse(4, "four"), 0u);
  CHECK_EQ(interner.IidOf(4, "four"), 1u);
  CHECK_EQ(interner.IidAfterFirstUse(4, "four"), 1u);
  CHECK_EQ(interner.IidOf(7, "seven"), 2u);
  CHECK_EQ(interner.IidAfterFirstUse(7, "seven"), 2u);
}

// The table grows in steps; an id at the end of a step is no special one.
TEST(EveryIdHasItsOwnIid) {
  Interner interner;
  for (uint32_t id = 1; id <= 5000; ++id) CHECK_EQ(interner.IidOf(id, "text"), id);
  CHECK_EQ(interner.IidOf(1'000'000, "far"), 5001u);
  for (uint32_t id = 1; id <= 5000; ++id) CHECK_EQ(interner.IidOf(id, "text"), id);
}

// Texts are kept by the interner: the table may move before they are written.
TEST(TextsAreCopied) {
  Interner interner;
  std::string text = "long enough to lie outside of the string object";
  interner.IidOf(1, text);
  text.assign(text.size(), '#');
  CHECK_EQ(Pending(interner), "1long enough to lie outside of the string object ");
}

}  // namespace
}  // namespace tracesmith::test
