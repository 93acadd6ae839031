#include "output/compressor.h"

#include "check.h"
#include "output_support.h"

namespace tracesmith::test {
namespace {

constexpr size_t kLimit = 512 * 1024;

Bytes Compressed(Compressor* compressor, const Bytes& input) {
  Bytes output;
  compressor->Compress(input.data(), input.size(), &output);
  return output;
}

Bytes Compressed(Compression compression, int level, const Bytes& input) {
  Compressor compressor(compression, level);
  return Compressed(&compressor, input);
}

// Sizes around what deflate and the compressor handle in one go.
const size_t kInputSizes[] = {0,      1,      2,       100,    32'768,     65'535,
                              65'536, 65'537, 524'287, kLimit, kLimit + 1, 3'000'000};

TEST(GzipGivesBackWhatItTook) {
  for (const int level : {1, 6, 9}) {
    Compressor compressor(Compression::kGzip, level);
    for (const size_t size : kInputSizes) {
      Within("level " + std::to_string(level) + ", " + std::to_string(size) + " bytes", [&] {
        for (const Bytes& input : {RandomBytes(size), Bytes(size, 'x')}) {
          const std::vector<Bytes> members = GzipMembers(Compressed(&compressor, input));
          CHECK_EQ(members.size(), 1u);
          CHECK(members[0] == input);
        }
      });
    }
  }
}

TEST(GzipNamesNeitherTimeNorSystem) {
  const Bytes member = Compressed(Compression::kGzip, 6, Bytes(1, 'x'));
  const Bytes expected = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
  CHECK(Bytes(member.begin(), member.begin() + 10) == expected);
}

// Also what a compressor did before must leave no trace.
TEST(SameInputGivesSameBytes) {
  for (const Compression compression : {Compression::kGzip, Compression::kPackets}) {
    Within("compression " + Show(compression), [&] {
      const Bytes input = Packets(700'000);
      Compressor used(compression, 6);
      Compressed(&used, Packets(50'000, 2));
      Bytes behind_another = {1, 2, 3};
      used.Compress(input.data(), input.size(), &behind_another);
      const Bytes first = Compressed(compression, 6, input);
      CHECK(Bytes(behind_another.begin() + 3, behind_another.end()) == first);
      CHECK(Compressed(&used, input) == first);
    });
  }
}

TEST(LevelsOutOfRangeAreTheNearest) {
  const Bytes input = Packets(100'000);
  CHECK(Compressed(Compression::kGzip, 0, input) == Compressed(Compression::kGzip, 1, input));
  CHECK(Compressed(Compression::kGzip, 99, input) == Compressed(Compression::kGzip, 9, input));
  CHECK(Compressed(Compression::kGzip, 9, input).size() < Compressed(Compression::kGzip, 1, input).size());
}

std::vector<WrittenPacket> CompressedPackets(const Bytes& input) {
  std::vector<WrittenPacket> packets = WrittenPackets(Compressed(Compression::kPackets, 1, input));
  CHECK(Joined(packets) == input);
  for (const WrittenPacket& packet : packets) {
    if (packet.is_compressed) CHECK(packet.content.size() < kLimit);
  }
  return packets;
}

TEST(NoPacketsGiveNothing) { CHECK_EQ(CompressedPackets({}).size(), 0u); }

TEST(FewPacketsBecomeOne) {
  for (const Bytes& input : {PacketOfSize(20), Packets(1000), Packets(kLimit - 1000)}) {
    const std::vector<WrittenPacket> packets = CompressedPackets(input);
    CHECK_EQ(packets.size(), 1u);
    CHECK(packets[0].is_compressed);
  }
}

// Reading the parts back as packets proves that each is whole.
TEST(ManyPacketsAreCutBetweenTwo) {
  const std::vector<WrittenPacket> packets = CompressedPackets(Packets(3'000'000));
  CHECK_EQ(packets.size(), 6u);
  for (const WrittenPacket& packet : packets) {
    CHECK(packet.is_compressed);
    WrittenPackets(packet.content);
  }
}

TEST(PacketsThatFillTheLimitAreCut) {
  Bytes input = PacketOfSize(kLimit - 1000);
  Append(&input, PacketOfSize(1000));
  CHECK_EQ(CompressedPackets(input).size(), 2u);
  input = PacketOfSize(kLimit - 1000);
  Append(&input, PacketOfSize(999));
  CHECK_EQ(CompressedPackets(input).size(), 1u);
}

TEST(APacketOfTheLimitStaysAsItIs) {
  const std::vector<WrittenPacket> below = CompressedPackets(PacketOfSize(kLimit - 1));
  CHECK_EQ(below.size(), 1u);
  CHECK(below[0].is_compressed);
  for (const size_t size : {kLimit, kLimit + 1, 3 * kLimit}) {
    const std::vector<WrittenPacket> packets = CompressedPackets(PacketOfSize(size));
    CHECK_EQ(packets.size(), 1u);
    CHECK(!packets[0].is_compressed);
  }
}

TEST(AHugePacketStaysAmongSmallOnes) {
  Bytes input = Packets(10'000);
  Append(&input, PacketOfSize(2 * kLimit));
  Append(&input, Packets(10'000, 2));
  const std::vector<WrittenPacket> packets = CompressedPackets(input);
  CHECK_EQ(packets.size(), 3u);
  CHECK(packets[0].is_compressed);
  CHECK(!packets[1].is_compressed);
  CHECK(packets[2].is_compressed);
}

// Against the rule, but nothing may be lost or read beyond.
TEST(WhatIsNoPacketStaysAsItIs) {
  const Bytes zeros(kLimit, 0);
  CHECK(Compressed(Compression::kPackets, 1, zeros) == zeros);
  Bytes cut = PacketOfSize(2 * kLimit);
  cut.resize(kLimit);
  CHECK(Compressed(Compression::kPackets, 1, cut) == cut);
}

}  // namespace
}  // namespace tracesmith::test
