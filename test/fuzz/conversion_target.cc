#include <algorithm>
#include <string>
#include <vector>

#include "check.h"
#include "convert/conversion.h"
#include "fuzz_input.h"
#include "input_support.h"
#include "output/compressor.h"
#include "output_support.h"
#include "targets.h"

namespace tracesmith::test {
namespace {

constexpr size_t kBudgets[] = {size_t{64} << 20, 512, 4096, 65'536};

const TemporaryFolder& Folder() {
  static const TemporaryFolder folder;
  return folder;
}

// What came of a conversion; what depends on how it went, such as spilled bytes, is not there.
struct Outcome {
  std::string told;
  Bytes packets;
};

std::string Tell(const Conversion::Failure& failure, const Conversion::Report& report) {
  std::string told = failure.message;
  for (const uint64_t count : {report.input_bytes, report.text_bytes, report.events, report.unmatched, report.arrows.drawn,
                               report.arrows.backward, report.arrows.start_missing, report.arrows.end_missing,
                               report.arrows.backwards, report.samples, report.counts.slices, report.counts.instants,
                               report.counts.counters, report.counts.lanes, report.counts.unclosed}) {
    told += " " + std::to_string(count);
  }
  for (const Finding& finding : report.findings) {
    told += "\n" + std::to_string(static_cast<int>(finding.category)) + " " + std::string(finding.reason) + " x" +
            std::to_string(finding.count) + " @" + std::to_string(finding.offset) + ":" +
            std::to_string(finding.line) + " " + std::string(finding.excerpt);
  }
  return told;
}

Outcome Convert(const Conversion::Options& options) {
  Conversion conversion(options);
  const Conversion::Failure failure = conversion.Run();
  if (failure.error != Conversion::Error::kNone && failure.error != Conversion::Error::kInput) {
    throw Failure(failure.message);
  }
  Outcome outcome{Tell(failure, conversion.report()), {}};
  if (!conversion.report().is_written) return outcome;
  Bytes written = ReadFile(options.output_path);
  CHECK_EQ(conversion.report().bytes, written.size());
  if (options.compression == Compression::kGzip) written = Joined(GzipMembers(written));
  outcome.packets = Joined(WrittenPackets(written));
  // Once more: what was compressed must be whole packets as well.
  CHECK(Joined(WrittenPackets(outcome.packets)) == outcome.packets);
  return outcome;
}

}  // namespace

void FuzzConversion(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const uint8_t form = input.Byte();
  const uint8_t portions = input.Byte();
  Bytes file = input.Rest();
  if ((form & 128) != 0) {
    Bytes compressed;
    Compressor(Compression::kGzip, 1).Compress(file.data(), file.size(), &compressed);
    file = std::move(compressed);
  }
  Conversion::Options options;
  options.input_path = Folder().Path("input");
  options.output_path = Folder().Path("output");
  options.spill_path = options.output_path;
  options.input_name = "input";
  options.output_name = "output";
  options.compression = static_cast<Compression>(form % 3);
  options.gpu_events = static_cast<GpuEvents>(1 + form / 4 % 3);
  options.is_strict = (form & 64) != 0;
  WriteFile(options.input_path, file);
  const Outcome expected = Convert(options);

  options.memory_budget = kBudgets[portions % 4];
  options.block_size = 1 + size_t{16} * (portions / 4);
  const Outcome actual = Convert(options);
  CHECK_EQ(actual.told, expected.told);
  CHECK(actual.packets == expected.packets);
}

}  // namespace tracesmith::test
