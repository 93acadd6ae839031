#include "random_events.h"

#include <algorithm>
#include <limits>

namespace tracesmith::test {
namespace {

constexpr uint64_t kEndOfTime = uint64_t{1} << 63;

}  // namespace

RandomEvents::RandomEvents(uint32_t seed) : engine_(seed) {
  time_range_ = Pick<uint64_t>({4, 60, 2000, 5'000'000'000});
  // Also the last times there are, and the epoch times that no double holds.
  first_time_ = Pick<uint64_t>({0, 1, 1'717'754'400'123'456'789, kEndOfTime - time_range_});
  flow_rarity_ = Pick<uint64_t>({2, 8, 40});
}

Columns RandomEvents::NextBatch(size_t rows) {
  if (!has_tracks_) {
    AddTracks();
    has_tracks_ = true;
  } else if (OneIn(2)) {
    AddMoreTracks();
  }
  for (size_t i = 0; i < rows; ++i) {
    builder_.set_prefers_doubles(OneIn(2));
    AddRow();
  }
  return builder_.Take();
}

// Not std::uniform_int_distribution, whose numbers differ between standard libraries.
uint64_t RandomEvents::Below(uint64_t limit) { return engine_() % limit; }

std::string RandomEvents::Word() {
  if (OneIn(400)) return std::string(Pick<size_t>({127, 128, 16'383, 16'384, 70'000}), static_cast<char>('a' + Below(26)));
  if (OneIn(8)) return "unique " + std::to_string(engine_());
  return Pick<std::string>({"gemm", "relu", "été", "a", "the quick brown fox", "#", "bytes"}) + std::to_string(Below(20));
}

uint64_t RandomEvents::Time() { return first_time_ + Below(time_range_); }

uint64_t RandomEvents::LengthFrom(uint64_t time) {
  const uint64_t length = OneIn(6) ? 0 : Below(Pick<uint64_t>({5, time_range_, time_range_ * 2}));
  return std::min(length, kEndOfTime - 1 - time);
}

void RandomEvents::AddTracks() {
  for (int64_t i = 1; i <= 2; ++i) {
    const uint32_t process = builder_.Process(i == 1 ? "trainer" : "", 100 * i);
    if (OneIn(2)) builder_.Property(TrackProperty::kSortIndex, static_cast<int64_t>(Below(7)) - 3);
    if (OneIn(2)) builder_.Property(TrackProperty::kLabel, "first label");
    if (OneIn(2)) builder_.Property(TrackProperty::kLabel, "second label");
    if (OneIn(2)) builder_.Property(TrackProperty::kChildOrdering, static_cast<int64_t>(1 + Below(3)));
    tracks_.push_back(process);
    for (int64_t thread = 0; thread < 2; ++thread) {
      tracks_.push_back(builder_.Thread(thread == 0 ? "main" : "", process, 100 * i + thread));
      if (OneIn(2)) builder_.Property(TrackProperty::kSortIndex, thread);
    }
  }
  // Uuids with and without a track that asks for them, twice the same, and the largest.
  for (const uint64_t uuid : {uint64_t{0}, uint64_t{1}, uint64_t{3}, uint64_t{3}, uint64_t{1} << 32 | 7, UINT64_MAX}) {
    const bool has_parent = OneIn(2);
    const int64_t parent = has_parent ? static_cast<int64_t>(tracks_[Below(tracks_.size())]) : -1;
    tracks_.push_back(builder_.Plain(OneIn(6) ? "" : Word(), parent, uuid));
    if (OneIn(3)) builder_.Property(TrackProperty::kRank, static_cast<int64_t>(Below(5)) - 2);
    if (OneIn(3)) builder_.Property(TrackProperty::kChildOrdering, static_cast<int64_t>(1 + Below(3)));
  }
  for (const char* unit : {"", "ns", "count", "bytes", "°C"}) {
    counters_.push_back(builder_.Counter(std::string("counter in ") + unit, unit, OneIn(2) ? 0 : -1));
  }
}

void RandomEvents::AddMoreTracks() {
  tracks_.push_back(builder_.Plain(Word(), static_cast<int64_t>(tracks_[Below(tracks_.size())])));
  counters_.push_back(builder_.Counter(Word(), Word(), static_cast<int64_t>(tracks_.back())));
}

void RandomEvents::AddRow() {
  const uint32_t track = tracks_[Below(tracks_.size())];
  const uint64_t time = Time();
  const std::string name = OneIn(12) ? "" : Word();
  const std::string category = OneIn(3) ? "" : Pick<std::string>({"kernel", "memory", "é"});
  const auto channel = static_cast<Channel>(Below(4));
  switch (Below(16)) {
    case 0:
    case 1:
      return AddSample(counters_[Below(counters_.size())]);
    case 2:
      builder_.FlowPoint(track, time, OneIn(2));
      return AddFlows();
    case 3:
    case 4:
      builder_.Open(track, channel, time, name, category);
      break;
    case 5:
    case 6:
      builder_.Close(track, channel, time, name, category);
      if (OneIn(2)) builder_.Extent(LengthFrom(time));
      break;
    case 7:
    case 8:
      builder_.Instant(track, time, name, category);
      break;
    default:
      builder_.Slice(track, time, LengthFrom(time), name, category, channel);
  }
  if (OneIn(2)) builder_.Correlation(OneIn(20) ? UINT64_MAX - Below(2) : 1 + Below(30));
  if (OneIn(2)) {
    Launch launch;
    launch.has = static_cast<uint32_t>(Below(16));
    for (uint32_t& size : launch.grid) size = static_cast<uint32_t>(Below(3) * 200);
    for (uint32_t& size : launch.block) size = static_cast<uint32_t>(1 + Below(2) * 127);
    launch.shared_memory = Pick<uint32_t>({0, 127, 128, UINT32_MAX});
    launch.registers = Pick<uint32_t>({0, 32, 255});
    builder_.LaunchArg(launch);
  }
  if (OneIn(2)) AddArguments(0);
  if (OneIn(5)) AddCallStack();
  if (OneIn(flow_rarity_)) AddFlows();
  if (OneIn(9)) AddArguments(0);  // behind the flows too
}

void RandomEvents::AddSample(uint32_t track) {
  using Limits = std::numeric_limits<double>;
  const uint64_t time = Time();
  if (OneIn(3)) {
    builder_.IntegerSample(track, time, Pick<int64_t>({0, -1, 127, 128, INT64_MAX, INT64_MIN, 1 << 20}));
  } else {
    builder_.Sample(track, time,
                    Pick<double>({0.0, -0.0, 1.5, -3, 1e15, 9007199254740992.0, 9007199254740994.0, -1e300, 5e-324,
                                  Limits::infinity(), Limits::quiet_NaN()}));
  }
  if (OneIn(10)) builder_.Int("arguments of samples are not written", 1);
}

void RandomEvents::AddArguments(int depth) {
  const uint64_t count = Below(4);
  for (uint64_t i = 0; i < count; ++i) AddValue(OneIn(20) ? "" : Word(), depth);
}

void RandomEvents::AddValue(const std::string& key, int depth) {
  switch (Below(depth < 4 ? 10 : 7)) {
    case 0:
      builder_.Int(key, Pick<int64_t>({0, -1, 63, 64, 127, 128, -5000, INT64_MIN, INT64_MAX}));
      break;
    case 1:
      builder_.Uint(key, Pick<uint64_t>({0, 300, uint64_t{INT64_MAX}, kEndOfTime, UINT64_MAX}));
      break;
    case 2:
      builder_.Double(key, Pick<double>({0.0, -0.0, 1.0, 0.1, 1e308, std::numeric_limits<double>::quiet_NaN()}));
      break;
    case 3:
      builder_.Bool(key, OneIn(2));
      break;
    case 4:
      builder_.Pointer(key, Pick<uint64_t>({0, 0x7f00'0000'1000, UINT64_MAX}));
      break;
    case 5:
    case 6:
      builder_.TextArg(key, Word());
      break;
    case 7:
      builder_.BeginDict(key);
      AddArguments(depth + 1);
      builder_.End();
      break;
    case 8:
      builder_.BeginArray(key);
      for (uint64_t count = Below(4); count > 0; --count) AddValue("", depth + 1);
      builder_.End();
      break;
    default: {
      // As deep as it goes, now and then.
      const uint64_t deep = OneIn(10) ? kMaxArgDepth - static_cast<uint64_t>(depth) : 2;
      for (uint64_t i = 0; i < deep; ++i) OneIn(2) ? builder_.BeginDict("in") : builder_.BeginArray("in");
      builder_.TextArg("", Word());
      for (uint64_t i = 0; i < deep; ++i) builder_.End();
    }
  }
}

void RandomEvents::AddFlows() {
  for (uint64_t count = 1 + Below(2); count > 0; --count) {
    const auto type = static_cast<uint32_t>(Below(2));
    const uint64_t id = OneIn(20) ? UINT64_MAX : Below(6);
    if (OneIn(2)) {
      builder_.FlowOut(type, id);
    } else {
      builder_.FlowIn(type, id);
    }
  }
}

void RandomEvents::AddCallStack() {
  std::vector<FrameText> frames;
  for (uint64_t count = Below(5); count > 0; --count) {
    FrameText frame;
    if (!OneIn(5)) frame.function = Word();
    if (!OneIn(3)) frame.file = "file" + std::to_string(Below(3)) + ".py";
    frame.line = Pick<uint32_t>({0, 1, 128, UINT32_MAX});
    frame.address = Pick<uint64_t>({0, 0x1234'5678'9abc, UINT64_MAX});
    frames.push_back(frame);
  }
  builder_.Stack(frames);
}

}  // namespace tracesmith::test
