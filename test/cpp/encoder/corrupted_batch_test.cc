// Batches with a few values changed at random.

#include <random>
#include <string>
#include <vector>

#include "batch_builder.h"
#include "check.h"
#include "encoder/trace_encoder.h"
#include "random_events.h"

namespace tracesmith::test {
namespace {

template <typename T>
void Corrupt(std::vector<T>& column, std::mt19937_64& random) {
  if (column.empty()) return;
  T& value = column[random() % column.size()];
  switch (random() % 4) {
    case 0:
      value = static_cast<T>(random());
      break;
    case 1:
      value = static_cast<T>(value + random() % 3 - 1);
      break;
    case 2:
      value = static_cast<T>(T{1} << random() % (8 * sizeof(T)));
      break;
    default:
      value = column[random() % column.size()];
  }
}

// Either a message or a trace that can be encoded; a sanitizer sees the rest. The trace itself may
// say nonsense, such as a launch inside an object, so it is not decoded.
TEST(CorruptedBatchesDoNotCrash) {
  size_t refused = 0;
  constexpr uint32_t kSeeds = 3000;
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    Within("seed " + std::to_string(seed), [&] {
      std::mt19937_64 random(seed);
      RandomEvents events(seed % 50);
      PacketMemory memory;
      WholeTraceEncoder encoder(memory);
      CHECK_EQ(encoder.Append(events.NextBatch(10).View()).message(), "");
      Columns batch = events.NextBatch(10);
      const auto corrupt_one = [&](auto&... columns) {
        size_t index = random() % sizeof...(columns);
        ((index-- == 0 ? Corrupt(columns, random) : void()), ...);
      };
      for (uint64_t count = 1 + random() % 3; count > 0; --count) {
        corrupt_one(batch.kind, batch.channel, batch.flags, batch.track, batch.name, batch.category, batch.attr_end,
                    batch.time, batch.extent, batch.attr_head, batch.attr_value, batch.word, batch.text_end);
      }
      batch.word.shrink_to_fit();  // so that a sanitizer sees reads beyond the end
      const Columns exact = batch;
      const Status status = encoder.Append(exact.View());
      refused += status.ok() ? 0 : 1;
      if (!status.ok()) CHECK(status.message().find("]: expected ") != std::string::npos);
      CHECK_EQ(encoder.Append(BatchView()).message(), "");
      encoder.Finish();
      CHECK(memory.size() > 0);
    });
  }
  // If nearly all were refused or none, the test would not test what it says.
  CHECK(refused > kSeeds / 5 && refused < kSeeds * 4 / 5);
}

}  // namespace
}  // namespace tracesmith::test
