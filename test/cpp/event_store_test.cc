// Batches that no honest caller sends: refused with a message that names the column, and forgotten.

#include "encoder/event_store.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "batch_builder.h"
#include "check.h"
#include "decoded_trace.h"
#include "encoder/trace_encoder.h"

namespace tracesmith::test {
namespace {

constexpr uint64_t kEndOfTime = uint64_t{1} << 63;

std::vector<uint8_t> Encoded(const std::vector<Columns>& good) {
  TraceEncoder encoder;
  for (const Columns& batch : good) CHECK_EQ(encoder.Append(batch.View()).message(), "");
  encoder.Encode();
  std::vector<uint8_t> bytes(encoder.size());
  CHECK_EQ(encoder.Read(0, bytes.data(), bytes.size()), bytes.size());
  return bytes;
}

// One row of each kind, behind the tracks of Tracks(): 0 a plain track, 1 a counter.
constexpr size_t kSliceRow = 0, kInstantRow = 1, kCounterRow = 2, kTrackRow = 3, kLastRow = 3;
// The slice's attributes, then the instant's.
constexpr size_t kText = 0, kDict = 1, kInner = 2, kEnd = 3, kLaunchAttr = 4, kStack = 5, kBool = 6, kInt = 7;
constexpr size_t kDouble = 8, kUint = 9, kPointer = 10;

struct Fixture {
  BatchBuilder builder;
  std::vector<Columns> good;

  Fixture() {
    builder.Plain("track");
    builder.Counter("counter");
    builder.Instant(0, 5, "already there", "category").TextArg("key", "text");
    good.push_back(builder.Take());
  }

