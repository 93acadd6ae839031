// A whole conversion with its threads: what comes out must not depend on who was faster, nor on what was spilled.
// What a trace means is tested from JavaScript.

#include "convert/conversion.h"

#include <atomic>
#include <random>
#include <string>
#include <thread>

#include "check.h"
#include "input_support.h"
#include "output_support.h"

namespace tracesmith::test {
namespace {

constexpr size_t kEvents = 20'000;

// Slices with arguments, out of order, some of them with flows.
std::string TraceText(size_t events) {
  std::mt19937 random(1);
  std::string text = "{\"traceEvents\":[";
  for (size_t i = 0; i < events; ++i) {
    const std::string time = std::to_string(random() % 1'000'000);
    const std::string place = ",\"pid\":1,\"tid\":" + std::to_string(2 + random() % 4) + ",\"ts\":" + time;
    if (i != 0) text += ",\n";
    text += "{\"ph\":\"X\",\"name\":\"slice " + std::to_string(random() % 50) + "\",\"dur\":" +
            std::to_string(random() % 500) + place + ",\"args\":{\"i\":" + std::to_string(i) + "}}";
    if (i % 10 == 0) {
      const std::string id = std::to_string(i / 20);
      text += ",{\"ph\":\"" + std::string(i % 20 == 0 ? "s" : "f") + "\",\"name\":\"flow\",\"id\":" + id + place + "}";
    }
  }
  return text + "]}";
}

class Files {
 public:
  explicit Files(const std::string& text) { WriteFile(folder_.Path("in.json"), BytesOf(text)); }

  Conversion::Options Options() const {
    Conversion::Options options;
    options.input_path = folder_.Path("in.json");
    options.output_path = folder_.Path("out.pftrace");
    options.spill_path = options.output_path;
    options.input_name = "in.json";
    options.output_name = "out.pftrace";
    return options;
  }
  Bytes Output() const { return ReadFile(folder_.Path("out.pftrace")); }

 private:
  TemporaryFolder folder_;
};

TEST(TheTraceDoesNotDependOnBlocksAndBudget) {
  const Files files(TraceText(kEvents));
  Conversion whole(files.Options());
  CHECK_EQ(whole.Run().message, "");
  CHECK_EQ(whole.report().counts.slices, kEvents);
  CHECK_EQ(whole.report().spilled_bytes, 0u);
  const Bytes expected = files.Output();
  CHECK(Joined(WrittenPackets(expected)) == expected);

  Conversion::Options options = files.Options();
  options.memory_budget = 256 * 1024;
  options.block_size = 10'000;
  Conversion spilled(options);
  CHECK_EQ(spilled.Run().message, "");
  CHECK(spilled.report().spilled_bytes > 0);
  CHECK(files.Output() == expected);
}

// A sanitizer of threads looks at what both of them touch.
TEST(AnyThreadMayAskHowFarItIs) {
  const Files files(TraceText(kEvents));
  Conversion conversion(files.Options());
  std::atomic<bool> is_done{false};
  bool goes_back = false;
  std::thread watcher([&] {
    const Conversion::Progress& progress = conversion.progress();
    for (uint64_t events = 0, bytes = 0, written = 0; !is_done;) {
      goes_back |= progress.events < events || progress.bytes_read < bytes || progress.written < written;
      events = progress.events;
      bytes = progress.bytes_read;
      written = progress.written;
    }
  });
  const Conversion::Failure failure = conversion.Run();
  is_done = true;
  watcher.join();
  CHECK_EQ(failure.message, "");
  CHECK(!goes_back);
  CHECK_EQ(conversion.progress().events.load(), conversion.report().events);
}

TEST(AnyThreadMayCancel) {
  const Files files(TraceText(kEvents));
  for (const uint64_t events : {uint64_t{1}, kEvents / 2, uint64_t{kEvents}}) {
    Conversion conversion(files.Options());
    Conversion::Failure failure;
    std::thread runner([&] { failure = conversion.Run(); });
    while (conversion.progress().events < events) std::this_thread::yield();
    conversion.Cancel();
    runner.join();
    CHECK(failure.error == Conversion::Error::kCancelled || conversion.report().is_written);
  }
}

}  // namespace
}  // namespace tracesmith::test
