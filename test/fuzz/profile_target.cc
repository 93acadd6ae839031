#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "check.h"
#include "profile/cpu_profiles.h"
#include "chrome_json/json_cursor.h"
#include "profile/profile_writer.h"
#include "fuzz_input.h"
#include "output_support.h"
#include "targets.h"

namespace tracesmith::test {
namespace {

// A text that comes `piece` bytes at a time.
TextSource PiecesOf(std::string_view text, size_t piece) {
  return [text, piece, at = size_t{0}](uint8_t* to, size_t capacity) mutable {
    const size_t count = std::min({piece, capacity, text.size() - at});
    if (count != 0) std::memcpy(to, text.data() + at, count);
    at += count;
    return count;
  };
}

void CheckProfile(const CpuProfile& profile, const CpuProfiles& profiles) {
  CHECK_EQ(profile.times.size(), profile.sampled.size());
  CHECK(std::is_sorted(profile.times.begin(), profile.times.end()));
  for (const uint32_t sampled : profile.sampled) {
    size_t depth = 0;
    for (uint32_t node = sampled; node != kNoNode; node = profile.nodes[node].parent) {
      CHECK(node < profile.nodes.size());
      CHECK(profile.nodes[node].frame < profiles.frames());
      CHECK(depth++ < profile.nodes.size());  // no circle
    }
  }
}

Bytes Written(const CpuProfiles& profiles) {
  Bytes packets;
  const auto ids_of = [](uint32_t thread) {
    const auto id = static_cast<int32_t>(thread + 1);
    return ThreadIds{id, id};
  };
  CHECK(WriteProfiles(profiles, ids_of, [&](const uint8_t* data, size_t size) {
    packets.insert(packets.end(), data, data + size);
    return true;
  }));
  CHECK(Joined(WrittenPackets(packets)) == packets);
  return packets;
}

Bytes ReadProfile(JsonCursor json) {
  ProcessTable process_table;
  CpuProfiles profiles(process_table);
  profiles.ReadFile(&json, "a.cpuprofile");
  profiles.Finish();
  for (const CpuProfile& profile : profiles.profiles()) CheckProfile(profile, profiles);
  return Written(profiles);
}

}  // namespace

void FuzzProfile(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const size_t piece = size_t{1} + input.Byte();
  const std::vector<uint8_t> bytes = input.Rest();
  CpuProfiles::IsProfile(bytes.data(), bytes.size());
  const std::string_view text = TextOf(bytes);
  CHECK(ReadProfile(JsonCursor(text)) == ReadProfile(JsonCursor(PiecesOf(text, piece))));
}

}  // namespace tracesmith::test
