#include <algorithm>

#ifndef _WIN32
#include <unistd.h>
#endif

#include "check.h"
#include "input/byte_source.h"
#include "input_support.h"
#include "output/compressor.h"

namespace tracesmith::test {
namespace {

constexpr size_t kHeader = 10;
constexpr size_t kTrailer = 8;

const char* const kEndsEarly = "the gzip member ends early";
const char* const kGarbage = "garbage behind the last gzip member";

Bytes Gzipped(const Bytes& content) {
  Bytes member;
  Compressor(Compression::kGzip, 6).Compress(content.data(), content.size(), &member);
  return member;
}

Bytes Front(const Bytes& bytes, size_t size) {
  return Bytes(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
}

struct Result {
  Bytes content;
  std::string problem;
  uint64_t offset = 0;  // the bytes of the file that were used
};

// What a file of `bytes`, which must begin as gzip, gives.
Result ResultOf(const Bytes& bytes, size_t step = 100'000) {
  static const TemporaryFolder folder;
  const std::string path = folder.Path("trace.json.gz");
  WriteFile(path, bytes);
  ByteSource source;
  CHECK(source.Open(path).ok());
  Result result;
  result.content = ReadAll(&source, step);
  CHECK(source.is_gzip());
  CHECK_EQ(source.total(), bytes.size());
  result.problem = source.problem();
  result.offset = source.consumed();
  if (result.problem.empty()) CHECK_EQ(result.offset, bytes.size());
  CHECK(ReadAll(&source).empty());
  return result;
}

TEST(GzipIsInflated) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{5000}, size_t{3'000'000}}) {
    for (const size_t step : {size_t{7}, size_t{4096}, size_t{10'000'000}}) {
      Within(std::to_string(size) + " bytes by " + std::to_string(step), [&] {
        const Bytes content = Packets(size);
        const Result result = ResultOf(Gzipped(content), step);
        CHECK(result.content == content);
        CHECK_EQ(result.problem, "");
      });
    }
  }
}

