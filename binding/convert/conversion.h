#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chrome_json/findings.h"
#include "chrome_json/text_scanner.h"
#include "order/timeline.h"
#include "input/byte_source.h"
#include "output/packet_output.h"
#include "profile/cpu_profiles.h"
#include "convert/event_collector.h"
#include "convert/trace_builder.h"
#include "convert/track_maker.h"

namespace tracesmith {

// A trace in JSON becomes a native one, from file to file, on the thread that runs it and one more: both read
// events, then one makes rows of what was sorted and the other encodes them.
class Conversion {
 public:
  struct Options {
    // A path (UTF-8), or a descriptor where the path is empty. The output's file is made or emptied.
    std::string input_path;
    int input_descriptor = -1;
    std::string output_path;
    int output_descriptor = -1;
    // For messages.
    std::string input_name;
    std::string output_name;
    Compression compression = Compression::kNone;
    int level = 1;
    // Bytes of what waits to be sorted; beyond, it goes to temporary files, see RecordSorter.
    size_t memory_budget = size_t{64} << 20;
    std::string spill_path;
    GpuEvents gpu_events = GpuEvents::kTracks;
    bool is_strict = false;  // nothing is written where there is a finding
    size_t block_size = 0;   // of text; 0: the default
  };

  enum class Error : uint8_t { kNone, kInput, kIo, kCancelled };
  struct Failure {
    Error error = Error::kNone;
    std::string message;
    std::string system_code;  // of kIo
  };

  struct Report {
    bool is_written = false;
    bool is_gzip = false;
    uint64_t bytes = 0;
    uint64_t input_bytes = 0;
    uint64_t text_bytes = 0;
    uint64_t spilled_bytes = 0;
    uint64_t events = 0;
    uint64_t unmatched = 0;
    uint64_t flows = 0;
    uint64_t undrawn_flows = 0;
    uint64_t samples = 0;
    EventCollector::Phases phases{};
    std::vector<Finding> findings;
    TimelineCounts counts;
  };

  // What any thread may ask for while it runs.
  struct Progress {
    std::atomic<bool> is_writing{false};
    std::atomic<uint64_t> bytes_read{0};
    std::atomic<uint64_t> total_bytes{0};  // 0: unknown
    std::atomic<uint64_t> events{0};
    std::atomic<uint64_t> written{0};  // of those that are sorted
  };

  explicit Conversion(Options options) : options_(std::move(options)) {}

  // Converts, once. What was written stays where it fails; the caller removes it.
  Failure Run();
  const Report& report() const { return report_; }
  const Progress& progress() const { return progress_; }
  // Lets Run() end soon; any thread may call it.
  void Cancel() { is_cancelled_ = true; }

 private:
  Failure Read();
  Failure ReadTrace(ByteSource& source, Findings* findings);
  Failure ReadProfile(ByteSource& source);
  Failure Link();
  Failure Write();
  Failure IoFailure(const char* action, const std::string& name, const IoStatus& status) const;
  Failure SortFailure(const IoStatus& status) const;
  // What the sorters of a step share, as far as that leaves each an eighth of the budget. The rest is for
  // the blocks of text that are read meanwhile, and stays free behind, so that each step peaks alike.
  size_t SortingBudget() const { return options_.memory_budget - options_.memory_budget / 4; }
  RecordSorter::Options SorterOptions(size_t budget) const;
  void WriteProfiles(TrackMaker& tracks, PacketOutput& output);
  void WriteMetadata(TraceBuilder& builder);
  std::vector<std::string> GpuNames();

  Options options_;
  Report report_;
  Progress progress_;
  std::atomic<bool> is_cancelled_{false};
  TextPool texts_;
  Identities identities_;
  CpuProfiles profiles_{identities_};
  std::unique_ptr<RecordSorter> records_;
  std::unique_ptr<RecordSorter> links_;
  bool needs_links_ = false;
  std::vector<TopLevelValue> values_;
  std::string input_problem_;  // what a finding of the report refers to
};

}  // namespace tracesmith
