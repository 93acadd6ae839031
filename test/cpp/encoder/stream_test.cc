// Streams: what a reader makes of them must be what came, whatever the window, and what comes within the
// window must be as sorted.

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "batch_builder.h"
#include "check.h"
#include "decoded_trace.h"
#include "encoded_trace.h"

namespace tracesmith::test {
namespace {

// Encodes batches as they come.
class Stream {
 public:
  explicit Stream(size_t window) : trace_(window) {}

  void Append(const Columns& batch) { CHECK_EQ(trace_.encoder.Append(batch.View()).message(), ""); }
  void FlushWindow() { trace_.encoder.FlushWindow(); }
  void Flush() { trace_.encoder.Flush(); }
  void BeginAnew() { trace_.encoder.BeginAnew(); }
  const TimelineCounts& Finish() {
    trace_.encoder.Finish();
    return trace_.encoder.counts();
  }
  std::vector<uint8_t> bytes() const { return BytesOf(trace_.memory); }
  DecodedTrace Decode() const { return DecodeTrace(bytes()); }

 private:
  StreamTrace trace_;
};

struct Span {
  uint64_t begin = 0;
  uint64_t end = UINT64_MAX;  // none

  bool operator==(const Span& other) const { return begin == other.begin && end == other.end; }
};

std::ostream& operator<<(std::ostream& out, const Span& span) { return out << span.begin << " to " << span.end; }

// What trace_processor does with the begins and ends of a track: the latest begin takes the next end.
std::map<std::string, Span> ReadSlices(const DecodedTrace& trace) {
  std::vector<const DecodedEvent*> events;
  for (const DecodedEvent& event : trace.events) events.push_back(&event);
  std::stable_sort(events.begin(), events.end(), [](const auto* a, const auto* b) { return a->time < b->time; });
  std::map<std::string, Span> slices;
  std::vector<std::vector<std::string>> open(trace.tracks.size());
  for (const DecodedEvent* event : events) {
    auto& stack = open[event->track];
    if (event->type == DecodedEvent::Type::kSliceBegin) {
      CHECK(slices.emplace(event->name, Span{event->time}).second);
      // An End brings the name of its slice as an argument; it joins the begin if it came in time.
      if (!event->arguments.empty() && event->arguments[0].name == "ends") CHECK_EQ(event->arguments[0].text, event->name);
      stack.push_back(event->name);
      CHECK(stack.size() <= 512);
    } else if (event->type == DecodedEvent::Type::kSliceEnd) {
      CHECK(!stack.empty());
      Span& slice = slices[stack.back()];
      slice.end = event->time;
      if (!event->arguments.empty()) CHECK_EQ(event->arguments[0].text, stack.back());
      stack.pop_back();
    }
  }
  return slices;
}

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  uint64_t Below(uint64_t limit) { return engine_() % limit; }
  bool OneIn(uint64_t times) { return Below(times) == 0; }

