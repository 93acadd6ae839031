// Plain slices, which are looked at many at once, with one among them that is not: it is found wherever it is, and the
// others are what they were.

#include "batch/row_reader.h"

#include <cmath>
#include <functional>
#include <string>

#include "batch_builder.h"
#include "check.h"

namespace tracesmith::test {
namespace {

constexpr size_t kRows = 200;
constexpr size_t kPlaces[] = {0, 1, 63, 64, 100, 127, 128, 191, 192, kRows - 1};
constexpr uint32_t kTrack = 0;
constexpr uint32_t kCounterTrack = 1;
constexpr uint64_t kSafe = uint64_t{1} << 53;

// The batch behind one that defines the tracks and strings.
Columns Plain(EventTable& store) {
  BatchBuilder builder;
  builder.Plain("track");
  builder.Counter("counter");
  builder.Text("a");
  builder.Text("b");
  CHECK_EQ(store.Append(builder.View()).message(), "");
  builder.Take();
  for (size_t row = 0; row < kRows; ++row) builder.Slice(kTrack, 1000 + row, 2 * row, row % 2 == 0 ? "a" : "b");
  return builder.Take();
}

// Changes a row at each place in turn. An `error` is what a refusal begins with, the row left out; empty for none.
void Check(const std::string& error, const std::function<void(Columns&, size_t)>& change,
           const std::function<void(const Event&)>& check = {}) {
  for (const size_t place : kPlaces) {
    Within("row " + std::to_string(place), [&] {
      EventTable store;
      Columns batch = Plain(store);
      change(batch, place);
      const std::string message = store.Append(batch.View()).message();
      if (!error.empty()) {
        const std::string expected = error + "[" + std::to_string(place) + "]:";
        CHECK_EQ(message.substr(0, expected.size()), expected);
        CHECK_EQ(store.events().size(), 0u);
        return;
      }
      CHECK_EQ(message, "");
      CHECK_EQ(store.events().size(), kRows);
      for (size_t row = 0; row < kRows; ++row) {
        const Event& event = store.events()[row];
        if (row == place) {
          check(event);
          continue;
        }
        CHECK_EQ(event.time, 1000 + row);
        CHECK_EQ(event.length, 2 * row);
        CHECK_EQ(event.track, kTrack);
        CHECK_EQ(store.strings()[event.name], row % 2 == 0 ? "a" : "b");
        CHECK_EQ(event.category, 0u);
        CHECK_EQ(event.attr_begin, event.attr_end);
        CHECK(event.kind == RowKind::kSlice && event.channel == Channel::kNone);
      }
    });
  }
}

TEST(ABadOneIsFound) {
  for (const int kind : {0, 11, 255}) {
    Check("kind", [=](Columns& batch, size_t row) { batch.kind[row] = static_cast<uint8_t>(kind); });
  }
  Check("channel", [](Columns& batch, size_t row) { batch.channel[row] = 4; });
  for (const uint32_t beyond : {2u, 1u << 31, UINT32_MAX}) {
    Check("track", [=](Columns& batch, size_t row) { batch.track[row] = beyond; });
  }
  for (const uint32_t beyond : {5u, 1u << 31, UINT32_MAX}) {
    Check("name", [=](Columns& batch, size_t row) { batch.name[row] = beyond; });
    Check("category", [=](Columns& batch, size_t row) { batch.category[row] = beyond; });
  }
  Check("track", [](Columns& batch, size_t row) { batch.track[row] = kCounterTrack; });
  Check("attrEnd", [](Columns& batch, size_t row) { batch.attr_end[row] = 1; });
  for (const double bad : {-1.0, -5e-324, kSafe + 2.0, 1e300, double{INFINITY}, double{NAN}, -double{NAN}}) {
    Check("time", [=](Columns& batch, size_t row) { batch.time[row] = BitsOf(bad); });
    Check("extent", [=](Columns& batch, size_t row) { batch.extent[row] = BitsOf(bad); });
  }
}

TEST(AnotherGoodOneIsRead) {
  for (const double time : {0.0, -0.0, 1.0, static_cast<double>(kSafe)}) {
    Check("", [=](Columns& batch, size_t row) { batch.time[row] = BitsOf(time); },
          [=](const Event& event) { CHECK_EQ(event.time, static_cast<uint64_t>(time)); });
    Check("", [=](Columns& batch, size_t row) { batch.extent[row] = BitsOf(time); },
          [=](const Event& event) { CHECK_EQ(event.length, static_cast<uint64_t>(time)); });
  }
  Check("",
        [](Columns& batch, size_t row) {
          batch.flags[row] |= kTimeIs64Bit;
          batch.time[row] = kSafe + 1;
        },
        [](const Event& event) { CHECK_EQ(event.time, kSafe + 1); });
  Check("", [](Columns& batch, size_t row) { batch.flags[row] = 0; },
        [](const Event& event) { CHECK_EQ(event.length, kNeverEnds); });
  Check("", [](Columns& batch, size_t row) { batch.kind[row] = static_cast<uint8_t>(RowKind::kInstant); },
        [](const Event& event) { CHECK(event.kind == RowKind::kInstant); });
  Check("", [](Columns& batch, size_t row) { batch.category[row] = batch.name[row]; },
        [](const Event& event) { CHECK_EQ(event.category, event.name); });
}

}  // namespace
}  // namespace tracesmith::test
