#pragma once

#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "sorting/record_run.h"
#include "sorting/run_merger.h"

namespace tracesmith {

// Problem: a trace has more events than memory. A RecordSorter sorts records of any number and size within a budget of
// memory: it writes records that do not fit to a temporary file as sorted runs, and merges the runs at the end.
//
// It promises an order that depends on nothing but the records and the order in which they are added. After the first
// failure of the file it accepts all records and returns none. It owns the records and the file. One thread at a time
// may use it; it may have a thread of its own to write runs.
class RecordSorter {
 public:
  struct Options {
    // Bytes of memory. Only a record that alone is larger exceeds it, and less than 1 KiB for each 64 KiB of the
    // budget.
    size_t budget = size_t{64} << 20;
    // The temporary file lies in the folder of this path (UTF-8): the path of the output, which is not touched, or
    // "/tmp/" for a folder. The file is created only when it is needed.
    std::string spill_path;
    // Sorts and writes a run on another thread while the next one is filled; each has half the budget.
    bool spills_in_background = false;
  };

  explicit RecordSorter(Options options);
  RecordSorter(const RecordSorter&) = delete;
  RecordSorter& operator=(const RecordSorter&) = delete;

  // Returns the place of the next record, of up to `size` bytes; adds nothing yet. Valid until the next call.
  uint8_t* Reserve(size_t size) {
    if (run_.MemoryWith(size) > run_budget_ && !run_.empty()) SpillRun();
    return run_.Reserve(size);
  }
  // Adds the record that the caller wrote there.
  void Commit(SortKey key, size_t size) { run_.Commit(key, size); }
  // Adds a record that consists of a head and a payload. Either may be null if its size is 0.
  void Add(SortKey key, const uint8_t* head, size_t head_size, const uint8_t* payload, size_t payload_size);

  // The caller must not add records afterwards.
  IoStatus Finish();
  // After Finish(): the next record in order, valid until the next call; false at the end and after a failure.
  bool Next(Record* record);

  // After Finish(): goes back to the first record.
  void Rewind();

  // The first failure.
  const IoStatus& status() const { return status_; }
  // After Finish(): bytes of memory in use, at most the budget and often far less.
  size_t memory() const;
  // After Finish(): bytes that were written to temporary files.
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
  void MergeAll();

  Options options_;
  size_t block_size_;
  size_t run_budget_;
  size_t max_merged_runs_;
  RecordRun run_;
  uint64_t spilled_bytes_ = 0;
  IoStatus status_;
  size_t next_ = 0;  // in run_, if nothing was spilled
  std::unique_ptr<RunMerger> merger_;

  // The thread that spills uses these: call WaitForSpill() before you touch them.
  RecordRun full_run_;
  std::unique_ptr<TemporaryFile> file_;
  std::unique_ptr<SpillWriter> writer_;
  std::vector<SpilledRun> runs_;

  std::future<IoStatus> spill_;  // the last member: its destructor waits for the thread
};

}  // namespace tracesmith