 private:
  std::mt19937_64 engine_;
};

// Slices, begins, ends and instants in any order, with flushes between them; slices and instants in the order of time
// before that.
void CheckSound(uint32_t seed) {
  Random random(seed);
  const size_t window = 1 + random.Below(20);
  const size_t first_disorder = random.OneIn(2) ? 0 : random.Below(200);
  const uint64_t times = random.OneIn(2) ? 40 : 400;
  BatchBuilder builder;
  std::vector<uint32_t> tracks;
  for (int i = 0; i < 2; ++i) tracks.push_back(builder.Plain("track " + std::to_string(i)));
  std::map<std::string, Span> expected;
  std::vector<std::vector<std::string>> open(tracks.size());
  std::vector<uint64_t> last(tracks.size(), 0);
  Stream stream(window);
  uint64_t ordered_time = 0;
  for (size_t row = 0; row < 120; ++row) {
    const std::string name = "row " + std::to_string(row);
    const uint32_t track = static_cast<uint32_t>(random.Below(tracks.size()));
    const bool is_ordered = row < first_disorder;
    if (is_ordered) ordered_time += random.Below(3);
    switch (is_ordered ? 3 + random.Below(5) : random.Below(8)) {
      case 0:
        last[track] += random.Below(times / 8);
        builder.Begin(tracks[track], last[track], name);
        expected[name].begin = last[track];
        open[track].push_back(name);
        break;
      case 1:
      case 2:
        if (open[track].empty()) break;
        last[track] += random.Below(times / 8);
        builder.End(tracks[track], last[track]);
        if (random.OneIn(2)) builder.TextArg("ends", open[track].back());
        expected[open[track].back()].end = last[track];
        open[track].pop_back();
        break;
      case 3:
        builder.Instant(tracks[track], is_ordered ? ordered_time : random.Below(times), name);
        break;
      default: {
        const uint64_t begin = is_ordered ? ordered_time : random.Below(times);
        const uint64_t length = random.Below(random.OneIn(2) ? 6 : times);
        builder.Slice(tracks[track], begin, length, name);
        expected[name] = {begin, begin + length};
      }
    }
    if (random.OneIn(6)) stream.Append(builder.Take());
    if (random.OneIn(40)) stream.FlushWindow();
    if (random.OneIn(40)) stream.Flush();
    if (random.OneIn(60)) stream.BeginAnew();
  }
  stream.Append(builder.Take());
  const TimelineCounts counts = stream.Finish();
  uint64_t unclosed = 0;
  for (const auto& names : open) unclosed += names.size();
  CHECK_EQ(counts.unclosed, unclosed);
  CHECK_EQ(counts.slices, expected.size());
  const std::map<std::string, Span> actual = ReadSlices(stream.Decode());
  CHECK_EQ(actual.size(), expected.size());
  for (const auto& [name, span] : expected) Within(name, [&, n = name, s = span] { CHECK_EQ(actual.at(n), s); });
}

TEST(EverySliceKeepsItsTimes) {
  if (!Argument().empty()) return CheckSound(static_cast<uint32_t>(std::stoul(Argument())));
  for (uint32_t seed = 1; seed <= Rounds(4000); ++seed) Within("seed " + std::to_string(seed), [&] { CheckSound(seed); });
}

struct Row {
  uint64_t time;
  uint64_t length;
  uint32_t track;
  uint32_t number;
};

void Add(const Row& row, const std::vector<uint32_t>& tracks, BatchBuilder& builder) {
  const std::string name = "name " + std::to_string(row.number % 7);
  if (row.number % 5 == 4) {
    builder.Instant(tracks[row.track], row.time, name, "instants");
  } else {
    builder.Slice(tracks[row.track], row.time, row.length, name, "slices");
  }
  builder.Int("number", row.number).TextArg("text", "value " + std::to_string(row.number % 3));
}

// No row is further from its place than the window is wide.
TEST(WithinTheWindowAnyOrderIsAsSorted) {
  for (uint32_t seed = 1; seed <= Rounds(300); ++seed) {
    Random random(seed);
    const size_t window = 8 + random.Below(60);
    std::vector<Row> rows;
    for (uint32_t i = 0; i < 600; ++i) {
      rows.push_back({i * 10, random.Below(80), static_cast<uint32_t>(random.Below(3)), i});
    }
    const auto encode = [&](const std::vector<Row>& order, size_t stream_window, size_t batch_rows) {
      BatchBuilder builder;
      std::vector<uint32_t> tracks;
      for (int i = 0; i < 3; ++i) tracks.push_back(builder.Plain("track " + std::to_string(i)));
      Stream stream(stream_window);
      for (const Row& row : order) {
        Add(row, tracks, builder);
        if (builder.columns().kind.size() >= batch_rows) stream.Append(builder.Take());
      }
      stream.Append(builder.Take());
      CHECK_EQ(stream.Finish().late_slices, 0u);
      return stream.bytes();
    };
    std::vector<Row> mixed = rows;
    for (size_t begin = random.OneIn(2) ? 0 : random.Below(700); begin < mixed.size(); begin += window / 2) {
      const size_t end = std::min(begin + window / 2, mixed.size());
      for (size_t i = end - 1; i > begin; --i) std::swap(mixed[i], mixed[begin + random.Below(i - begin + 1)]);
    }
    Within("seed " + std::to_string(seed), [&] {
      const DecodedTrace sorted = DecodeTrace(encode(rows, 100'000, 64));
      CheckSameTrace(DecodeTrace(encode(mixed, window, 1 + random.Below(100))), sorted);
      // The bytes do not depend on where batches end.
      CHECK(encode(mixed, window, 7) == encode(mixed, window, 400));
    });
  }
}

// The same stream through a small window and through one that holds all of it.
void CheckWindows(size_t window, const std::vector<Columns>& batches) {
  const auto encode = [&](size_t slices) {
    Stream stream(slices);
    for (const Columns& batch : batches) stream.Append(batch);
    CHECK_EQ(stream.Finish().late_slices, 0u);
    return stream.Decode();
  };
  CheckSameTrace(encode(window), encode(100'000));
}

TEST(LargeArgumentsPassTheWindow) {
  BatchBuilder builder;
  const uint32_t track = builder.Plain("track");
  std::vector<Columns> batches;
  for (uint32_t i = 0; i < 1500; ++i) {
    builder.Slice(track, i * 10, 15, "slice").TextArg("text", std::string(10'000, 'x') + std::to_string(i));
    if (i % 100 == 99) batches.push_back(builder.Take());
  }
  CheckWindows(1200, batches);
  CheckWindows(8, batches);
}

TEST(TracksMayComeAtAnyTime) {
  BatchBuilder builder;
  std::vector<uint32_t> tracks;
  std::vector<Columns> batches;
  for (uint32_t i = 0; i < 1000; ++i) {
    if (i % 5 == 0) tracks.push_back(builder.Plain("track " + std::to_string(i)));
    builder.Slice(tracks[i * 7 % tracks.size()], i, 1, "slice " + std::to_string(i));
    if (i % 50 == 49) batches.push_back(builder.Take());
  }
  CheckWindows(16, batches);
}

TEST(AStreamThatFitsItsWindowIsTheWholeTrace) {
  const auto build = [](BatchBuilder& builder) {
    std::vector<uint32_t> tracks;
    for (int i = 0; i < 3; ++i) tracks.push_back(builder.Plain("track " + std::to_string(i)));
    Random random(1);
    for (uint32_t i = 0; i < 5000; ++i) {
      Add({random.Below(20'000), random.Below(300), static_cast<uint32_t>(random.Below(3)), i}, tracks, builder);
    }
  };
  BatchBuilder for_stream, for_whole;
  build(for_stream);
  build(for_whole);
  Stream stream(10'000);
  stream.Append(for_stream.Take());
  stream.Finish();
  WholeTrace whole;
  CHECK_EQ(whole.encoder.Append(for_whole.Take().View()).message(), "");
  CheckSameTrace(stream.Decode(), DecodeTrace(whole.Finish()));
}

TEST(LateSlicesTellTheirTimesInFull) {
  BatchBuilder builder;
  const uint32_t track = builder.Plain("track");
  Stream stream(10);
  builder.Slice(track, 1000, 10, "early").Slice(track, 5000, 10, "late");
  stream.Append(builder.Take());
  stream.FlushWindow();
  builder.Slice(track, 2000, 10, "in the gap").Slice(track, 500, 6000, "around all").Slice(track, 4990, 20, "overlaps");
  stream.Append(builder.Take());
  const TimelineCounts counts = stream.Finish();
  CHECK_EQ(counts.late_slices, 3u);
  CHECK_EQ(counts.lanes, 1u);
  const std::map<std::string, Span> slices = ReadSlices(stream.Decode());
  CHECK_EQ(slices.at("in the gap"), (Span{2000, 2010}));
  CHECK_EQ(slices.at("around all"), (Span{500, 6500}));
  CHECK_EQ(slices.at("overlaps"), (Span{4990, 5010}));
}

// Ever new strings, launches and call stacks: what is interned is forgotten now and then, on both sides.
TEST(DistinctStringsWithoutEnd) {
  BatchBuilder builder;
  const uint32_t track = builder.Plain("track");
  Stream stream(1000);
  constexpr uint32_t kEvents = Rounds(400'000);
  for (uint32_t i = 0; i < kEvents; ++i) {
    const std::string number = std::to_string(i);
    builder.Slice(track, i * 10, 5, "name " + number, "always").TextArg("key", "value " + std::to_string(i / 2));
    Launch launch;
    launch.grid[0] = i;
    builder.LaunchArg(launch);
    if (i % 4 == 0) builder.Stack({{"function " + number, "file", i, i}});
    if (builder.columns().kind.size() < 4096) continue;
    stream.Append(builder.Take());
    builder.ForgetTexts();
  }
  stream.Append(builder.Take());
  stream.Finish();
  const DecodedTrace trace = stream.Decode();
  uint32_t next = 0;
  for (const DecodedEvent& event : trace.events) {
    if (event.type != DecodedEvent::Type::kSliceBegin) continue;
    const std::string number = std::to_string(next);
    CHECK_EQ(event.name, "name " + number);
    CHECK_EQ(event.arguments[0].text, "value " + std::to_string(next / 2));
    CHECK_EQ(event.arguments[1].text, "[" + number + ",1,1]");
    if (next % 4 == 0) CHECK_EQ(event.call_stack.at(0).function, "function " + number);
    ++next;
  }
  CHECK_EQ(next, kEvents);
}

TEST(SixHundredBeginsAreWrittenAndEnd) {
  BatchBuilder builder;
  const uint32_t track = builder.Plain("track");
  Stream stream(50);
  for (uint64_t i = 0; i < 600; ++i) builder.Begin(track, i, "row " + std::to_string(i));
  stream.Append(builder.Take());
  for (uint64_t i = 0; i < 600; ++i) builder.End(track, 1000 + i);
  stream.Append(builder.Take());
  CHECK_EQ(stream.Finish().unclosed, 0u);
  const std::map<std::string, Span> slices = ReadSlices(stream.Decode());
  for (uint64_t i = 0; i < 600; ++i) CHECK_EQ(slices.at("row " + std::to_string(i)), (Span{i, 1599 - i}));
}

// Which no honest caller sends: nothing is written for it, and nothing breaks.
TEST(AnEndWithoutABeginMeansNothing) {
  BatchBuilder builder;
  const uint32_t track = builder.Plain("track");
  Stream stream(10);
  builder.End(track, 5).Begin(track, 20, "begun").End(track, 10).End(track, 30);
  stream.Append(builder.Take());
  CHECK_EQ(stream.Finish().slices, 1u);
  CHECK_EQ(ReadSlices(stream.Decode()).size(), 1u);
}

}  // namespace
}  // namespace tracesmith::test
