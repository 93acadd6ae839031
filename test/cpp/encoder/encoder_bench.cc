// How long the encoder takes beside the SDK's typed setters without interning, on what a profiler of a
// training job on four GPUs sends: encoder_bench [events] [rounds]. Not a test: ctest does not run it.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "batch_builder.h"
#include "encoder/trace_encoder.h"
#include "reference_encoder.h"

namespace tracesmith::test {
namespace {

// As lib/batch sends them.
constexpr size_t kBatchRows = 4096;
constexpr uint64_t kStart = 1'717'754'400'123'456'789;

// The workload of test/bench/workload.js in C++: kernels and copies on 32 streams, a fifth of the
// events with two strings of metadata, names drawn unevenly from a few hundred.
class Workload {
 public:
  std::vector<Columns> Batches(size_t events) {
    std::vector<uint32_t> streams;
    for (uint64_t device = 0; device < kDevices; ++device) {
      const uint32_t parent = builder_.Plain("GPU " + std::to_string(device));
      for (uint64_t stream = 0; stream < kStreams; ++stream) {
        streams.push_back(builder_.Plain("Stream " + std::to_string(stream), parent, device << 32 | stream));
      }
    }
    std::vector<Draft> drafts;
    std::vector<uint64_t> ends(streams.size(), 0);
    for (size_t i = 0; i < events; ++i) {
      const size_t stream = static_cast<size_t>(Below(streams.size()));
      Draft draft{ends[stream] + 300 + Below(4001), 0, streams[stream], Below(100)};
      if (draft.kind < 85) draft.length = static_cast<uint64_t>(std::exp(7 + Unit() * 6));
      ends[stream] = draft.time + draft.length;
      drafts.push_back(draft);
    }
    std::sort(drafts.begin(), drafts.end(), [](const Draft& a, const Draft& b) { return a.time < b.time; });
    std::vector<Columns> batches;
    for (size_t i = 0; i < drafts.size(); ++i) {
      AddEvent(drafts[i], i);
      if (builder_.columns().kind.size() >= kBatchRows) batches.push_back(builder_.Take());
    }
    batches.push_back(builder_.Take());
    return batches;
  }

 private:
  static constexpr uint64_t kDevices = 4;
  static constexpr uint64_t kStreams = 8;

  struct Draft {
    uint64_t time;
    uint64_t length;
    uint32_t track;
    uint64_t kind;
  };

  uint64_t Below(uint64_t limit) { return engine_() % limit; }
  double Unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

