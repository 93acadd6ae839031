#pragma once

#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "sorting/record_run.h"
#include "sorting/run_merger.h"
#include "sorting/spilled_run.h"

namespace tracesmith {

// Sorts records of any number and size in bounded memory: those that do not fit go to a temporary file
// as sorted runs, which are merged in the end, with a last one that may stay in memory. The order depends on
// nothing but the records and the order in which they are added. After the first failure of the file it takes
// everything and gives nothing. One thread at a time may use it.
class RecordSorter {
 public:
  struct Options {
    // Bytes of memory; beyond, there is only a record that alone is larger, and less than 1 KiB for each
    // 64 KiB of the budget.
    size_t budget = size_t{64} << 20;
    // The temporary file lies in the folder of that path (UTF-8), which is not touched itself: the path
    // of the output, or "/tmp/" for a folder. The file is created only when it is needed.
    std::string spill_path;
    // Sorts and writes a run on another thread while the next one is filled; each has half the budget.
    bool spills_in_background = false;
  };

  explicit RecordSorter(Options options);
  RecordSorter(const RecordSorter&) = delete;
  RecordSorter& operator=(const RecordSorter&) = delete;

  // Where the next record goes, of up to `size` bytes; nothing is added yet. Valid until the next call.
  uint8_t* Reserve(size_t size) {
    if (run_.MemoryWith(size) > run_budget_ && !run_.empty()) SpillRun();
    return run_.Reserve(size);
  }
  // Adds what was written there.
  void Commit(SortKey key, size_t size) {
    run_.Commit(key, size);
    ++count_;
  }
  // Adds a record of two parts, the second one behind the first. Either may be null where it has no size.
  void Add(SortKey key, const uint8_t* head, size_t head_size, const uint8_t* payload, size_t payload_size);

  // Ends adding. The caller must not add records afterwards.
  IoStatus Finish();
  // The records in order, after Finish(); false at the end and after a failure. Valid until the next call.
  bool Next(Record* record);

  // Begins with the first record again; after Finish().
  void Rewind();

  // The first failure.
  const IoStatus& status() const { return status_; }
  // Records that were added.
  uint64_t count() const { return count_; }
  // Bytes of memory that are in use after Finish(): not more than the budget, and often far less.
  size_t memory() const;
  // Bytes that were written to temporary files, after Finish().
  uint64_t spilled_bytes() const { return spilled_bytes_; }

 private:
  void SpillRun();
  IoStatus WriteRun(RecordRun* run);
  void WaitForSpill();
  void NoteIo(const IoStatus& status);
  void MergeUntilFewRuns();
  size_t MemoryOfRun() const { return run_.empty() ? 0 : run_.MemoryWith(0); }
  std::unique_ptr<RunMerger> MergerOf(size_t first_run, size_t count, size_t budget,
                                      const RecordRun* last = nullptr) const;
  // From the first record.
  void MergeAll();

  Options options_;
  size_t block_size_;
  size_t run_budget_;
  size_t max_merged_runs_;
  RecordRun run_;
  uint64_t count_ = 0;
  uint64_t spilled_bytes_ = 0;
  IoStatus status_;
  size_t next_ = 0;  // in run_, where nothing was spilled
  std::unique_ptr<RunMerger> merger_;

  // Of who spills: others call WaitForSpill() before they touch them.
  RecordRun full_run_;
  std::unique_ptr<TemporaryFile> file_;
  std::unique_ptr<SpillWriter> writer_;
  std::vector<SpilledRun> runs_;

  std::future<IoStatus> spill_;  // the last member: its destructor waits for the thread
};

}  // namespace tracesmith
