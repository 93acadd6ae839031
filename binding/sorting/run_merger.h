#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/pod_vector.h"
#include "io/io_status.h"
#include "io/temporary_file.h"
#include "sorting/record_run.h"

namespace tracesmith {

// A sorted run in a temporary file: from byte `begin` to byte `end`.
struct SpilledRun {
  uint64_t begin;
  uint64_t end;
};

// Writes records to a temporary file, one after the other. After the first failure it accepts all records and writes
// none.
class SpillWriter {
 public:
  // `file` must be open and outlive the writer, which writes from its start.
  SpillWriter(TemporaryFile* file, size_t buffer_size);

  void Append(const Record& record);
  IoStatus Flush();

  // The position of the next record in the file.
  uint64_t offset() const { return written_ + buffer_.size(); }

 private:
  TemporaryFile* file_;
  PodVector<uint8_t> buffer_;
  size_t buffer_size_;
  uint64_t written_ = 0;
  IoStatus status_;
};

// Reads the records of a SpilledRun in order. A record larger than the buffer is read only when the caller asks for it,
// so that many runs that are read side by side do not each hold one.
class SpillReader {
 public:
  SpillReader(const TemporaryFile* file, SpilledRun run, size_t buffer_size);

  // Goes to the first or the next record; false behind the last one and after a failure. The caller must have called
  // Read() for each record before.
  bool Advance();
  const SortKey& key() const { return key_; }
  // The record, whose data is in the buffer or, if it is large, in `large`; valid until Advance(). The data is null
  // after a failure. The caller must call it once for each record.
  Record Read(PodVector<uint8_t>* large);

  const IoStatus& status() const { return status_; }

 private:
  bool Fill(size_t size);
  void ReadFile(uint8_t* data, size_t size);

  const TemporaryFile* file_;
  uint64_t next_;  // in the file, behind the buffer's content
  uint64_t end_;
  PodVector<uint8_t> buffer_;
  size_t buffer_size_;
  size_t at_ = 0;  // in the buffer
  SortKey key_{};
  size_t size_ = 0;
  IoStatus status_;
};

// Reads sorted runs of a temporary file, and perhaps one more in memory, as one sorted run. Of equal records, those of
// an earlier run come first; the run in memory is the last one.
class RunMerger {
 public:
  // `count` must be at least 1. `file` and `last`, which may be null, must outlive the merger. Each run of the file is
  // read through a buffer of `buffer_size`.
  RunMerger(const TemporaryFile* file, const SpilledRun* runs, size_t count, size_t buffer_size,
            const RecordRun* last = nullptr);

  // False at the end and after a failure. The record is valid until the next call.
  bool Next(Record* record);

  const IoStatus& status() const { return status_; }

 private:
  // Goes to the next record of the run; false if there is none.
  bool Advance(size_t run);
  bool Precedes(size_t a, size_t b) const;
  bool ReadFirst(Record* record);

  std::vector<SpillReader> readers_;
  const RecordRun* last_;
  size_t next_of_last_ = 0;
  Record front_of_last_{};
  std::vector<SortKey> keys_;  // by run: of its next record
  // The runs that have records: first a heap, then the run with the first record of all.
  std::vector<size_t> runs_;
  bool has_begun_ = false;
  PodVector<uint8_t> large_;
  IoStatus status_;
};

}  // namespace tracesmith
