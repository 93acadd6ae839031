#include "proto/packet_block.h"

#include <cstdint>
#include <string>
#include <vector>

#include "check.h"
#include "proto/wire.h"

namespace tracesmith::test {
namespace {

using Bytes = std::vector<uint8_t>;

std::string Hex(const uint8_t* data, size_t size) {
  static const char kDigits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < size; ++i) {
    text += kDigits[data[i] >> 4];
    text += kDigits[data[i] & 15];
  }
  return text;
}

std::string Written(const PacketBlock& block) { return Hex(block.data(), block.size()); }

// Golden bytes, from the protobuf encoding's documentation.
TEST(FieldsAreProtobuf) {
  PacketBlock block(64);
  block.Commit(wire::PutVarInt(block.Reserve(16), 1, 150));
  CHECK_EQ(Written(block), "089601");
  block.Clear();
  block.Commit(wire::PutVarInt(block.Reserve(16), 56, UINT64_MAX));
  CHECK_EQ(Written(block), "c003ffffffffffffffffff01");
  block.Clear();
  block.Commit(wire::PutFixed(block.Reserve(16), 44, 1.0));
  CHECK_EQ(Written(block), "e102000000000000f03f");
  block.Clear();
  block.Commit(wire::PutFixed(block.Reserve(16), 47, uint64_t{0x0102030405060708}));
  CHECK_EQ(Written(block), "f9020807060504030201");
  block.Clear();
  block.Commit(wire::PutLengthPrefix(block.Reserve(16), 2, 300));
  CHECK_EQ(Written(block), "12ac02");
}

// Field 1 with a message of `length` bytes, written in pieces through a growing block.
Bytes Nested(size_t length) {
  PacketBlock block(8);
  uint8_t* at = wire::BeginNested(block.Reserve(2), 1);
  const size_t begin = block.OffsetOf(at);
  for (size_t i = 0; i < length; ++i) {
    at = block.ReserveAt(at, 1 + wire::kMaxLengthPrefix);
    *at++ = static_cast<uint8_t>(i * 7);
  }
  at = block.ReserveAt(at, wire::kMaxLengthPrefix);
  block.Commit(wire::EndNested(block.At(begin), at));
  return Bytes(block.data(), block.data() + block.size());
}

TEST(NestedMessagesHaveTheirLengthInFront) {
  const struct {
    size_t length;
    const char* prefix;
  } kCases[] = {{0, "0a00"},         {1, "0a01"},          {126, "0a7e"},         {127, "0a7f"},
                {128, "0a8001"},     {129, "0a8101"},      {16'383, "0aff7f"},    {16'384, "0a808001"},
                {16'385, "0a818001"}, {2'097'151, "0affff7f"}, {2'097'152, "0a80808001"}};
  for (const auto& [length, prefix] : kCases) {
    Within(std::to_string(length) + " bytes", [&, length = length, prefix = prefix] {
      const Bytes bytes = Nested(length);
      const size_t prefix_size = bytes.size() - length;
      CHECK_EQ(Hex(bytes.data(), prefix_size), prefix);
      for (size_t i = 0; i < length; ++i) CHECK_EQ(bytes[prefix_size + i], static_cast<uint8_t>(i * 7));
    });
  }
}

// Each level that ends moves what was written behind its start; outer levels must not notice.
TEST(LongMessagesNestInLongMessages) {
  constexpr size_t kDepth = 64;
  const std::string text(200, 'x');
  PacketBlock block(8);
  std::vector<size_t> begins;
  uint8_t* at = block.Reserve(2 * kDepth);
  for (size_t i = 0; i < kDepth; ++i) {
    at = wire::BeginNested(at, 3);
    begins.push_back(block.OffsetOf(at));
  }
  at = block.ReserveAt(at, text.size() + wire::kMaxLengthPrefix * (kDepth + 1));
  at = wire::PutLengthPrefix(at, 6, text.size());
  std::memcpy(at, text.data(), text.size());
  at += text.size();
  while (!begins.empty()) {
    at = wire::EndNested(block.At(begins.back()), at);
    begins.pop_back();
  }
  block.Commit(at);

  // The SDK's decoder as referee.
  protozero::ConstBytes content{block.data(), block.size()};
  for (size_t i = 0; i < kDepth; ++i) {
    protozero::ProtoDecoder decoder(content);
    const protozero::Field field = decoder.ReadField();
    CHECK(field.valid());
    CHECK_EQ(field.id(), 3u);
    CHECK_EQ(decoder.bytes_left(), 0u);
    content = field.as_bytes();
  }
  const protozero::Field field = protozero::ProtoDecoder(content).ReadField();
  CHECK_EQ(field.id(), 6u);
  CHECK_EQ(field.as_std_string(), text);
}

TEST(GrowthKeepsWhatWasWritten) {
  PacketBlock block(1);
  for (uint32_t i = 0; i < 10'000; ++i) {
    uint8_t* at = block.Reserve(1);
    *at = static_cast<uint8_t>(i % 251);
    block.Commit(at + 1);
  }
  CHECK_EQ(block.size(), 10'000u);
  for (uint32_t i = 0; i < 10'000; ++i) CHECK_EQ(block.data()[i], static_cast<uint8_t>(i % 251));
  block.Clear();
  CHECK_EQ(block.size(), 0u);
}

TEST(ReservedRoomIsThereAtOnce) {
  PacketBlock block(4);
  uint8_t* at = block.Reserve(100'000);
  std::memset(at, 7, 100'000);
  block.Commit(at + 100'000);
  // Places outlive growth as offsets.
  const size_t offset = block.OffsetOf(at + 50'000);
  uint8_t* grown = block.ReserveAt(at + 100'000, 1'000'000);
  CHECK_EQ(block.OffsetOf(grown), 100'000u);
  CHECK_EQ(*block.At(offset), 7);
}

}  // namespace
}  // namespace tracesmith::test