  void AddEvent(const Draft& draft, size_t index) {
    const uint64_t time = kStart + draft.time;
    const uint64_t id = 100'000 + index;
    if (draft.kind < 60) {
      const auto kernel = static_cast<uint32_t>(Unit() * Unit() * 200);
      const std::string name = "void at::native::vectorized_elementwise_kernel<4, float>(int) #" + std::to_string(kernel);
      builder_.Slice(draft.track, time, draft.length, name, "gpu_kernel").Correlation(id).Int("thread_id", ThreadId());
      const auto variant = static_cast<uint32_t>(Below(1 + kernel % 4));
      Launch launch;
      launch.grid[0] = 1 + kernel * 37 % 4096 + variant * 256;
      launch.block[0] = 32u << kernel % 6;
      launch.shared_memory = kernel % 3 * 8192;
      launch.registers = 16 + kernel % 15 * 16;
      builder_.LaunchArg(launch);
    } else if (draft.kind < 85) {
      static const char* const kNames[] = {"memcpy_H2D", "memcpy_D2H", "memcpy_D2D"};
      builder_.Slice(draft.track, time, draft.length, kNames[Below(3)], "gpu_memory").Correlation(id);
      builder_.Int("thread_id", ThreadId()).Int("size_bytes", int64_t{256} << Below(22));
      builder_.Pointer("src_address", Address()).Pointer("dst_address", Address());
    } else if (draft.kind < 95) {
      builder_.Instant(draft.track, time, "marker " + std::to_string(Below(50)), "marker");
    } else {
      builder_.Slice(draft.track, time, 0, Below(2) == 0 ? "cudaMalloc" : "cudaFree", "gpu_memory");
      builder_.Int("size_bytes", static_cast<int64_t>(512 * (1 + Below(65'536)))).Pointer("dst_address", Address());
    }
    if (Below(5) != 0) return;
    builder_.TextArg("operator", "aten::operator_" + std::to_string(Below(150)));
    builder_.TextArg("step", "ProfilerStep#" + std::to_string(index / 500));
  }

  int64_t ThreadId() { return static_cast<int64_t>(4000 + Below(4)); }
  uint64_t Address() { return 0x7f00'0000'0000 + Below(4096) * 2 * 1024 * 1024; }

  std::mt19937_64 engine_{20240607};
  BatchBuilder builder_;
};

double Now() {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Append(const std::vector<Columns>& batches, size_t rows, EventTable* store) {
  store->Expect(rows);
  for (const Columns& batch : batches) {
    const Status status = store->Append(batch.View());
    if (status.ok()) continue;
    std::fprintf(stderr, "%s\n", status.message().c_str());
    std::exit(1);
  }
}

// Orders events as the others do and writes nothing.
struct NoWriter {
  void Begin(const Event&, uint32_t, Arrows::Span) { ++calls; }
  void End(uint32_t, uint32_t, uint64_t) { ++calls; }
  void Instant(const Event&, Arrows::Span) { ++calls; }
  void Counter(const Event&) { ++calls; }
  void Complete(const Event&) { ++calls; }
  uint64_t calls = 0;
};

int Run(size_t events, int rounds) {
  const std::vector<Columns> batches = Workload().Batches(events);
  size_t rows = 0;
  for (const Columns& batch : batches) rows += batch.kind.size();
  std::vector<double> encoder_times, typed_times, order_times, pair_ratios;
  size_t encoder_size = 0, typed_size = 0;
  uint64_t calls = 0;
  // In turns, so that a machine that slows down slows all alike; the first rounds only warm up.
  for (int round = -2; round < rounds; ++round) {
    double start = Now();
    {
      PacketMemory memory;
      WholeTraceEncoder encoder(memory);
      encoder.Expect(rows);
      for (const Columns& batch : batches) {
        if (!encoder.Append(batch.View()).ok()) return 1;
      }
      encoder.Finish();
      encoder_size = memory.size();
    }
    const double encoder_time = Now() - start;

    start = Now();
    {
      EventTable store;
      Append(batches, rows, &store);
      ReferenceEncoder reference(store);
      reference.Encode();
      typed_size = reference.Size();
    }
    const double typed_time = Now() - start;

    start = Now();
    {
      EventTable store;
      Append(batches, rows, &store);
      WholeTimeline timeline(store);
      timeline.Order();
      NoWriter writer;
      timeline.VisitAll(writer);
      calls += writer.calls;
    }
    const double order_time = Now() - start;
    if (round < 0) continue;
    encoder_times.push_back(encoder_time);
    typed_times.push_back(typed_time);
    order_times.push_back(order_time);
    pair_ratios.push_back(encoder_time / typed_time);
  }
  if (calls == 0) return 1;

  const auto count = static_cast<double>(events);
  const double encoder = Median(encoder_times) / count;
  const double typed = Median(typed_times) / count;
  const double order = Median(order_times) / count;
  std::printf("%zu events, %d rounds in turns, medians\n", events, rounds);
  std::printf("                                     ns/event  bytes/event\n");
  std::printf("C++ encoder, columns to trace           %6.1f       %6.1f\n", encoder,
              static_cast<double>(encoder_size) / count);
  std::printf("typed setters, columns to trace         %6.1f       %6.1f\n", typed,
              static_cast<double>(typed_size) / count);
  std::printf("of both: taking columns and ordering    %6.1f\n", order);
  std::printf("encoder / typed setters                 %6.2f  (median of the rounds' ratios; at most 0.6)\n",
              Median(pair_ratios));
  std::printf("the same for the writing alone          %6.2f\n", (encoder - order) / (typed - order));
  return 0;
}

}  // namespace
}  // namespace tracesmith::test

int main(int argc, char** argv) {
  const int events = argc > 1 ? std::atoi(argv[1]) : 100'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 15;
  if (events <= 0 || rounds <= 0) {
    std::fprintf(stderr, "usage: encoder_bench [events] [rounds]\n");
    return 2;
  }
  return tracesmith::test::Run(static_cast<size_t>(events), rounds);
}
