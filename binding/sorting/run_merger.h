#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sorting/record_run.h"
#include "sorting/spilled_run.h"

namespace tracesmith {

// Reads sorted runs of a temporary file, and a last one in memory, as one. Of records that are equal, those of
// an earlier run come first.
class RunMerger {
 public:
  // There must be a run in the file. `file` and `last`, which may be null, must outlive the merger. Each run of
  // the file is read through a buffer of that size.
  RunMerger(const TemporaryFile* file, const SpilledRun* runs, size_t count, size_t buffer_size,
            const RecordRun* last = nullptr);

  // False at the end, and after a failure. The record is valid until the next call.
  bool Next(Record* record);

  const IoStatus& status() const { return status_; }

 private:
  // The next record of a run.
  struct Front {
    SortKey key;
    bool is_there;
  };

  void Advance(size_t run);
  bool Precedes(size_t a, size_t b) const;
  void FindFirst();
  void FindNext();
  void FindSecond();

  std::vector<SpillReader> readers_;
  const RecordRun* last_;
  size_t next_of_last_ = 0;
  Record front_of_last_{};
  std::vector<Front> fronts_;
  // A tree of losers: the matches of the runs, the final at 1, the matches before that of n at 2n and
  // 2n + 1, the runs behind the last match. Each match keeps who lost it, so that another front of the
  // winner meets exactly those that it has to.
  std::vector<uint32_t> losers_;
  size_t winner_ = 0;
  size_t second_ = 0;  // what precedes all others but the winner: as long as that precedes it, nothing is played
  bool has_begun_ = false;
  PodVector<uint8_t> large_;
  IoStatus status_;
};

}  // namespace tracesmith
