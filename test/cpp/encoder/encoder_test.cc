// The encoder against the reference encoder: what a reader sees must be the same, packet by packet.

#include "encoder/trace_encoder.h"

#include <perfetto.h>

#include <cstdlib>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "batch_builder.h"
#include "check.h"
#include "decoded_trace.h"
#include "encoded_trace.h"
#include "random_events.h"
#include "proto/packet_framing.h"
#include "reference_encoder.h"

namespace tracesmith::test {
namespace {

void CheckSameCounts(const TimelineCounts& actual, const TimelineCounts& expected) {
  CHECK_EQ(actual.slices, expected.slices);
  CHECK_EQ(actual.instants, expected.instants);
  CHECK_EQ(actual.counters, expected.counters);
  CHECK_EQ(actual.flows, expected.flows);
  CHECK_EQ(actual.undrawn_flows, expected.undrawn_flows);
  CHECK_EQ(actual.lanes, expected.lanes);
  CHECK_EQ(actual.unclosed, expected.unclosed);
  CHECK_EQ(actual.unmatched, expected.unmatched);
}

// A uuid that a track asks for is its own, unless an earlier track has it.
void CheckPrescribedUuids(const DecodedTrace& trace, const EventTable& store) {
  std::unordered_set<uint64_t> given = {0};
  CHECK(trace.tracks.size() >= store.tracks().size());
  for (size_t i = 0; i < store.tracks().size(); ++i) {
    const uint64_t wanted = store.tracks()[i].prescribed_uuid;
    if (given.insert(wanted).second) CHECK_EQ(trace.tracks[i].uuid, wanted);
  }
}

// Encodes the batches both ways, the first `room` bytes into a block of the caller's; returns what both say.
DecodedTrace CheckAgainstReference(const std::vector<Columns>& batches, size_t room = 0) {
  std::vector<uint8_t> block(room);
  PacketMemory memory;
  memory.UseBlock(block.data(), room);
  WholeTraceEncoder encoder(memory);
  EventTable store;
  size_t rows = 0;
  for (const Columns& batch : batches) rows += batch.kind.size();
  encoder.Expect(rows);
  for (const Columns& batch : batches) {
    CHECK_EQ(encoder.Append(batch.View()).message(), "");
    CHECK_EQ(store.Append(batch.View()).message(), "");
  }
  encoder.Finish();
  ReferenceEncoder reference(store);
  reference.Encode();
  CheckSameCounts(encoder.counts(), reference.counts());
  const DecodedTrace actual = DecodeTrace(BytesOf(memory));
  CheckSameTrace(actual, DecodeTrace(reference.Bytes()));
  CheckPrescribedUuids(actual, store);
  return actual;
}

void CheckRandom(uint32_t seed, size_t batches, size_t rows) {
  Within("seed " + std::to_string(seed), [&] {
    RandomEvents random(seed);
    std::vector<Columns> columns;
    for (size_t i = 0; i < batches; ++i) columns.push_back(random.NextBatch(rows));
    CheckAgainstReference(columns, seed % 3 * 5000);
  });
}

TEST(RandomEventsEncodeAsByTypedSetters) {
  if (!Argument().empty()) return CheckRandom(static_cast<uint32_t>(std::atoi(Argument().c_str())), 3, 60);
  for (uint32_t seed = 1; seed <= Rounds(300); ++seed) CheckRandom(seed, 3, 60);
}

// Many blocks of output, each with interned strings and lanes of its own in front.
TEST(LongRandomTracesEncodeAsByTypedSetters) {
  for (uint32_t seed = 1001; seed <= 1000 + Rounds(4); ++seed) CheckRandom(seed, 5, 4000);
}

TEST(AnEmptyTraceHasNoEvents) {
  const DecodedTrace trace = CheckAgainstReference({});
  CHECK_EQ(trace.events.size(), 0u);
  CHECK_EQ(trace.tracks.size(), 0u);
}

TEST(TracksWithoutEventsAreThere) {
  BatchBuilder builder;
  builder.Plain("lonely");
  CHECK_EQ(CheckAgainstReference({builder.Take()}).tracks.size(), 1u);
}

// The two ends of time, each where the other is not near: the largest step of the incremental clock.
TEST(TimesFromZeroTo2To63) {
  constexpr uint64_t kLast = (uint64_t{1} << 63) - 1;
  BatchBuilder builder;
  const uint32_t track = builder.Plain("track");
  builder.Slice(track, 0, kLast, "all of time").Instant(track, kLast, "end").Instant(track, 0, "start");
  builder.Slice(track, kLast, 0, "nothing at the end").Slice(track, 0, 0, "nothing at the start");
  const DecodedTrace trace = CheckAgainstReference({builder.Take()});
  CHECK_EQ(trace.events.front().time, 0u);
  CHECK_EQ(trace.events.back().time, kLast);
}

// A packet's length is one byte until it is known, so each limit of that byte is passed here.
TEST(PacketsOfEveryLength) {
  BatchBuilder builder;
  const uint32_t track = builder.Plain("track");
  for (size_t length = 0; length < 300; ++length) {
    builder.Instant(track, length, "instant").TextArg("text", std::string(length, 'x') + std::to_string(length));
  }
  for (const size_t around : {size_t{16'384}, size_t{65'536}, size_t{131'072}, size_t{2'097'152}}) {
    for (size_t less = 0; less < 64; less += around < 100'000 ? 1 : 21) {
      builder.Instant(track, 1000, "long").BeginDict("dict").TextArg("text", std::string(around - less, 'y')).End();
    }
  }
  CheckAgainstReference({builder.Take()});
}

TEST(PacketsOfManyArguments) {
  BatchBuilder builder;
  const uint32_t track = builder.Plain("track");
  builder.Instant(track, 1, "wide").BeginArray("array");
  for (uint64_t i = 0; i < 100'000; ++i) builder.Uint("", UINT64_MAX - i);
  builder.End();
  builder.Instant(track, 2, "many flows");
  for (uint64_t i = 0; i < 20'000; ++i) builder.FlowOut(1, i);
  builder.Instant(track, 3, "many arrivals");
  for (uint64_t i = 0; i < 20'000; ++i) builder.FlowIn(1, i);
  const DecodedTrace trace = CheckAgainstReference({builder.Take()});
  CHECK_EQ(trace.events[1].flows.size(), 20'000u);
  CHECK_EQ(trace.events[2].terminating_flows.size(), 20'000u);
}

// As many distinct names, values, launches and stacks as events: nothing is found interned.
TEST(ManyDistinctStrings) {
  BatchBuilder builder;
  const uint32_t track = builder.Plain("track");
  for (uint32_t i = 0; i < 20'000; ++i) {
    const std::string number = std::to_string(i);
    Launch launch;
    launch.grid[0] = i;
    builder.Instant(track, i, "name " + number, "category " + number);
    builder.LaunchArg(launch).TextArg("key " + number, "value " + number).TextArg("again", "value " + number);
    builder.Stack({{"function " + number, "file " + number, i, i}});
  }
  CheckAgainstReference({builder.Take()});
}

TEST(StringsThatLookAlikeStayApart) {
  BatchBuilder builder;
  const uint32_t track = builder.Plain("track");
  // One string as name, category, key and value, and one that the encoder has a name for itself.
  for (int i = 0; i < 3; ++i) {
    builder.Instant(track, 1, "same", "same").Correlation(5).TextArg("same", "same").Int("correlation_id", 6);
    builder.LaunchArg(Launch()).TextArg("grid_dim", "[1,1,1]");
  }
  CHECK_EQ(CheckAgainstReference({builder.Take()}).events.size(), 3u);
}

TEST(HundredsOfLanes) {
  BatchBuilder builder;
  const uint32_t process = builder.Process("process", 1);
  const uint32_t thread = builder.Thread("thread", process, 2);
  const uint32_t stream = builder.Plain("stream", process);
  // Each slice overlaps all the earlier ones without nesting; 600 more nest too deep.
  for (uint64_t i = 0; i < 300; ++i) {
    builder.Slice(thread, i, 1000, "overlapping").Slice(stream, i, 1000, "overlapping");
  }
  for (uint64_t i = 0; i < 600; ++i) builder.Slice(stream, 5000 + i, 5000 - 2 * i, "nested");
  const DecodedTrace trace = CheckAgainstReference({builder.Take()});
  CHECK_EQ(trace.tracks.size(), 3u + 299 + 299);
}

std::vector<Columns> SomeBatches() {
  RandomEvents random(7);
  std::vector<Columns> batches;
  for (int i = 0; i < 5; ++i) batches.push_back(random.NextBatch(500));
  return batches;
}

void Encode(const std::vector<Columns>& batches, const EncoderOptions& options, PacketSink& sink) {
  StreamTraceEncoder encoder(sink, 100, options);
  for (const Columns& batch : batches) CHECK_EQ(encoder.Append(batch.View()).message(), "");
  encoder.Finish();
}

TEST(PacketsReachASinkWithTheirFrameOrWithout) {
  const std::vector<Columns> batches = SomeBatches();
  PacketMemory framed;
  Encode(batches, EncoderOptions(), framed);
  const std::vector<uint8_t> bytes = BytesOf(framed);
  std::vector<std::vector<uint8_t>> expected;
  ForEachPacket(bytes.data(), bytes.data() + bytes.size(),
                [&](const uint8_t* packet, size_t size) { expected.emplace_back(packet, packet + size); });

  EncoderOptions options;
  options.framing = Framing::kPacket;
  struct : PacketSink {
    void Append(const uint8_t* packet, size_t size) override { packets.emplace_back(packet, packet + size); }
    std::vector<std::vector<uint8_t>> packets;
  } sink;
  Encode(batches, options, sink);
  CHECK(expected.size() > 1000);
  CHECK(sink.packets == expected);
}

TEST(ASequenceHasTheIdThatItIsGiven) {
  const std::vector<Columns> batches = SomeBatches();
  for (const uint32_t id : {uint32_t{0}, uint32_t{1}, uint32_t{127}, uint32_t{128}, UINT32_MAX}) {
    EncoderOptions options;
    options.framing = Framing::kPacket;
    options.sequences = {id, id == 0 ? 0 : id - 1, 0};
    struct : PacketSink {
      void Append(const uint8_t* packet, size_t size) override {
        const perfetto::protos::pbzero::TracePacket::Decoder decoder(packet, size);
        ids.insert(decoder.trusted_packet_sequence_id());
        if (decoder.has_track_event()) event_ids.insert(decoder.trusted_packet_sequence_id());
        has_ids |= decoder.has_trusted_packet_sequence_id();
      }
      std::set<uint32_t> ids;
      std::set<uint32_t> event_ids;
      bool has_ids = false;
    } sink;
    Encode(batches, options, sink);
    CHECK_EQ(sink.has_ids, id != 0);
    CHECK(sink.event_ids == std::set<uint32_t>{id});
    for (const uint32_t other : sink.ids) CHECK(other == id || other == options.sequences.threads);
  }
}

// A reader of the last part alone needs what is said at its beginning.
TEST(ASequenceBeginsAnewAfterSoManyBytes) {
  const std::vector<Columns> batches = SomeBatches();
  const auto starts = [&](uint64_t after) {
    EncoderOptions options;
    options.framing = Framing::kPacket;
    options.anew_after_bytes = after;
    struct : PacketSink {
      void Append(const uint8_t* packet, size_t size) override {
        using Packet = perfetto::protos::pbzero::TracePacket;
        const Packet::Decoder decoder(packet, size);
        count += decoder.sequence_flags() == Packet::SEQ_INCREMENTAL_STATE_CLEARED;
      }
      size_t count = 0;
    } sink;
    Encode(batches, options, sink);
    return sink.count;
  };
  CHECK_EQ(starts(0), 1u);
  CHECK_EQ(starts(uint64_t{1} << 40), 1u);
  const size_t often = starts(1);
  const size_t sometimes = starts(50'000);
  CHECK(sometimes > 2);
  CHECK(often > sometimes);
  // The trace is the same.
  PacketMemory once, anew;
  Encode(batches, EncoderOptions(), once);
  EncoderOptions options;
  options.anew_after_bytes = 20'000;
  Encode(batches, options, anew);
  CheckSameTrace(DecodeTrace(BytesOf(anew)), DecodeTrace(BytesOf(once)));
}

// What must differ between traces that are joined.
struct Numbers : PacketSink {
  void Append(const uint8_t* packet, size_t size) override {
    using Packet = perfetto::protos::pbzero::TracePacket;
    const Packet::Decoder decoder(packet, size);
    if (decoder.has_trace_packet_defaults()) {
      const perfetto::protos::pbzero::TracePacketDefaults::Decoder defaults(decoder.trace_packet_defaults());
      default_track = perfetto::protos::pbzero::TrackEventDefaults::Decoder(defaults.track_event_defaults()).track_uuid();
    }
    if (decoder.has_clock_snapshot()) {
      const perfetto::protos::pbzero::ClockSnapshot::Decoder snapshot(decoder.clock_snapshot());
      for (auto it = snapshot.clocks(); it; ++it) {
        const uint32_t id = perfetto::protos::pbzero::ClockSnapshot::Clock::Decoder(*it).clock_id();
        // Others belong to the machine or to a sequence.
        if (id >= 128) clocks.insert(id);
      }
    }
    if (decoder.has_track_descriptor()) {
      const perfetto::protos::pbzero::TrackDescriptor::Decoder track(decoder.track_descriptor());
      // A process is the same one in all, and so is the root.
      if (track.uuid() == 0) return;
      (track.has_process() ? processes : tracks).insert(track.uuid());
    }
    if (!decoder.has_track_event()) return;
    const perfetto::protos::pbzero::TrackEvent::Decoder event(decoder.track_event());
    CHECK(event.track_uuid() != default_track);
    const uint64_t uuid = event.has_track_uuid() ? event.track_uuid() : default_track;
    CHECK(tracks.count(uuid) + processes.count(uuid) == 1);
    by_default += !event.has_track_uuid();
  }
  std::set<uint32_t> clocks;
  std::set<uint64_t> tracks;
  std::set<uint64_t> processes;
  uint64_t default_track = 0;
  size_t by_default = 0;
};

template <typename T>
bool HaveCommon(const std::set<T>& a, const std::set<T>& b) {
  for (const T& one : a) {
    if (b.count(one) != 0) return true;
  }
  return false;
}

// Two processes with two threads each; the first event is on the second thread.
Columns BatchOfThreads() {
  BatchBuilder builder;
  std::vector<uint32_t> threads;
  for (const int64_t pid : {7, 8}) {
    const uint32_t process = builder.Process("app", pid);
    builder.Thread("one", process, pid);
    threads.push_back(builder.Thread("two", process, 10 * pid));
  }
  for (uint64_t i = 0; i < 100; ++i) builder.Slice(threads[i % 2], 1000 + 10 * i, 15, "slice");
  return builder.Take();
}

TEST(TracesOfDifferentSeedsHaveNoNumberInCommon) {
  const std::vector<Columns> batches = {BatchOfThreads()};
  const auto numbers = [&](uint32_t seed) {
    EncoderOptions options;
    options.framing = Framing::kPacket;
    options.derives_ids = true;
    options.seed = seed;
    Numbers found;
    Encode(batches, options, found);
    return found;
  };
  const Numbers first = numbers(0);
  CHECK_EQ(first.processes.size(), 2u);
  CHECK_EQ(first.clocks.size(), 1u);
  CHECK(first.by_default >= 50);
  for (uint32_t seed = 1; seed < 200; ++seed) {
    const Numbers other = numbers(seed);
    CHECK_EQ(other.tracks.size(), first.tracks.size());
    CHECK(!HaveCommon(first.tracks, other.tracks));
    CHECK(!HaveCommon(first.clocks, other.clocks));
    CHECK(other.processes == first.processes);
  }
  CHECK(numbers(0).tracks == first.tracks);
}

}  // namespace
}  // namespace tracesmith::test
