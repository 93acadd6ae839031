// Packets reach the output in their order, whatever thread writes them and however long that takes.

#include "output/write_behind.h"

#include <atomic>
#include <chrono>
#include <random>
#include <thread>
#include <vector>

#include "check.h"

namespace tracesmith::test {
namespace {

std::vector<uint8_t> Taken(PacketOutput& output) {
  std::vector<uint8_t> bytes;
  for (const auto& chunk : output.TakeChunks()) bytes.insert(bytes.end(), chunk.begin(), chunk.end());
  return bytes;
}

TEST(NothingIsLostOrMixed) {
  for (uint32_t seed = 1; seed <= Rounds(20); ++seed) {
    std::mt19937 random(seed);
    PacketOutput output(Compression::kNone, 1);
    std::atomic<int> writes{0};
    std::vector<uint8_t> expected;
    {
      WriteBehind behind(output, [&] {
        ++writes;
        if (seed % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(300));
      });
      for (int i = 0; i < 200; ++i) {
        std::vector<uint8_t> packets(random() % 30'000);
        for (uint8_t& byte : packets) byte = static_cast<uint8_t>(random());
        expected.insert(expected.end(), packets.begin(), packets.end());
        behind.Append(packets.data(), packets.size());
        if (seed % 4 == 0 && random() % 50 == 0) behind.Drain();
      }
      if (seed % 2 == 0) behind.Drain();
    }
    output.Flush();
    CHECK(Taken(output) == expected);
    CHECK(writes > 0);
  }
}

TEST(LittleIsWrittenWhenItIsDrained) {
  PacketOutput output(Compression::kNone, 1);
  std::thread::id writer;
  WriteBehind behind(output, [&] { writer = std::this_thread::get_id(); });
  const uint8_t packets[] = {1, 2, 3};
  behind.Append(packets, sizeof(packets));
  CHECK_EQ(output.pending_bytes(), 0u);
  behind.Drain();
  CHECK_EQ(output.pending_bytes(), 3u);
  CHECK(writer == std::this_thread::get_id());
}

}  // namespace
}  // namespace tracesmith::test