TEST(PeekingShowsWhatIsInflated) {
  const TemporaryFolder folder;
  const Bytes content = Packets(10'000);
  WriteFile(folder.Path("trace"), Joined({Gzipped(Front(content, 100)), Gzipped({}), Gzipped(content)}));
  ByteSource source;
  CHECK(source.Open(folder.Path("trace")).ok());
  const uint8_t* head = nullptr;
  size_t size = 0;
  CHECK(source.Peek(&head, &size).ok());
  const Bytes expected = Joined({Front(content, 100), content});
  CHECK_EQ(size, ByteSource::kHeadSize);
  CHECK(Bytes(head, head + size) == Front(expected, size));
  CHECK(ReadAll(&source, 999) == expected);
}

TEST(MembersAreOneText) {
  const Bytes first = Packets(700'000, 1);
  const Bytes second = Packets(100, 2);
  const Bytes third = RandomBytes(600'000);
  const Result result = ResultOf(Joined({Gzipped(first), Gzipped({}), Gzipped(second), Gzipped(third), Gzipped({})}));
  CHECK(result.content == Joined({first, second, third}));
  CHECK_EQ(result.problem, "");
}

// Wherever the border of two members lies in the buffer of 256 KiB.
TEST(MembersMeetAnywhere) {
  constexpr size_t kBuffer = 256 * 1024;
  const Bytes second = Packets(100, 2);
  const size_t overhead = Gzipped(RandomBytes(kBuffer - 200)).size() - (kBuffer - 200);
  for (size_t border = kBuffer - 20; border < kBuffer + 3; ++border) {
    Within("border at " + std::to_string(border), [&] {
      const Bytes first = RandomBytes(border - overhead);
      const Bytes member = Gzipped(first);
      CHECK_EQ(member.size(), border);
      const Result result = ResultOf(Joined({member, Gzipped(second)}));
      CHECK(result.content == Joined({first, second}));
      CHECK_EQ(result.problem, "");
    });
  }
}

TEST(CutMembersGiveWhatThereIs) {
  const Bytes first = Packets(50, 1);
  const Bytes content = Packets(1000, 2);
  const Bytes front = Gzipped(first);
  const Bytes member = Gzipped(content);
  size_t before = 0;
  for (size_t cut = 1; cut < member.size(); ++cut) {
    Within("cut at " + std::to_string(cut), [&] {
      const Result result = ResultOf(Joined({front, Front(member, cut)}));
      CHECK_EQ(result.problem, kEndsEarly);
      CHECK_EQ(result.offset, front.size() + cut);
      const Bytes expected = Joined({first, content});
      CHECK(result.content.size() <= expected.size());
      CHECK(result.content == Front(expected, result.content.size()));
      CHECK(result.content.size() >= before);
      before = result.content.size();
      if (cut >= member.size() - kTrailer) CHECK_EQ(result.content.size(), expected.size());
      CHECK(ResultOf(Joined({front, Front(member, cut)}), 1).content == result.content);
    });
  }
}

// Random bytes are stored as they are, so that what a cut leaves is known.
TEST(CutMembersGiveEveryByte) {
  constexpr size_t kBlockHeader = 5;
  constexpr size_t kStart = kHeader + kBlockHeader;
  const Bytes content = RandomBytes(300);
  const Bytes member = Gzipped(content);
  CHECK_EQ(member.size(), kStart + content.size() + kTrailer);
  for (size_t cut = 2; cut < member.size(); ++cut) {
    const size_t expected = cut < kStart ? 0 : std::min(cut - kStart, content.size());
    CHECK(ResultOf(Front(member, cut)).content == Front(content, expected));
  }
}

TEST(DamageIsFound) {
  const Bytes content = Packets(1000);
  const Bytes member = Gzipped(content);
  for (size_t at = 2; at < member.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      Within("byte " + std::to_string(at) + " by " + std::to_string(flip), [&] {
        Bytes damaged = member;
        damaged[at] = static_cast<uint8_t>(damaged[at] ^ flip);
        const Result result = ResultOf(damaged);
        CHECK(ResultOf(damaged, 1).content == result.content);
        // Some bits mean nothing: the time in the header, what fills the last byte of the data.
        CHECK(!result.problem.empty() || result.content == content);
        if (at >= member.size() - kTrailer) {
          CHECK_EQ(result.problem, "gzip checksum mismatch");
          CHECK(result.content == content);
            }
      });
    }
  }
}

TEST(CorruptDataIsToldInZlibsWords) {
  Bytes member = Gzipped(Packets(2000));
  member[2] = 7;
  CHECK_EQ(ResultOf(member).problem, "the gzip data is corrupt: unknown compression method");
  member[2] = 8;
  member[kHeader] = 0x07;  // the last block, of the type that is none
  const Result result = ResultOf(member);
  CHECK_EQ(result.problem, "the gzip data is corrupt: invalid block type");
  CHECK(result.offset > kHeader && result.offset < member.size());
  CHECK(result.content.empty());
}

TEST(DamageInTheMiddleGivesWhatIsBefore) {
  const Bytes first = Packets(1'000'000, 1);
  const Bytes member = Gzipped(first);
  Bytes damaged = Gzipped(Packets(100, 2));
  damaged[kHeader] = 0x07;
  const Result result = ResultOf(Joined({member, damaged, Gzipped(first)}));
  CHECK(result.content == first);
  CHECK_EQ(result.problem, "the gzip data is corrupt: invalid block type");
  CHECK(result.offset > member.size() && result.offset < member.size() + damaged.size());
}

TEST(GarbageBehindTheMembersIsNoted) {
  const Bytes content = Packets(1000);
  const Bytes member = Gzipped(content);
  for (const Bytes& garbage : {Bytes(1, 0), Bytes(100'000, 0), BytesOf("\n"), BytesOf("\x1f{"), RandomBytes(1000)}) {
    const Result result = ResultOf(Joined({member, garbage}));
    CHECK(result.content == content);
    CHECK_EQ(result.problem, kGarbage);
    CHECK_EQ(result.offset, member.size());
  }
}

TEST(GzipInsideGzipIsInflatedOnce) {
  const Bytes inner = Gzipped(Packets(1000));
  CHECK(ResultOf(Gzipped(inner)).content == inner);
}

TEST(HalfAMagicNumberIsNoGzip) {
  const TemporaryFolder folder;
  for (const Bytes& bytes : {Bytes{0x1f}, Bytes{0x1f, 0x8c}, Bytes{0x8b, 0x1f}}) {
    WriteFile(folder.Path("trace"), bytes);
    ByteSource source;
    CHECK(source.Open(folder.Path("trace")).ok());
    CHECK(ReadAll(&source) == bytes);
    CHECK(!source.is_gzip());
  }
}

#ifndef _WIN32

TEST(GzipComesThroughPipes) {
  const Bytes content = Packets(300'000);
  const Bytes bytes = Joined({Gzipped(Front(content, 3000)), Gzipped(content), Bytes(10, 0)});
  for (const size_t step : {size_t{1}, size_t{1000}, size_t{70'000}}) {
    const FedPipe pipe(bytes, step);
    ByteSource source;
    CHECK(source.Borrow(pipe.reader()).ok());
    CHECK(ReadAll(&source) == Joined({Front(content, 3000), content}));
    CHECK_EQ(source.problem(), kGarbage);
    CHECK_EQ(source.total(), 0u);
    CHECK_EQ(source.consumed(), bytes.size() - 10);
  }
}

TEST(FailuresInsideAMemberAreTheSystems) {
  int ends[2];
  CHECK_EQ(pipe(ends), 0);
  const Bytes content = RandomBytes(1000);
  WriteTo(ends[1], Gzipped(content).data(), 500);
  ByteSource source;
  CHECK(source.Borrow(ends[0]).ok());
  Bytes target(1000);
  size_t count = 0;
  CHECK(source.Read(target.data(), target.size(), &count).ok());
  CHECK_EQ(count, 485u);
  // The end to write to, in place of the one to read from.
  CHECK_EQ(dup2(ends[1], ends[0]), ends[0]);
  CHECK_EQ(source.Read(target.data(), target.size(), &count).code(), "EBADF");
  CHECK_EQ(count, 0u);
  CHECK_EQ(source.problem(), "");
  close(ends[0]);
  close(ends[1]);
}

#endif

}  // namespace
}  // namespace tracesmith::test
