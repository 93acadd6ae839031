#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chrome_json/findings.h"
#include "chrome_json/text_scanner.h"
#include "convert/arrow_drawer.h"
#include "convert/event_collector.h"
#include "convert/event_survey.h"
#include "convert/filter_part.h"
#include "convert/filter_survey.h"
#include "convert/filtered_records.h"
#include "convert/linker.h"
#include "convert/trace_builder.h"
#include "input/byte_source.h"
#include "order/timeline.h"
#include "output/packet_output.h"
#include "profile/cpu_profiles.h"
#include "profile/profile_writer.h"

namespace tracesmith {

// Problem: users have traces as Chrome JSON of many gigabytes, which Perfetto's UI cannot open. A Conversion reads such
// a file, or a CPU profile, and writes a native trace: it parses the events, sorts them by time, links ends and flows
// with their slices, and encodes.
//
// It promises memory within a budget, and output that depends on the input and the options alone. It owns everything
// but borrowed descriptors. It runs on the caller's thread and one more: first both parse, then one builds rows and the
// other encodes them. Progress and cancelling are for any thread.
class Conversion {
 public:
  struct Options {
    // A path (UTF-8), or a descriptor if the path is empty. Creates the output's file or empties it.
    std::string input_path;
    int input_descriptor = -1;
    std::string output_path;
    int output_descriptor = -1;
    // The names of both in messages.
    std::string input_name;
    std::string output_name;
    Compression compression = Compression::kNone;
    int level = 1;
    // Bytes of memory for sorting; more goes to temporary files, see RecordSorter.
    size_t memory_budget = size_t{64} << 20;
    std::string spill_path;
    GpuEvents gpu_events = GpuEvents::kTracks;
    // Leaves out events at 0 if they lie years before the rest.
    bool drops_zero_times = false;
    bool only_surveys = false;  // counts what the trace holds, and writes nothing
    bool is_strict = false;  // writes nothing if there is a finding
    size_t block_size = 0;   // of TextScanner; 0: the default
    FilterSurvey::Options survey;  // of LookAt()
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
    ArrowCounts arrows;
    uint64_t samples = 0;
    uint64_t time_shift = 0;  // ns that were added to all times, so that none is below 0
    ParsedBlock::Phases phases{};
    std::vector<Finding> findings;
    TimelineCounts counts;
  };

  // Any thread may read these while the conversion runs.
  struct Progress {
    std::atomic<bool> is_writing{false};
    std::atomic<uint64_t> bytes_read{0};
    std::atomic<uint64_t> total_bytes{0};  // 0: unknown
    std::atomic<uint64_t> events{0};
    std::atomic<uint64_t> written{0};  // of those that are sorted
  };

  explicit Conversion(Options options) : options_(std::move(options)) {}

  // Converts; the caller must call it once. After a failure the caller must remove the output.
  Failure Run();

  // To write parts of the trace alone, in the place of Run(): reads it, once, and then writes any number of parts, each to
  // an output of its own.
  Failure LookAt();
  struct PartReport {
    EventPlan::Counts counts;
    uint64_t dropped_samples = 0;
  };
  Failure WritePart(const FilterPart& part, std::string path, int descriptor, std::string name, PartReport* report);
  const FilterSurvey& survey() const { return *survey_; }
  const ProcessTable& process_table() const { return process_table_; }
  const Report& report() const { return report_; }
  bool is_survey() const { return options_.only_surveys; }
  // What a survey found.
  const EventSurvey& contents() const { return contents_; }
  TextForm form() const { return form_; }
  uint64_t entries() const { return entries_; }
  const Progress& progress() const { return progress_; }
  // Ends Run() soon. Any thread may call it.
  void Cancel() { is_cancelled_ = true; }

 private:
  static constexpr uint64_t kCancelCheck = 4096;  // records

  Failure Read();
  // The error of a text that has nothing for a trace; none if it has.
  Failure EmptyFailure() const;
  Failure ReadTrace(ByteSource& source, Findings* findings);
  // Reads the samples of call stacks beside the events.
  void ReadStacks(const std::vector<TopLevelValue>& values, Findings* findings);
  Failure ReadProfile(ByteSource& source);
  Failure Link();
  Failure Write();
  // Whether arguments are left in the file until it is known which stay. Errors in those that go are not found then, so only
  // where it saves much.
  bool SkipsArgs() const;
  // What WriteRecords() writes.
  struct Source {
    std::function<bool(Record*)> next;  // the sorted records
    RecordSorter* links;
    std::vector<TopLevelValue> values{};  // beside those of the trace
    SampleFilter keeps_sample;          // none: all stay
  };
  Failure WriteRecords(const Source& source);
  // Reads the events from the first on; false if it was cancelled.
  bool ForEachEvent(const std::function<void(const LinkedEvent&)>& use);
  // Writes the links of the records that stay, numbered as those are.
  IoStatus KeepLinks(FilteredRecords records, RecordSorter* links);
  // Reads the source on behalf of a reader of text, until it fails or the conversion is cancelled.
  TextSource TextOf(ByteSource& source, IoStatus* status);
  static Failure IoFailure(const char* action, const std::string& name, const IoStatus& status);
  Failure SortFailure(const IoStatus& status) const;
  // The memory for all sorters of a step; each gets at least an eighth of the budget. The rest is for the blocks of
  // text, and stays free in the later steps, so that all steps take the same.
  size_t SortingBudget() const { return options_.memory_budget - options_.memory_budget / 4; }
  std::vector<std::string> GpuNames();
  // The same by the survey.
  void JudgeSurveyedZeroTimes();
  // Includes the samples of CPU profiles in the survey.
  void SurveySamples();
  // Keeps or removes the finding about events at 0, and decides whether they are left out.
  void JudgeZeroTimes();
  bool IsLeftOut(const Record& record) const { return leaves_out_zero_ && record.key.time == SortTimeOf(0); }

  Options options_;
  Report report_;
  Progress progress_;
  std::atomic<bool> is_cancelled_{false};
  ByteSource source_;
  TextPool texts_;
  ProcessTable process_table_;
  CpuProfiles profiles_{process_table_};
  EventSurvey contents_{texts_};
  TextForm form_ = TextForm::kNone;
  uint64_t entries_ = 0;
  std::unique_ptr<RecordSorter> records_;
  std::unique_ptr<RecordSorter> links_;
  uint64_t record_count_ = 0;
  AsyncProcesses async_processes_;
  bool needs_links_ = false;
  bool leaves_out_zero_ = false;
  uint64_t origin_ = SortTimeOf(0);  // of EventView
  std::vector<TopLevelValue> values_;
  std::string input_problem_;  // the reason of a finding in the report
  std::optional<FilterSurvey> survey_;  // behind LookAt()
};

}  // namespace tracesmith
