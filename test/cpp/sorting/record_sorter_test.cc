#include "sorting/record_sorter.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "file_support.h"

namespace tracesmith::test {
namespace {

struct TestRecord {
  SortKey key;
  Bytes bytes;
};

constexpr size_t kUnlimited = SIZE_MAX;

// At random, but of kinds that differ: times that are nearly sorted, that few records have alone, that are
// anything, at the end of what 64 bits hold; ranks that are few or anything.
class RandomRecords {
 public:
  explicit RandomRecords(uint32_t seed) : engine_(seed) {
    time_kind_ = Below(5);
    first_time_ = time_kind_ == 4 ? UINT64_MAX - 3000 : Below(UINT64_MAX / 2);
    has_few_ranks_ = Below(2) == 0;
    max_size_ = Below(2) == 0 ? 40 : 300;
    large_rarity_ = Below(2) == 0 ? 50 : 5000;
  }

  std::vector<TestRecord> Take(size_t count) {
    std::vector<TestRecord> records;
    for (size_t i = 0; i < count; ++i) records.push_back({{Time(i), Rank()}, Content(i)});
    return records;
  }

 private:
  uint64_t Below(uint64_t limit) { return engine_() % limit; }

  uint64_t Time(size_t index) {
    switch (time_kind_) {
      case 0:
        return first_time_ + index * 10;
      case 1:
        return first_time_ + index * 10 + Below(1000);
      case 2:
        return first_time_ + Below(5);
      case 3:
        return engine_();
      default:
        return first_time_ + Below(3001);
    }
  }
  uint64_t Rank() { return has_few_ranks_ ? Below(4) : engine_(); }

