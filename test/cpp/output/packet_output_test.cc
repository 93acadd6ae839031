#include "output/packet_output.h"

#include <utility>

#include "check.h"
#include "output_support.h"

namespace tracesmith::test {
namespace {

constexpr size_t kKiB = 1024;

const Compression kAll[] = {Compression::kNone, Compression::kGzip, Compression::kPackets};

// What was appended before it was compressed.
Bytes Original(Compression compression, const Bytes& written) {
  switch (compression) {
    case Compression::kGzip:
      return Joined(GzipMembers(written));
    case Compression::kPackets:
      return Joined(WrittenPackets(written));
    case Compression::kNone:
      break;
  }
  return written;
}

void AppendTo(PacketOutput* output, const Bytes& packets) { CHECK(output->Append(packets.data(), packets.size()).ok()); }

OutputFile Opened(const std::string& path) {
  OutputFile file;
  CHECK(file.Open(path).ok());
  return file;
}

TEST(FilesHoldWhatWasAppended) {
  const TemporaryFolder folder;
  for (const Compression compression : kAll) {
    Within("compression " + Show(compression), [&] {
      PacketOutput output(Opened(folder.Path("trace")), compression, 1);
      Bytes expected;
      for (uint32_t i = 0; i < 300; ++i) {
        const Bytes packets = Packets(i * 100, i);
        AppendTo(&output, packets);
        Append(&expected, packets);
      }
      CHECK(output.Finish().ok());
      const Bytes written = ReadFile(folder.Path("trace"));
      CHECK_EQ(written.size(), output.bytes_written());
      CHECK(Original(compression, written) == expected);
    });
  }
}

TEST(QueuesHoldTheSameAsFiles) {
  const TemporaryFolder folder;
  for (const Compression compression : kAll) {
    Within("compression " + Show(compression), [&] {
      PacketOutput to_file(Opened(folder.Path("trace")), compression, 1);
      PacketOutput to_queue(compression, 1);
      Bytes taken;
      for (uint32_t i = 0; i < 100; ++i) {
        const Bytes packets = Packets(i * 500, i);
        AppendTo(&to_file, packets);
        AppendTo(&to_queue, packets);
        for (const Bytes& chunk : to_queue.TakeChunks()) Append(&taken, chunk);
      }
      CHECK(to_file.Finish().ok());
      CHECK(to_queue.Finish().ok());
      for (const Bytes& chunk : to_queue.TakeChunks()) Append(&taken, chunk);
      CHECK(to_queue.TakeChunks().empty());
      CHECK_EQ(to_queue.bytes_written(), taken.size());
      CHECK(taken == ReadFile(folder.Path("trace")));
    });
  }
}

// Whoever follows a live trace waits for this many bytes.
TEST(ChunksComeWhenEnoughIsThere) {
  const std::pair<Compression, size_t> kCases[] = {
      {Compression::kNone, 64 * kKiB}, {Compression::kPackets, 256 * kKiB}, {Compression::kGzip, 1024 * kKiB}};
  for (const auto& [compression, enough] : kCases) {
    Within("compression " + Show(compression), [&, compression = compression, enough = enough] {
      PacketOutput output(compression, 1);
      const Bytes packet = PacketOfSize(1 * kKiB);
      for (size_t i = 1; i < enough / kKiB; ++i) AppendTo(&output, packet);
      CHECK_EQ(output.pending_bytes(), enough - kKiB);
      CHECK(output.TakeChunks().empty());
      AppendTo(&output, packet);
      CHECK_EQ(output.pending_bytes(), 0u);
      CHECK_EQ(output.TakeChunks().size(), 1u);
    });
  }
}

TEST(FlushPassesOnWhatIsThere) {
  for (const Compression compression : kAll) {
    Within("compression " + Show(compression), [&] {
      PacketOutput output(compression, 1);
      CHECK(output.Flush().ok());
      CHECK(output.TakeChunks().empty());
      for (uint32_t i = 1; i <= 2; ++i) {
        const Bytes packets = PacketOfSize(100, i);
        AppendTo(&output, packets);
        CHECK(output.Flush().ok());
        const PacketOutput::Chunks chunks = output.TakeChunks();
        CHECK_EQ(chunks.size(), 1u);
        CHECK(Original(compression, chunks[0]) == packets);
      }
      CHECK(output.Finish().ok());
      CHECK(output.TakeChunks().empty());
    });
  }
}

TEST(LargeRunsAreOneChunk) {
  for (const Compression compression : kAll) {
    Within("compression " + Show(compression), [&] {
      PacketOutput output(compression, 1);
      const Bytes packets = Packets(4096 * kKiB);
      AppendTo(&output, packets);
      const PacketOutput::Chunks chunks = output.TakeChunks();
      CHECK_EQ(chunks.size(), 1u);
      CHECK(Original(compression, chunks[0]) == packets);
    });
  }
}

TEST(EmptyGzipFilesOpen) {
  const TemporaryFolder folder;
  PacketOutput output(Opened(folder.Path("trace")), Compression::kGzip, 1);
  CHECK(output.Finish().ok());
  CHECK_EQ(GzipMembers(ReadFile(folder.Path("trace"))).size(), 1u);
  CHECK(output.Finish().ok());
  CHECK_EQ(GzipMembers(ReadFile(folder.Path("trace"))).size(), 1u);
}

TEST(DiscardRemovesTheFile) {
  const TemporaryFolder folder;
  PacketOutput output(Opened(folder.Path("trace")), Compression::kNone, 1);
  AppendTo(&output, Packets(100 * kKiB));
  CHECK(Exists(folder.Path("trace")));
  output.Discard();
  CHECK(!Exists(folder.Path("trace")));
}

#ifdef __linux__

TEST(TheFirstFailureStays) {
  for (const Compression compression : kAll) {
    Within("compression " + Show(compression), [&] {
      PacketOutput output(Opened("/dev/full"), compression, 1);
      const Bytes packets = PacketOfSize(100);
      CHECK(output.Append(packets.data(), packets.size()).ok());
      CHECK_EQ(output.Flush().code(), "ENOSPC");
      for (int i = 0; i < 100; ++i) CHECK_EQ(output.Append(packets.data(), packets.size()).code(), "ENOSPC");
      CHECK_EQ(output.pending_bytes(), 0u);
      CHECK_EQ(output.Flush().code(), "ENOSPC");
      CHECK_EQ(output.Finish().code(), "ENOSPC");
      CHECK_EQ(output.status().code(), "ENOSPC");
      CHECK_EQ(output.bytes_written(), 0u);
    });
  }
}

#endif

}  // namespace
}  // namespace tracesmith::test
