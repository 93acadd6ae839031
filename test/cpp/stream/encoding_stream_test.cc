// The queue between a producer and whatever threads work: the trace is the same, whoever encodes it.

#include "stream/encoding_stream.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "batch_builder.h"
#include "check.h"
#include "encoded_trace.h"

namespace tracesmith::test {
namespace {

constexpr size_t kWindow = 500;

std::vector<Columns> Batches() {
  BatchBuilder builder;
  const uint32_t track = builder.Plain("track");
  std::vector<Columns> batches;
  for (uint64_t i = 0; i < 20'000; ++i) {
    builder.Slice(track, (i ^ 3) * 10, 5, "name " + std::to_string(i % 50)).TextArg("key", std::to_string(i % 300));
    if (i % 100 == 99) batches.push_back(builder.Take());
  }
  batches.push_back(builder.Take());
  return batches;
}

std::vector<uint8_t> Expected(const std::vector<Columns>& batches) {
  StreamTrace trace(kWindow);
  for (const Columns& batch : batches) CHECK_EQ(trace.encoder.Append(batch.View()).message(), "");
  return trace.Finish();
}

std::unique_ptr<EncodingStream> NewStream() {
  EncodingStream::Options options;
  options.window = kWindow;
  options.path = "the test";
  return std::make_unique<EncodingStream>(options, std::make_unique<PacketOutput>(Compression::kNone, 1));
}

std::vector<uint8_t> Taken(EncodingStream& stream) {
  std::vector<uint8_t> bytes;
  for (const auto& chunk : stream.TakeChunks()) bytes.insert(bytes.end(), chunk.begin(), chunk.end());
  return bytes;
}

TEST(TheProducerAloneEncodesWhereItWaits) {
  const std::vector<Columns> batches = Batches();
  const auto stream = NewStream();
  std::vector<uint8_t> bytes;
  const auto take = [&] {
    const std::vector<uint8_t> part = Taken(*stream);
    bytes.insert(bytes.end(), part.begin(), part.end());
  };
  for (const Columns& batch : batches) {
    stream->Push(batch.View());
    stream->WaitUntilBelow(10'000);
    take();
    CHECK(stream->queued_bytes() <= 10'000);
  }
  stream->Push(EncodingStream::Task::kFinish);
  stream->WaitUntilIdle();
  take();
  CHECK(!stream->failure().has_value());
  CHECK(bytes == Expected(batches));
}

TEST(SeveralThreadsEncodeWhatOneProduces) {
  const std::vector<Columns> batches = Batches();
  const auto stream = NewStream();
  std::atomic<bool> is_done{false};
  std::vector<std::thread> workers;
  for (int i = 0; i < 3; ++i) {
    workers.emplace_back([&] {
      while (!is_done) {
        stream->Work();
        std::this_thread::yield();
      }
    });
  }
  std::vector<uint8_t> bytes;
  for (const Columns& batch : batches) {
    stream->Push(batch.View());
    const std::vector<uint8_t> part = Taken(*stream);
    bytes.insert(bytes.end(), part.begin(), part.end());
    if (bytes.size() % 7 == 0) stream->WaitUntilBelow(1000);
  }
  stream->Push(EncodingStream::Task::kFinish);
  stream->WaitUntilIdle();
  is_done = true;
  for (std::thread& worker : workers) worker.join();
  const std::vector<uint8_t> rest = Taken(*stream);
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  CHECK(bytes == Expected(batches));
  CHECK_EQ(stream->tasks_done(), 1u);
  CHECK_EQ(stream->bytes_written(), bytes.size());
}

// All of it is there before any thread works.
TEST(TheBytesDoNotDependOnWhenItIsEncoded) {
  const std::vector<Columns> batches = Batches();
  const auto stream = NewStream();
  for (const Columns& batch : batches) stream->Push(batch.View());
  CHECK(stream->Push(EncodingStream::Task::kFinish));
  std::thread([&] { stream->Work(); }).join();
  CHECK(stream->IsIdle());
  CHECK(Taken(*stream) == Expected(batches));
}

// A thread that is there for the stream alone, and a producer that at times is faster.
TEST(AThreadOfItsOwnWorksUntilTheEnd) {
  const std::vector<Columns> batches = Batches();
  for (const size_t most : {size_t{0}, size_t{10'000}, size_t{1'000'000}}) {
    const auto stream = NewStream();
    std::thread worker([&] { stream->WorkUntilFinished(); });
    for (const Columns& batch : batches) {
      stream->Push(batch.View());
      stream->WaitUntilBelow(most);
    }
    stream->Push(EncodingStream::Task::kFinish);
    if (most == 0) stream->WaitUntilIdle();
    worker.join();
    CHECK(Taken(*stream) == Expected(batches));
  }
}

TEST(AWholeTraceStaysInMemoryWithoutAnOutput) {
  const std::vector<Columns> batches = Batches();
  EncodingStream stream(EncodingStream::Options{}, nullptr);
  stream.Expect(20'000);
  for (const Columns& batch : batches) stream.Push(batch.View());
  stream.Push(EncodingStream::Task::kFlushWindow);
  stream.Push(EncodingStream::Task::kFinish);
  stream.WaitUntilIdle();
  WholeTrace expected;
  for (const Columns& batch : batches) CHECK_EQ(expected.encoder.Append(batch.View()).message(), "");
  CHECK(BytesOf(stream.memory()) == expected.Finish());
  CHECK_EQ(stream.counts().slices, 20'000u);
}

TEST(ABadBatchStopsTheStream) {
  std::vector<Columns> batches = Batches();
  batches[3].kind[5] = 99;
  const auto stream = NewStream();
  for (const Columns& batch : batches) stream->Push(batch.View());
  stream->Push(EncodingStream::Task::kFinish);
  stream->WaitUntilIdle();
  CHECK(stream->failure().has_value());
  CHECK_EQ(stream->failure()->message.substr(0, 14), "batch.kind[5]:");
  CHECK_EQ(stream->queued_bytes(), Taken(*stream).size());
}

TEST(GivingUpForgetsWhatWaits) {
  const auto stream = NewStream();
  std::thread worker;
  for (const Columns& batch : Batches()) {
    stream->Push(batch.View());
    if (!worker.joinable()) worker = std::thread([&] { stream->Work(); });
  }
  stream->Abort();
  CHECK(stream->IsIdle());
  worker.join();
}

}  // namespace
}  // namespace tracesmith::test