  // Tells apart records of one key.
  Bytes Content(size_t index) {
    const uint64_t size = Below(large_rarity_) == 0 ? 2000 + Below(10'000) : Below(max_size_);
    Bytes bytes(static_cast<size_t>(size));
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>((index >> (8 * (i % 4))) + i);
    return bytes;
  }

  std::mt19937_64 engine_;
  uint64_t time_kind_;
  uint64_t first_time_;
  bool has_few_ranks_;
  uint64_t max_size_;
  uint64_t large_rarity_;
};

RecordSorter::Options OptionsOf(const TemporaryFolder& folder, size_t budget, bool in_background = false) {
  RecordSorter::Options options;
  options.budget = budget;
  options.spill_path = folder.Path("trace");
  options.spills_in_background = in_background;
  return options;
}

void AddAll(const std::vector<TestRecord>& records, RecordSorter* sorter) {
  size_t index = 0;
  for (const TestRecord& record : records) {
    const Bytes& bytes = record.bytes;
    // All three ways in turn: in two parts, in place, in place with more reserved than used.
    const size_t way = index++ % 3;
    if (way == 0) {
      const size_t head_size = bytes.size() / 3;
      sorter->Add(record.key, bytes.data(), head_size, bytes.data() + head_size, bytes.size() - head_size);
    } else {
      uint8_t* room = sorter->Reserve(bytes.size() + (way == 1 ? 0 : 100));
      std::copy(bytes.begin(), bytes.end(), room);
      sorter->Commit(record.key, bytes.size());
    }
  }
}

void CheckSorted(std::vector<TestRecord> records, RecordSorter* sorter) {
  std::stable_sort(records.begin(), records.end(), [](const TestRecord& a, const TestRecord& b) {
    return a.key.time != b.key.time ? a.key.time < b.key.time : a.key.rank < b.key.rank;
  });
  CHECK(sorter->Finish().ok());
  Record record;
  for (const TestRecord& expected : records) {
    CHECK(sorter->Next(&record));
    CHECK_EQ(record.key.time, expected.key.time);
    CHECK_EQ(record.key.rank, expected.key.rank);
    CHECK(Bytes(record.data, record.data + record.size) == expected.bytes);
  }
  CHECK(!sorter->Next(&record));
  CHECK(!sorter->Next(&record));
  CHECK(sorter->status().ok());
}

void CheckSorts(const std::vector<TestRecord>& records, size_t budget, bool in_background = false) {
  const TemporaryFolder folder;
  {
    RecordSorter sorter(OptionsOf(folder, budget, in_background));
    AddAll(records, &sorter);
    CheckSorted(records, &sorter);
    if (budget == kUnlimited) CHECK_EQ(sorter.spilled_bytes(), 0u);
  }
  CHECK(IsEmpty(folder));
}

TEST(SortsAsStableSortWithinAnyBudget) {
  for (uint32_t seed = 1; seed <= Rounds(20); ++seed) {
    const std::vector<TestRecord> records = RandomRecords(seed).Take(3000);
    for (const size_t budget : {size_t{1} << 10, size_t{5000}, size_t{1} << 16, size_t{300'000}, kUnlimited}) {
      for (const bool in_background : {false, true}) {
        Within("seed " + std::to_string(seed) + ", budget " + std::to_string(budget) +
                   (in_background ? ", in background" : ""),
               [&] { CheckSorts(records, budget, in_background); });
      }
    }
  }
}

TEST(SortsManyRecords) {
  for (uint32_t seed = 1; seed <= Rounds(5); ++seed) {
    Within("seed " + std::to_string(seed), [&] {
      const std::vector<TestRecord> records = RandomRecords(seed).Take(60'000);
      for (const size_t budget : {size_t{1} << 20, kUnlimited}) CheckSorts(records, budget);
    });
  }
}

TEST(EachRecordMayBeARun) {
  CheckSorts(RandomRecords(1).Take(100), 0);
  CheckSorts(RandomRecords(2).Take(1), 0);
}

TEST(NothingIsSortedToo) {
  CheckSorts({}, 0);
  CheckSorts({}, kUnlimited);
}

TEST(NoFileIsMadeForWhatFits) {
  RecordSorter::Options options;
  options.spill_path = "/a folder that is missing/";
  RecordSorter sorter(options);
  const std::vector<TestRecord> records = RandomRecords(3).Take(1000);
  AddAll(records, &sorter);
  CheckSorted(records, &sorter);
}

TEST(EqualKeysKeepTheirOrder) {
  std::vector<TestRecord> records = RandomRecords(4).Take(5000);
  for (TestRecord& record : records) record.key = {7, 7};
  for (const size_t budget : {size_t{1} << 10, size_t{1} << 16, kUnlimited}) CheckSorts(records, budget);
}

TEST(KeysMayBeAnything) {
  std::vector<TestRecord> records;
  const uint64_t values[] = {UINT64_MAX, 0, UINT64_MAX - 1, 1, uint64_t{1} << 63, (uint64_t{1} << 63) - 1};
  for (uint8_t i = 0; i < 4; ++i) {
    for (const uint64_t time : values) {
      for (const uint64_t rank : values) records.push_back({{time, rank}, {i, 2, 3}});
    }
  }
  for (const size_t budget : {size_t{0}, size_t{1} << 10, kUnlimited}) CheckSorts(records, budget);
}

TEST(RecordsMayBeLargerThanTheBudget) {
  std::vector<TestRecord> records = RandomRecords(5).Take(500);
  for (const size_t index : {3u, 4u, 200u, 499u}) {
    records[index].bytes.assign((size_t{4} << 20) + index, static_cast<uint8_t>(index));
  }
  for (const size_t budget : {size_t{1} << 16, size_t{1} << 20}) CheckSorts(records, budget);
}

// So that a caller may serialise in place and then drop what it wrote.
TEST(ReservingAddsNothing) {
  const TemporaryFolder folder;
  RecordSorter sorter(OptionsOf(folder, 4000));
  std::vector<TestRecord> records = RandomRecords(6).Take(200);
  for (const TestRecord& record : records) {
    std::memset(sorter.Reserve(1500), 1, 1500);
    AddAll({record}, &sorter);
  }
  CheckSorted(records, &sorter);
}

TEST(OnlyWhatDoesNotFitIsSpilled) {
  const TemporaryFolder folder;
  RecordSorter sorter(OptionsOf(folder, 1 << 20));
  const std::vector<TestRecord> records(10'000, {{1, 2}, Bytes(100)});
  AddAll(records, &sorter);
  CheckSorted(records, &sorter);
  // The last run stays in memory.
  constexpr uint64_t kSpilledRecord = 100 + 3 * sizeof(uint64_t);
  CHECK_EQ(sorter.spilled_bytes() % kSpilledRecord, 0u);
  CHECK(sorter.spilled_bytes() > 5000 * kSpilledRecord);
  CHECK(sorter.spilled_bytes() < 9000 * kSpilledRecord);
  CHECK(sorter.memory() > 1000 * kSpilledRecord);
  CHECK(sorter.memory() <= 1 << 20);
}

void CheckFails(RecordSorter* sorter, const std::string& code) {
  AddAll(RandomRecords(7).Take(3000), sorter);
  CHECK_EQ(sorter->Finish().code(), code);
  CHECK_EQ(sorter->status().code(), code);
  Record record;
  CHECK(!sorter->Next(&record));
}

TEST(AMissingFolderIsAnError) {
  for (const bool in_background : {false, true}) {
    const TemporaryFolder folder;
    RecordSorter::Options options = OptionsOf(folder, 10'000, in_background);
    options.spill_path = folder.Path("missing/trace");
    RecordSorter sorter(options);
    CheckFails(&sorter, "ENOENT");
  }
}

#ifndef _WIN32

TEST(NoRoomForRecordsIsAnError) {
  for (const bool in_background : {false, true}) {
    const TemporaryFolder folder;
    RecordSorter sorter(OptionsOf(folder, 10'000, in_background));
    const FileSizeLimit limit(30'000);
    CheckFails(&sorter, "EFBIG");
    CHECK(IsEmpty(folder));
  }
}

#endif

TEST(SortersMayEndAtAnyTime) {
  const TemporaryFolder folder;
  for (const bool in_background : {false, true}) {
    RecordSorter unfinished(OptionsOf(folder, 10'000, in_background));
    AddAll(RandomRecords(8).Take(1000), &unfinished);
    RecordSorter unread(OptionsOf(folder, 10'000, in_background));
    AddAll(RandomRecords(8).Take(1000), &unread);
    CHECK(unread.Finish().ok());
    Record record;
    CHECK(unread.Next(&record));
  }
  CHECK(IsEmpty(folder));
}

}  // namespace
}  // namespace tracesmith::test