  // A good batch, fit to come next.
  Columns Next() {
    builder.Slice(0, 10, 20, "slice", "new category").TextArg("key", "new text");
    builder.BeginDict("dict").Int("inner", 1).End();
    builder.LaunchArg(Launch()).Stack({{"function", "file.py", 3, 0x1234}}).Bool("bool", true).Int("int", -4);
    builder.Instant(0, 15, "instant").Double("double", 0.5).Uint("uint", 7).Pointer("pointer", 0x1000);
    builder.Sample(1, 12, 1.5);
    builder.Plain("later track", 0);
    return builder.Take();
  }
};

using Change = std::function<void(Columns&)>;

// Refuses the changed batch with `message` in front, and is as if it had not come.
void CheckRefused(const std::string& message, const Change& change) {
  Within("with the column " + message, [&] {
    Fixture fixture;
    const Columns next = fixture.Next();
    Columns bad = next;
    change(bad);

    EventStore store;
    CHECK_EQ(store.Append(fixture.good[0].View()).message(), "");
    const Status status = store.Append(bad.View());
    CHECK_EQ(status.message().substr(0, message.size()), message);
    CHECK_EQ(store.events().size(), 1u);
    CHECK_EQ(store.attrs().size(), 1u);
    CHECK_EQ(store.tracks().size(), 2u);
    CHECK_EQ(store.strings().size(), fixture.good[0].text_end.size());
    CHECK_EQ(store.Append(next.View()).message(), "");
    CHECK_EQ(store.events().size(), 4u);

    // Whatever the bad batch left behind must not show.
    fixture.good.push_back(next);
    TraceEncoder encoder;
    CHECK_EQ(encoder.Append(fixture.good[0].View()).message(), "");
    CHECK(!encoder.Append(bad.View()).ok());
    CHECK_EQ(encoder.Append(next.View()).message(), "");
    encoder.Encode();
    std::vector<uint8_t> bytes(encoder.size());
    encoder.Read(0, bytes.data(), bytes.size());
    CHECK(bytes == Encoded(fixture.good));
  });
}

// `expected` is a column and a place, as messages begin.
template <typename T>
void CheckRefused(const std::string& expected, std::vector<T> Columns::*column, size_t index, T value) {
  CheckRefused(expected, [&](Columns& batch) { (batch.*column)[index] = value; });
}

void CheckTaken(const Change& change) {
  Fixture fixture;
  Columns next = fixture.Next();
  change(next);
  fixture.good.push_back(next);
  DecodeTrace(Encoded(fixture.good));
}

uint64_t Bits(double value) { return BatchBuilder::Bits(value); }

TEST(KindsAndChannels) {
  for (const uint8_t kind : std::vector<uint8_t>{0, 8, 255}) CheckRefused<uint8_t>("kind[1]:", &Columns::kind, kInstantRow, kind);
  for (const uint8_t channel : std::vector<uint8_t>{4, 255}) {
    CheckRefused<uint8_t>("channel[0]:", &Columns::channel, kSliceRow, channel);
  }
  for (const uint8_t kind : std::vector<uint8_t>{0, 5, 255}) CheckRefused<uint8_t>("channel[3]:", &Columns::channel, kTrackRow, kind);
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
  // Ids start at 1; the fixture's first batch has six strings.
  const auto beyond = [](const Columns& batch) { return static_cast<uint32_t>(6 + batch.text_end.size() + 1); };
  CheckRefused("name[0]:", [&](Columns& batch) { batch.name[kSliceRow] = beyond(batch); });
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
  CheckRefused("textEnd[", [](Columns& batch) { batch.text_bytes.resize(batch.text_bytes.size() - 1); });
  CheckRefused("textEnd[0]:", [](Columns& batch) { batch.text_bytes.clear(); });
  // Strings that rows name but the batch does not bring.
  CheckRefused("name[0]:", [](Columns& batch) { batch.text_end.clear(); });
}

TEST(AttributesWhoseEndsAreWrong) {
  CheckRefused<uint32_t>("attrEnd[1]:", &Columns::attr_end, kInstantRow, 7);
  CheckRefused<uint32_t>("attrEnd[0]:", &Columns::attr_end, kSliceRow, 1000);
  CheckRefused<uint32_t>("attrEnd[3]:", &Columns::attr_end, kLastRow, UINT32_MAX);
  CheckRefused("attrEnd[", [](Columns& batch) {
    batch.attr_head.pop_back();
    batch.attr_value.pop_back();
  });
}

TEST(AttributeTypes) {
  for (const uint32_t type : {0u, 15u, 16u, 31u}) {
    CheckRefused("attrHead[7]:", [&](Columns& batch) {
      batch.attr_head[kInt] = (batch.attr_head[kInt] >> kKeyShift << kKeyShift) | type;
    });
  }
}

TEST(ObjectsThatDoNotClose) {
  const auto type = [](AttrType value) { return static_cast<uint32_t>(value); };
  CheckRefused<uint32_t>("attrHead[1]:", &Columns::attr_head, kDict, type(AttrType::kEnd));
  CheckRefused<uint32_t>("attrEnd[", &Columns::attr_head, kEnd, type(AttrType::kDict));
  CheckRefused<uint32_t>("attrEnd[", &Columns::attr_head, kInner, type(AttrType::kArray));
  // Opened in one row, closed in the next.
  CheckRefused<uint32_t>("attrEnd[", &Columns::attr_end, kSliceRow, kInner);
  // In a track's properties too.
  CheckRefused("attr", [&](Columns& batch) {
    batch.attr_head.push_back(type(AttrType::kArray));
    batch.attr_value.push_back(0);
    ++batch.attr_end[kTrackRow];
  });
}

TEST(ObjectsThatAreTooDeep) {
  const auto with_depth = [](size_t depth) {
    return [depth](Columns& batch) {
      for (const auto type : {AttrType::kArray, AttrType::kEnd}) {
        batch.attr_head.insert(batch.attr_head.end(), depth, static_cast<uint32_t>(type));
        batch.attr_value.insert(batch.attr_value.end(), depth, 0);
      }
      // To the counter: the track's own attributes would be properties.
      for (size_t row = kCounterRow; row <= kLastRow; ++row) batch.attr_end[row] += static_cast<uint32_t>(2 * depth);
    };
  };
  CheckTaken(with_depth(kMaxArgDepth));
  CheckRefused("attrHead[", with_depth(kMaxArgDepth + 1));
  CheckRefused("attrHead[", with_depth(100'000));
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
  CheckRefused<uint8_t>("flags[0]:", &Columns::flags, kSliceRow, 0);
}

TEST(NumbersThatDoNotFitTheirType) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {std::nan(""), infinity, -infinity, 1e300, 9007199254740994.0, -9007199254740994.0}) {
    CheckRefused<uint64_t>("attrValue[7]:", &Columns::attr_value, kInt, Bits(value));
  }
  for (const double value : {std::nan(""), -1.0, 1e300}) {
    CheckRefused<uint64_t>("attrValue[10]:", &Columns::attr_value, kPointer, Bits(value));
    CheckRefused("attrValue[9]:", [&](Columns& batch) {
      batch.attr_head[kUint] &= ~static_cast<uint32_t>(kIs64Bit);
      batch.attr_value[kUint] = Bits(value);
    });
  }
  for (const double value : {2.0, -1.0, std::nan("")}) {
    CheckRefused<uint64_t>("attrValue[6]:", &Columns::attr_value, kBool, Bits(value));
  }
  for (const double value : {std::nan(""), infinity}) {
    CheckTaken([&](Columns& batch) { batch.attr_value[kDouble] = Bits(value); });
  }
}

TEST(WordsThatAreNotThere) {
  for (const size_t attr : {kLaunchAttr, kStack}) {
    const std::string column = "attrValue[" + std::to_string(attr) + "]:";
    for (const double offset : {-1.0, 1e15, 4294967296.0, std::nan("")}) {
      CheckRefused<uint64_t>(column, &Columns::attr_value, attr, Bits(offset));
    }
    for (const uint64_t offset : {uint64_t{15}, UINT64_MAX, UINT64_MAX - 8, kEndOfTime}) {
      CheckRefused(column, [&](Columns& batch) {
        batch.attr_head[attr] |= kIs64Bit;
        batch.attr_value[attr] = offset;
      });
    }
    CheckRefused("attrValue[4]:", [](Columns& batch) { batch.word.clear(); });
  }
  // The launch is words 0 to 8, the call stack 9 to 14: its count, function, file, line, address.
  for (uint64_t offset = 7; offset < 20; ++offset) {
    CheckRefused<uint64_t>("attrValue[4]:", &Columns::attr_value, kLaunchAttr, Bits(static_cast<double>(offset)));
  }
  for (const uint32_t count : {2u, 858'993'460u, UINT32_MAX}) {
    CheckRefused<uint32_t>("attrValue[5]:", &Columns::word, 9, count);
  }
  for (const size_t name : {size_t{10}, size_t{11}}) {
    CheckRefused<uint32_t>("attrValue[5]:", &Columns::word, name, 1000);
    CheckRefused<uint32_t>("attrValue[5]:", &Columns::word, name, UINT32_MAX);
  }
  CheckRefused("attrValue[5]:", [](Columns& batch) { batch.word.pop_back(); });
}

TEST(AnEmptyBatchIsGood) {
  EventStore store;
  CHECK_EQ(store.Append(BatchView()).message(), "");
  store.Expect(1000);
  CHECK_EQ(store.Append(BatchView()).message(), "");
  CHECK_EQ(store.events().size(), 0u);
}

TEST(WhatIsExpectedIsNotTrusted) {
  EventStore store;
  store.Expect(SIZE_MAX);
  Fixture fixture;
  CHECK_EQ(store.Append(fixture.good[0].View()).message(), "");
  CHECK_EQ(store.events().size(), 1u);
}

}  // namespace
}  // namespace tracesmith::test
