#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "../encoder/pod_vector.h"
#include "../io/io_status.h"
#include "../io/temporary_file.h"

namespace tracesmith {

// Values that become known later than their place: appended, changed, then read from front to back. The
// newest are in memory; the older ones, beyond a budget, in a temporary file, where changing one is a
// call of the system. After the first failure it takes everything and gives nothing. One thread at a time
// may use it.
class SpilledArray {
 public:
  // `budget` is in bytes. The file lies in the folder of `spill_path` (UTF-8), which is not touched itself,
  // and is created only when it is needed.
  explicit SpilledArray(std::string spill_path, size_t budget = size_t{1} << 20);

  // Gives the index of the value. The caller must not append or set values after the first Next().
  uint64_t Append(uint64_t value) {
    if (recent_.size() == max_recent_) SpillOlderHalf();
    recent_.Add(value);
    return spilled_ + recent_.size() - 1;
  }
  // The index must be one that Append() gave.
  void Set(uint64_t index, uint64_t value) {
    if (index >= spilled_) {
      recent_[static_cast<size_t>(index - spilled_)] = value;
    } else {
      SetSpilled(index, value);
    }
  }

  // The next value, the first one at first; false at the end and after a failure.
  bool Next(uint64_t* value);

  uint64_t size() const { return spilled_ + recent_.size(); }
  // The first failure.
  const IoStatus& status() const { return status_; }

 private:
  void SpillOlderHalf();
  void SetSpilled(uint64_t index, uint64_t value);
  void ReadSpilled();

  std::string spill_path_;
  size_t max_recent_;
  PodVector<uint64_t> recent_;
  uint64_t spilled_ = 0;  // values that are in the file
  TemporaryFile file_;
  IoStatus status_;
  uint64_t next_ = 0;
  PodVector<uint64_t> read_;  // of the values in the file those up to read_end_
  uint64_t read_end_ = 0;
};

}  // namespace tracesmith
