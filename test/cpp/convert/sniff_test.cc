#include "convert/sniff.h"

#include <algorithm>
#include <random>

#include "check.h"
#include "input/byte_source.h"
#include "input_support.h"
#include "output/compressor.h"

namespace tracesmith::test {
namespace {

using std::string_literals::operator""s;

ContentKind KindOf(const Bytes& head) { return Sniff(head.data(), head.size()); }
ContentKind KindOf(const std::string& head) { return KindOf(BytesOf(head)); }

std::string ProblemOf(const std::string& head) {
  const Bytes bytes = BytesOf(head);
  return ContentProblem(KindOf(bytes), bytes.data(), bytes.size());
}

Bytes Head(Bytes bytes) {
  bytes.resize(std::min(bytes.size(), ByteSource::kHeadSize));
  return bytes;
}

TEST(JsonBeginsWithABracket) {
  for (const std::string& head :
       {"{"s, "["s, "[]"s, "{}"s, "{\"traceEvents\": [\n"s, " \t\r\n[\n {\"ph\": \"X\"},"s, "\xEF\xBB\xBF{\"a\":1}"s,
        "\xEF\xBB\xBF\n[{}]"s, "\n{\n  \"schemaVersion\": 1,"s, "\n[\n{\"name\": \"x\"}"s, "\n\n{}"s, "[,{}"s,
        // Not as a trace goes on; the reader says what is wrong.
        "[1, 2]"s, "{a: 1}"s, "{'a': 1}"s, "\n[1, 2]"s,
        // Control characters in strings are read, and what follows is somebody else's.
        "[{\"name\": \"\x01\x02\x03\"}"s, "{\"a\": 1}\0\0\0"s}) {
    Within(head, [&] { CHECK_EQ(KindOf(head), ContentKind::kJson); });
  }
}

// 123 and 91 are also lengths of packets; the number of blanks is the length of another.
TEST(LineBreaksBeforeJsonAreNoPackets) {
  for (size_t size = 0; size < 300; ++size) {
    const std::string text = "\n{\"traceEvents\": [" + std::string(size, ' ') + "{\"name\": \"kernel\", \"ts\": 12.5}";
    CHECK_EQ(KindOf(text), ContentKind::kJson);
    CHECK_EQ(KindOf("\n" + std::string(size, ' ') + "[{\"name\": \"kernel\"}]"), ContentKind::kJson);
  }
}

TEST(PacketsAreATrace) {
  for (const size_t size : {size_t{20}, size_t{93}, size_t{125}, size_t{300}, size_t{5000}, size_t{100'000}}) {
    Within("a packet of " + std::to_string(size), [&] {
      CHECK_EQ(KindOf(Head(PacketOfSize(size))), ContentKind::kPerfettoTrace);
    });
  }
  for (const size_t size : {size_t{200}, size_t{10'000}, size_t{1'000'000}}) {
    const Bytes packets = Packets(size);
    CHECK_EQ(KindOf(Head(packets)), ContentKind::kPerfettoTrace);
    Bytes compressed;
    Compressor(Compression::kPackets, 6).Compress(packets.data(), packets.size(), &compressed);
    CHECK_EQ(KindOf(Head(compressed)), ContentKind::kPerfettoTrace);
  }
}

TEST(CutPacketsAreATrace) {
  const Bytes packet = PacketOfSize(1000);
  for (size_t size = 20; size < packet.size(); ++size) {
    CHECK_EQ(KindOf(Bytes(packet.begin(), packet.begin() + static_cast<ptrdiff_t>(size))), ContentKind::kPerfettoTrace);
  }
}

TEST(WhatIsNoPacketIsNoTrace) {
  CHECK_EQ(KindOf("\nHello, this is a text that has no control characters in it"s), ContentKind::kOtherText);
  CHECK_EQ(KindOf("\n\x02\x00\x00 field 0"s), ContentKind::kBinary);
  CHECK_EQ(KindOf("\n\x02\x0f\x00 a wire type that is none"s), ContentKind::kBinary);
  CHECK_EQ(KindOf("\n\x02\x0a\x05 a field beyond its packet"s), ContentKind::kBinary);
  CHECK_EQ(KindOf("\n\xff\xff\xff\xff\x7f\x01\x02\x03 much too long"s), ContentKind::kBinary);
  CHECK_EQ(KindOf("\n" + std::string(20, '\xff') + std::string(4, '\1')), ContentKind::kBinary);
}

TEST(NothingIsEmpty) {
  for (const std::string& head : {""s, " "s, "\n\n\t "s, "\xEF\xBB\xBF"s, "\xEF\xBB\xBF \n"s}) {
    CHECK_EQ(KindOf(head), ContentKind::kEmpty);
  }
  // Something may follow.
  CHECK_EQ(KindOf(std::string(ByteSource::kHeadSize, ' ')), ContentKind::kJson);
}

TEST(EachKindHasItsRemedy) {
  struct Row {
    std::string head;
    ContentKind kind;
    std::string problem;
  };
  const Row rows[] = {
      {"", ContentKind::kEmpty, "empty"},
      {"\n ", ContentKind::kEmpty, "empty but for blanks"},
      {"\n\x02\x08\x01"s, ContentKind::kPerfettoTrace,
       "already a Perfetto trace; open it in ui.perfetto.dev as it is"},
      {"\xFF\xFE{\0\"\0"s, ContentKind::kUtf16Text,
       "UTF-16 text; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)"},
      {"\xFE\xFF\0{"s, ContentKind::kUtf16Text, "UTF-16 text; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)"},
      {"[\0{\0"s, ContentKind::kUtf16Text, "UTF-16 text; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)"},
      {"\0{\0\""s, ContentKind::kUtf16Text, "UTF-16 text; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)"},
      {"\x1F\x8B\x08"s, ContentKind::kGzip, "gzipped twice; inflate it once first (gunzip)"},
      {"PK\x03\x04\x14\0"s, ContentKind::kZip, "a zip archive; unpack it first"},
      {"PK\x05\x06\0\0"s, ContentKind::kZip, "a zip archive; unpack it first"},
      {"\x28\xB5\x2F\xFD\x04"s, ContentKind::kZstd, "compressed with zstd; decompress it first (zstd -d)"},
      {"\xFD" "7zXZ\0\0"s, ContentKind::kXz, "compressed with xz; decompress it first (xz -d)"},
      {"BZh91AY&SY"s, ContentKind::kBzip2, "compressed with bzip2; decompress it first (bzip2 -d)"},
      {"<!DOCTYPE html>\n<html lang=\"en\">", ContentKind::kMarkup,
       "an HTML or XML page that begins with \"<!DOCTYPE html>\\n<html la\"; if it shows a trace, open it in a browser and save the trace as JSON, else the download has perhaps failed"},
      {" \n<?xml?>", ContentKind::kMarkup,
       "an HTML or XML page that begins with \" \\n<?xml?>\"; if it shows a trace, open it in a browser and save the trace as JSON, else the download has perhaps failed"},
      {"\x7F" "ELF\x02\x01\x01\0\0"s, ContentKind::kBinary,
       "binary data that begins with the bytes 7f 45 4c 46 02 01 01 00; expected JSON text"},
      {"SQLite format 3\0"s, ContentKind::kBinary,
       "binary data that begins with the bytes 53 51 4c 69 74 65 20 66; expected JSON text"},
      {"\x01\x02", ContentKind::kBinary, "binary data that begins with the bytes 01 02; expected JSON text"},
      {"Not \"found\" \\ \xC3\xA9", ContentKind::kOtherText,
       "text that begins with \"Not \\\"found\\\" \\\\ \\xc3\\xa9\"; expected JSON, which begins with { or ["},
      {"version https://git-lfs.github.com/spec/v1", ContentKind::kOtherText,
       "text that begins with \"version https://git-lfs.\"; expected JSON, which begins with { or ["},
  };
  for (const Row& row : rows) {
    Within(row.problem, [&] {
      CHECK_EQ(KindOf(row.head), row.kind);
      CHECK_EQ(ProblemOf(row.head), row.problem);
    });
  }
}

TEST(AnyBytesHaveAKind) {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    Bytes bytes(random() % 40);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    if (!bytes.empty() && i % 2 == 0) bytes[0] = 0x0a;
    CHECK(!ContentProblem(KindOf(bytes), bytes.data(), bytes.size()).empty());
  }
}

}  // namespace
}  // namespace tracesmith::test
