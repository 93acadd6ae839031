#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "filter/windows.h"
#include "output/packet_output.h"
#include "trim/event_log.h"
#include "trim/plan.h"
#include "trim/rewriter.h"
#include "trim/survey.h"

namespace tracesmith::trim {

// Problem: people have native traces of many gigabytes, and look at a part of them. A Trim copies that part into a
// smaller trace, in which everything means what it meant.
//
// The file is read once by LookAt(), which finds the tracks, the time and the events; the caller then asks the filters
// about texts and tracks, and calls Write(), which reads it again, for one output or several. Memory grows with tracks,
// texts and arrows, and by a byte an event. It runs on the caller's thread and one more. Progress and cancelling are for any thread.
class Trim {
 public:
  struct Options {
    std::string input_path;  // UTF-8
    std::string input_name;  // in messages
    WantedNames wanted;
    std::string spill_path;  // see TemporaryFile
  };

  struct Output {
    // A path (UTF-8), or a descriptor if the path is empty. Creates the file or empties it.
    std::string path;
    int descriptor = -1;
    std::string name;  // in messages
    Compression compression = Compression::kNone;
    int level = 1;
    // What stays.
    std::optional<Windows> windows;
    bool follows_flows = false;
    Criteria criteria;
    Rewriter::Options rewriter;
    // What the metadata of the trace says about the options.
    std::string options_text;
  };

  struct Report {
    uint64_t bytes = 0;
    PlanCounts plan;
    RewriteCounts rewriter;
  };

  enum class Error : uint8_t { kNone, kInput, kIo, kCancelled };
  struct Failure {
    Error error = Error::kNone;
    std::string message;
    std::string system_code;  // of kIo
  };

  // Any thread may read these meanwhile.
  struct Progress {
    std::atomic<uint64_t> bytes_read{0};  // in this reading of the file
    std::atomic<uint64_t> total_bytes{0};
    std::atomic<uint32_t> readings{0};  // that have ended
  };

  explicit Trim(Options options) : options_(std::move(options)), log_(options_.spill_path) {}

  // The first reading; the caller must call it once, before the others.
  Failure LookAt();
  bool has_time() const { return has_time_; }
  int64_t start() const { return start_; }
  int64_t end() const { return end_; }
  uint64_t input_bytes() const { return input_bytes_; }
  const std::vector<NamedTime>& named() const { return named_; }
  const Texts& texts() const { return texts_; }
  const Tracks& tracks() const { return tracks_; }

  // Writes an output. After a failure the caller must remove it.
  Failure Write(const Output& output, Report* report);

  const Progress& progress() const { return progress_; }
  // Ends the other calls soon. Any thread may call it.
  void Cancel() { is_cancelled_ = true; }

 private:
  // Reads the file once, and the contents of events at once or where the walker needs them: calls visit for each packet, and then `after_block`, which returns whether to go on.
  Failure Read(bool reads_events, Walker& walker, const std::function<void(const WalkedPacket&)>& visit,
               const std::function<bool()>& after_block = {});
  // Gives the events of the log to new readers, on a thread each: to each those of its tracks. Again as long as a reader
  // meets more late tracks. make(LateTracks&) returns a reader.
  template <typename Reader, typename Make>
  Failure ReadLog(Make make, Shared<Reader>* readers);
  template <typename Reader, typename Make>
  Failure ReadShare(size_t share, Make make, std::unique_ptr<Reader>* reader);
  Failure InputFailure(const std::string& what) const;
  Failure SpillFailure(const IoStatus& status) const;
  static Failure IoFailure(const char* action, const std::string& name, const IoStatus& status);

  const Options options_;
  Tracks tracks_;
  Texts texts_;
  EventLog log_;
  std::array<LateTracks, kShares> late_;
  bool has_time_ = false;
  int64_t start_ = 0;
  int64_t end_ = 0;
  uint64_t input_bytes_ = 0;
  std::vector<NamedTime> named_;
  Progress progress_;
  std::atomic<bool> is_cancelled_{false};
};

}  // namespace tracesmith::trim
