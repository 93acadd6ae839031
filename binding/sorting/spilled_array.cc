#include "spilled_array.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tracesmith {
namespace {

constexpr size_t kReadAtOnce = 8 * 1024;  // values

const uint8_t* BytesOf(const uint64_t* values) { return reinterpret_cast<const uint8_t*>(values); }

}  // namespace

SpilledArray::SpilledArray(std::string spill_path, size_t budget)
    : spill_path_(std::move(spill_path)), max_recent_(std::max<size_t>(budget / sizeof(uint64_t), 2)) {}

bool SpilledArray::Next(uint64_t* value) {
  if (next_ == size()) return false;
  if (next_ < spilled_) {
    if (next_ == read_end_) ReadSpilled();
    if (status_.ok()) *value = read_[read_.size() - static_cast<size_t>(read_end_ - next_)];
  } else {
    *value = recent_[static_cast<size_t>(next_ - spilled_)];
  }
  ++next_;
  return status_.ok();
}

// Half, so that what was appended just now can still be changed in memory.
void SpilledArray::SpillOlderHalf() {
  const size_t count = recent_.size() / 2;
  if (status_.ok() && !file_.is_open()) status_ = file_.Create(spill_path_);
  if (status_.ok()) {
    status_ = file_.WriteAt(spilled_ * sizeof(uint64_t), BytesOf(recent_.begin()), count * sizeof(uint64_t));
  }
  spilled_ += count;
  const size_t kept = recent_.size() - count;
  std::memmove(recent_.begin(), recent_.begin() + count, kept * sizeof(uint64_t));
  recent_.Truncate(kept);
}

void SpilledArray::SetSpilled(uint64_t index, uint64_t value) {
  if (status_.ok()) status_ = file_.WriteAt(index * sizeof(uint64_t), BytesOf(&value), sizeof(value));
}

void SpilledArray::ReadSpilled() {
  const auto count = static_cast<size_t>(std::min<uint64_t>(kReadAtOnce, spilled_ - next_));
  read_.Truncate(0);
  read_.Extend(count);
  if (status_.ok()) {
    const auto data = reinterpret_cast<uint8_t*>(read_.begin());
    status_ = file_.ReadAt(next_ * sizeof(uint64_t), data, count * sizeof(uint64_t));
  }
  read_end_ = next_ + count;
}

}  // namespace tracesmith
