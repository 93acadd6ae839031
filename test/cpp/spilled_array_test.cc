#include "sorting/spilled_array.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "file_support.h"

namespace tracesmith::test {
namespace {

void CheckValues(const std::vector<uint64_t>& expected, SpilledArray* array) {
  CHECK_EQ(array->size(), expected.size());
  uint64_t value;
  for (const uint64_t number : expected) {
    CHECK(array->Next(&value));
    CHECK_EQ(value, number);
  }
  CHECK(!array->Next(&value));
  CHECK(!array->Next(&value));
  CHECK(array->status().ok());
}

TEST(GivesWhatWasSetLast) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    for (const size_t budget : {0, 24, 1000, 64'000, 1 << 20}) {
      Within("seed " + std::to_string(seed) + ", budget " + std::to_string(budget), [&] {
        std::mt19937_64 random(seed);
        const TemporaryFolder folder;
        {
          SpilledArray array(folder.Path("trace"), budget);
          std::vector<uint64_t> values;
          const size_t count = random() % 30'000;
          while (values.size() < count) {
            values.push_back(random());
            CHECK_EQ(array.Append(values.back()), values.size() - 1);
            if (random() % 4 != 0) continue;
            // Near the end mostly, as where slices end soon after they began.
            const size_t reach = random() % 8 == 0 ? values.size() : std::min<size_t>(values.size(), 50);
            const size_t index = values.size() - 1 - random() % reach;
            values[index] = random();
            array.Set(index, values[index]);
          }
          CheckValues(values, &array);
        }
        CHECK(IsEmpty(folder));
      });
    }
  }
}

TEST(NothingIsReadToo) {
  SpilledArray array("missing/trace");
  CheckValues({}, &array);
}

TEST(NoFileIsMadeForWhatFits) {
  SpilledArray array("missing/trace", 8000);
  std::vector<uint64_t> values(1000, UINT64_MAX);
  for (const uint64_t value : values) array.Append(value);
  array.Set(0, values[0] = 5);
  array.Set(999, values[999] = 6);
  CheckValues(values, &array);
}

void CheckFails(SpilledArray* array, const std::string& code) {
  for (uint64_t i = 0; i < 10'000; ++i) CHECK_EQ(array->Append(i), i);
  array->Set(0, 1);
  array->Set(9999, 1);
  CHECK_EQ(array->size(), 10'000u);
  CHECK_EQ(array->status().code(), code);
  uint64_t value;
  CHECK(!array->Next(&value));
}

TEST(AMissingFolderIsAnError) {
  const TemporaryFolder folder;
  SpilledArray array(folder.Path("missing/trace"), 8000);
  CheckFails(&array, "ENOENT");
}

#ifndef _WIN32

TEST(NoRoomIsAnError) {
  const TemporaryFolder folder;
  SpilledArray array(folder.Path("trace"), 8000);
  const FileSizeLimit limit(30'000);
  CheckFails(&array, "EFBIG");
}

#endif

}  // namespace
}  // namespace tracesmith::test
