// Rows and strings that no honest caller sends: refused, and forgotten.

#include "order/event_table.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "check.h"
#include "refused_batch.h"

namespace tracesmith::test {
namespace {

TEST(KindsAndChannels) {
  for (const uint8_t kind : std::vector<uint8_t>{0, 11, 255}) {
    CheckRefused<uint8_t>("kind[1]:", &Columns::kind, kInstantRow, kind);
  }
  for (const uint8_t channel : std::vector<uint8_t>{4, 255}) {
    CheckRefused<uint8_t>("channel[0]:", &Columns::channel, kSliceRow, channel);
  }
  for (const uint8_t kind : std::vector<uint8_t>{0, 5, 255}) {
    CheckRefused<uint8_t>("channel[3]:", &Columns::channel, kTrackRow, kind);
  }
}

TEST(TracksThatAreNotThere) {
  for (const uint32_t track : {2u, 3u, UINT32_MAX}) {
    CheckRefused<uint32_t>("track[0]:", &Columns::track, kSliceRow, track);
  }
  // Definitions count on: 2 comes next.
  for (const uint32_t track : {0u, 1u, 3u, UINT32_MAX}) {
    CheckRefused<uint32_t>("track[3]:", &Columns::track, kTrackRow, track);
  }
  // Its parent's number plus one: a track is not its own parent, nor is one that comes later.
  for (const uint32_t parent : {3u, 4u, UINT32_MAX}) {
    CheckRefused<uint32_t>("category[3]:", &Columns::category, kTrackRow, parent);
  }
}

TEST(CountersAndSlicesOnEachOthersTracks) {
  CheckRefused<uint32_t>("track[0]:", &Columns::track, kSliceRow, 1);
  CheckRefused<uint32_t>("track[1]:", &Columns::track, kInstantRow, 1);
  CheckRefused<uint32_t>("track[2]:", &Columns::track, kCounterRow, 0);
}

TEST(StringsThatAreNotThere) {
  CheckTaken([](Columns& batch) { batch.name[kSliceRow] = batch.category[kSliceRow] = Beyond(batch) - 1; });
  CheckRefused("name[0]:", [](Columns& batch) { batch.name[kSliceRow] = Beyond(batch); });
  CheckRefused("name[3]:", [&](Columns& batch) { batch.name[kTrackRow] = Beyond(batch); });
  CheckRefused("category[1]:", [&](Columns& batch) { batch.category[kInstantRow] = Beyond(batch); });
  CheckRefused("attrHead[0]:", [&](Columns& batch) {
    batch.attr_head[kText] = Beyond(batch) << kKeyShift | static_cast<uint32_t>(AttrType::kText);
  });
  CheckRefused("attrValue[0]:", [&](Columns& batch) { batch.attr_value[kText] = Bits(Beyond(batch)); });
  CheckRefused("name[3]:", [&](Columns& batch) { batch.name[kTrackRow] = UINT32_MAX; });
  CheckRefused("category[1]:", [&](Columns& batch) { batch.category[kInstantRow] = UINT32_MAX; });
  CheckRefused("attrHead[0]:", [&](Columns& batch) { batch.attr_head[kText] |= UINT32_MAX << kKeyShift; });
  CheckRefused("attrHead[3]:", [&](Columns& batch) { batch.attr_head[kEnd] |= UINT32_MAX << kKeyShift; });
  for (const double id : {0.0, -1.0, 1000.0, 1e300, std::nan("")}) {
    CheckRefused<uint64_t>("attrValue[0]:", &Columns::attr_value, kText, Bits(id));
  }
  CheckRefused("attrValue[0]:", [&](Columns& batch) {
    batch.attr_head[kText] |= kIs64Bit;
    batch.attr_value[kText] = (uint64_t{1} << 32) + 1;  // 1 where it is cut to 32 bits
  });
}

TEST(StringsWhoseEndsAreWrong) {
  CheckRefused<uint32_t>("textEnd[1]:", &Columns::text_end, 1, 0);  // before the end of the first
  CheckRefused("textEnd[1]:", [](Columns& batch) { batch.text_end[0] = batch.text_end[1] + 1; });
  CheckRefused<uint32_t>("textEnd[0]:", &Columns::text_end, 0, 1000);
  CheckRefused<uint32_t>("textEnd[0]:", &Columns::text_end, 0, UINT32_MAX);
  CheckRefused("textEnd[", [](Columns& batch) { batch.text_bytes.pop_back(); });
  CheckRefused("textEnd[0]:", [](Columns& batch) { batch.text_bytes.clear(); });
  // Strings that rows name, their arguments first, but the batch does not bring.
  CheckRefused("attrValue[0]:", [](Columns& batch) { batch.text_end.clear(); });
}

TEST(TimesThatAreNone) {
  const double bad[] = {std::nan(""), -1.0, -1e300, 1e300, 9007199254740994.0, std::numeric_limits<double>::infinity(),
                        -std::numeric_limits<double>::infinity(), -5e-324};
  for (const double time : bad) {
    for (const size_t row : {kSliceRow, kInstantRow, kCounterRow, kTrackRow}) {
      CheckRefused("time[" + std::to_string(row) + "]:", [&](Columns& batch) {
        batch.flags[row] &= static_cast<uint8_t>(~kTimeIs64Bit);
        batch.time[row] = Bits(time);
      });
    }
  }
  for (const uint64_t time : {kEndOfTime, UINT64_MAX}) {
    for (const size_t row : {kSliceRow, kInstantRow, kCounterRow}) {
      CheckRefused("time[" + std::to_string(row) + "]:", [&](Columns& batch) {
        batch.flags[row] |= kTimeIs64Bit;
        batch.time[row] = time;
      });
    }
  }
  // The uuid of a track is any 64 bits.
  CheckTaken([](Columns& batch) {
    batch.flags[kTrackRow] |= kTimeIs64Bit;
    batch.time[kTrackRow] = UINT64_MAX;
  });
}

TEST(LengthsThatAreNone) {
  for (const double length : {std::nan(""), -1.0, 1e300, 9007199254740994.0}) {
    CheckRefused<uint64_t>("extent[0]:", &Columns::extent, kSliceRow, Bits(length));
  }
  const auto with_length = [](uint64_t length) {
    return [length](Columns& batch) {
      batch.flags[kSliceRow] |= kExtentIs64Bit;
      batch.extent[kSliceRow] = length;
    };
  };
  CheckTaken(with_length(kEndOfTime - 11));  // it starts at 10
  for (const uint64_t length : {kEndOfTime - 10, kEndOfTime, UINT64_MAX - 10, UINT64_MAX - 9, UINT64_MAX}) {
    CheckRefused("extent[0]:", with_length(length));
  }
  // An instant may have one, so that has to be a good one.
  CheckRefused("extent[1]:", [](Columns& batch) {
    batch.flags[kInstantRow] |= kHasExtent;
    batch.extent[kInstantRow] = Bits(-1);
  });
  // A slice without one never ends.
  CheckTaken([](Columns& batch) { batch.flags[kSliceRow] = 0; });
}

TEST(AnEmptyBatchIsGood) {
  EventTable store;
  CHECK_EQ(store.Append(BatchView()).message(), "");
  store.Expect(1000);
  CHECK_EQ(store.Append(BatchView()).message(), "");
  CHECK_EQ(store.events().size(), 0u);
}

TEST(WhatIsExpectedIsNotTrusted) {
  EventTable store;
  store.Expect(SIZE_MAX);
  CHECK_EQ(store.Append(BatchSequence().first.View()).message(), "");
  CHECK_EQ(store.events().size(), 1u);
}

}  // namespace
}  // namespace tracesmith::test
