#pragma once

#include <cstddef>
#include <cstdint>

#include "base/pod_vector.h"
#include "io/io_status.h"
#include "io/temporary_file.h"
#include "sorting/record.h"

namespace tracesmith {

// Where sorted records are in a temporary file.
struct SpilledRun {
  uint64_t begin;
  uint64_t end;
};

// Writes records to a temporary file one after the other. After the first failure it takes everything
// and does nothing.
class SpillWriter {
 public:
  // `file` must be open, and outlive the writer, which writes from its start.
  SpillWriter(TemporaryFile* file, size_t buffer_size);

  void Append(const Record& record);
  IoStatus Flush();

  // Where the next record goes.
  uint64_t offset() const { return written_ + buffer_.size(); }

 private:
  TemporaryFile* file_;
  PodVector<uint8_t> buffer_;
  size_t buffer_size_;
  uint64_t written_ = 0;
  IoStatus status_;
};

// Reads the records of a run in order. A payload larger than the buffer is read only when it is asked
// for, so that many runs that are read side by side do not each hold one.
class SpillReader {
 public:
  SpillReader(const TemporaryFile* file, SpilledRun run, size_t buffer_size);

  // Goes to the next record, the first one at first; false behind the last one and after a failure.
  // The caller must have asked for the data of the record before.
  bool Advance();
  const SortKey& key() const { return key_; }
  // The record, with its data, which a large one has in `large`; valid until Advance(). With null data
  // after a failure. The caller must call it once.
  Record Read(PodVector<uint8_t>* large);

  const IoStatus& status() const { return status_; }

 private:
  bool Fill(size_t size);
  void ReadFile(uint8_t* data, size_t size);

  const TemporaryFile* file_;
  uint64_t next_;  // in the file, behind what is in the buffer
  uint64_t end_;
  PodVector<uint8_t> buffer_;
  size_t buffer_size_;
  size_t at_ = 0;  // in the buffer
  SortKey key_{};
  size_t size_ = 0;
  IoStatus status_;
};

}  // namespace tracesmith
