#include "sorting/record_sorter.h"

#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

namespace tracesmith {
namespace {

// Of the blocks of a RecordRun and of the buffer through which runs are written.
constexpr size_t kMinBlock = 256;
constexpr size_t kMaxBlock = size_t{1} << 20;
constexpr size_t kBlocksInBudget = 16;

// Merging more runs through smaller buffers would take longer than merging twice.
constexpr size_t kMinReadBuffer = size_t{64} << 10;
constexpr size_t kMaxReadBuffer = size_t{256} << 10;

// The size of each run's buffer when so many runs are read side by side.
size_t BufferSize(size_t runs, size_t budget) { return std::min(budget / runs, kMaxReadBuffer); }

}  // namespace

RecordSorter::RecordSorter(Options options)
    : options_(std::move(options)),
      block_size_(std::clamp(options_.budget / kBlocksInBudget, kMinBlock, kMaxBlock)),
      run_budget_(options_.budget - std::min(options_.budget, block_size_)),
      max_merged_runs_(std::max<size_t>(run_budget_ / kMinReadBuffer, 2)),
      run_(block_size_),
      full_run_(block_size_) {
  if (options_.spills_in_background) run_budget_ /= 2;
}

void RecordSorter::Add(SortKey key, const uint8_t* head, size_t head_size, const uint8_t* payload,
                       size_t payload_size) {
  uint8_t* record = Reserve(head_size + payload_size);
  if (head_size != 0) std::memcpy(record, head, head_size);
  if (payload_size != 0) std::memcpy(record + head_size, payload, payload_size);
  Commit(key, head_size + payload_size);
}

IoStatus RecordSorter::Finish() {
  WaitForSpill();
  if (runs_.empty() && status_.ok()) {
    run_.Sort();
    return status_;
  }
  full_run_ = RecordRun(block_size_);
  if (status_.ok() && !run_.empty() && MemoryOfRun() + runs_.size() * kMaxReadBuffer <= options_.budget) {
    run_.Sort();
  } else {
    if (!run_.empty() && status_.ok()) NoteIo(WriteRun(&run_));
    // The memory goes to the buffers that runs are read through.
    run_ = RecordRun(block_size_);
  }
  if (writer_ != nullptr) spilled_bytes_ = writer_->offset();
  writer_.reset();
  MergeUntilFewRuns();
  MergeAll();
  return status_;
}

bool RecordSorter::Next(Record* record) {
  if (!status_.ok()) return false;
  if (merger_ != nullptr) {
    if (merger_->Next(record)) return true;
    NoteIo(merger_->status());
    return false;
  }
  if (next_ == run_.size()) return false;
  *record = run_[next_++];
  return true;
}

void RecordSorter::Rewind() {
  next_ = 0;
  if (merger_ != nullptr) MergeAll();
}

void RecordSorter::MergeAll() {
  const size_t budget = options_.budget - std::min(options_.budget, MemoryOfRun());
  if (status_.ok()) merger_ = MergerOf(0, runs_.size(), budget, run_.empty() ? nullptr : &run_);
}

size_t RecordSorter::memory() const {
  const size_t buffers = options_.budget - std::min(options_.budget, MemoryOfRun());
  return MemoryOfRun() + (runs_.empty() ? 0 : runs_.size() * BufferSize(runs_.size(), buffers));
}

void RecordSorter::SpillRun() {
  WaitForSpill();
  if (!status_.ok()) {
    run_.Clear();
    return;
  }
  if (options_.spills_in_background) {
    std::swap(run_, full_run_);
    try {
      spill_ = std::async(std::launch::async, [this] { return WriteRun(&full_run_); });
      return;
    } catch (const std::system_error&) {
      // The system has no more threads: this one writes the run.
      std::swap(run_, full_run_);
    }
  }
  NoteIo(WriteRun(&run_));
}

IoStatus RecordSorter::WriteRun(RecordRun* run) {
  if (file_ == nullptr) {
    auto file = std::make_unique<TemporaryFile>();
    const IoStatus created = file->Create(options_.spill_path);
    if (!created.ok()) {
      run->Clear();
      return created;
    }
    file_ = std::move(file);
    writer_ = std::make_unique<SpillWriter>(file_.get(), block_size_);
  }
  run->Sort();
  const uint64_t begin = writer_->offset();
  for (size_t i = 0; i < run->size(); ++i) writer_->Append((*run)[i]);
  run->Clear();
  const IoStatus written = writer_->Flush();
  runs_.push_back({begin, writer_->offset()});
  return written;
}

void RecordSorter::WaitForSpill() {
  if (spill_.valid()) NoteIo(spill_.get());
}

void RecordSorter::NoteIo(const IoStatus& status) {
  if (status_.ok()) status_ = status;
}

// Each round writes a new file and then drops the old one, so the disk holds the records twice at most.
void RecordSorter::MergeUntilFewRuns() {
  while (status_.ok() && runs_.size() > max_merged_runs_) {
    auto merged_file = std::make_unique<TemporaryFile>();
    NoteIo(merged_file->Create(options_.spill_path));
    if (!status_.ok()) return;
    SpillWriter writer(merged_file.get(), block_size_);
    std::vector<SpilledRun> merged_runs;
    for (size_t first = 0; first < runs_.size(); first += max_merged_runs_) {
      const size_t count = std::min(max_merged_runs_, runs_.size() - first);
      const auto merger = MergerOf(first, count, options_.budget - std::min(options_.budget, block_size_));
      const uint64_t begin = writer.offset();
      Record record;
      while (merger->Next(&record)) writer.Append(record);
      NoteIo(merger->status());
      merged_runs.push_back({begin, writer.offset()});
    }
    NoteIo(writer.Flush());
    spilled_bytes_ += writer.offset();
    file_ = std::move(merged_file);
    runs_ = std::move(merged_runs);
  }
}

std::unique_ptr<RunMerger> RecordSorter::MergerOf(size_t first_run, size_t count, size_t budget,
                                                  const RecordRun* last) const {
  return std::make_unique<RunMerger>(file_.get(), runs_.data() + first_run, count, BufferSize(count, budget), last);
}

}  // namespace tracesmith
