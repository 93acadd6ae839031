// The queue between a producer and whatever threads work: the trace is the same, whoever encodes it.

#include "stream/encoding_stream.h"

#ifdef __linux__
#include <sched.h>
#endif

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "batch_builder.h"
#include "check.h"
#include "encoder/trace_encoder.h"
#include "stream/processors.h"

namespace tracesmith::test {
namespace {

// Of one that is not encoded ahead, since not all of it is in order, and of one that is.
constexpr size_t kWindow = 500;
constexpr size_t kWindowAhead = 5000;

std::vector<Columns> Batches(uint64_t disorder = 3) {
  BatchBuilder builder;
  const uint32_t track = builder.Plain("track");
  std::vector<Columns> batches;
  for (uint64_t i = 0; i < 20'000; ++i) {
    builder.Slice(track, (i ^ disorder) * 10, 5, "name " + std::to_string(i % 50)).TextArg("key", std::to_string(i % 300));
    if (i % 100 == 99) batches.push_back(builder.Take());
  }
  batches.push_back(builder.Take());
  return batches;
}

std::vector<uint8_t> Expected(const std::vector<Columns>& batches, size_t window = kWindow) {
  std::vector<uint8_t> bytes;
  TraceEncoder encoder(window);
  for (const Columns& batch : batches) CHECK_EQ(encoder.Append(batch.View()).message(), "");
  encoder.Finish();
  for (const auto& piece : encoder.TakeOutput()) bytes.insert(bytes.end(), piece.begin(), piece.end());
  return bytes;
}

std::unique_ptr<EncodingStream> NewStream(size_t window = kWindow) {
  auto output = std::make_unique<PacketOutput>(Compression::kNone, 1);
  return std::make_unique<EncodingStream>(window, ClockReading(), std::move(output), "the test");
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

void CheckSeveralThreads(const std::vector<Columns>& batches, size_t window) {
  const auto stream = NewStream(window);
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
  CHECK(bytes == Expected(batches, window));
  CHECK_EQ(stream->tasks_done(), 1u);
  CHECK_EQ(stream->bytes_written(), bytes.size());
}

TEST(SeveralThreadsEncodeWhatOneProduces) {
  CheckSeveralThreads(Batches(), kWindow);
  CheckSeveralThreads(Batches(0), kWindowAhead);
}

// All of it is there before anybody works.
TEST(WhatWaitsIsReleasedBeforeItsEndIsEncoded) {
  const std::vector<Columns> batches = Batches(0);
  const auto stream = NewStream(kWindowAhead);
  for (const Columns& batch : batches) stream->Push(batch.View());
  CHECK(stream->Push(EncodingStream::Task::kFinish));
  std::thread([&] { stream->Work(); }).join();
  CHECK(stream->IsIdle());
  CHECK(Taken(*stream) == Expected(batches, kWindowAhead));
}

#ifdef __linux__
TEST(AThreadThatLeavesAProcessorMayRunOnAllOfThemAgain) {
  cpu_set_t before;
  cpu_set_t after;
  CHECK_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  LeaveProcessor(kNoProcessor);
  for (int i = 0; i < 10; ++i) LeaveProcessor(CurrentProcessor());
  CHECK_EQ(sched_getaffinity(0, sizeof(after), &after), 0);
  CHECK(CPU_EQUAL(&before, &after));
}

TEST(AThreadStaysOnTheOnlyProcessorThereIs) {
  std::thread([] {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<unsigned>(CurrentProcessor()), &only);
    CHECK_EQ(sched_setaffinity(0, sizeof(only), &only), 0);
    const int processor = CurrentProcessor();
    LeaveProcessor(processor);
    CHECK_EQ(CurrentProcessor(), processor);
  }).join();
}
#endif

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
