#include "sorting/run_merger.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tracesmith {
namespace {

// Lies in front of each record. No other process reads the file.
struct Head {
  SortKey key;
  uint64_t size;
};

void Copy(const void* bytes, size_t size, PodVector<uint8_t>* target) {
  if (size != 0) std::memcpy(target->Extend(size), bytes, size);
}

}  // namespace

SpillWriter::SpillWriter(TemporaryFile* file, size_t buffer_size) : file_(file), buffer_size_(buffer_size) {
  buffer_.Reserve(buffer_size + sizeof(Head));
}

void SpillWriter::Append(const Record& record) {
  const Head head{record.key, record.size};
  if (buffer_.size() + sizeof(head) + record.size > buffer_size_) Flush();
  Copy(&head, sizeof(head), &buffer_);
  if (sizeof(head) + record.size <= buffer_size_) {
    Copy(record.data, record.size, &buffer_);
    return;
  }
  Flush();
  if (status_.ok()) status_ = file_->WriteAt(written_, record.data, record.size);
  written_ += record.size;
}

IoStatus SpillWriter::Flush() {
  if (status_.ok()) status_ = file_->WriteAt(written_, buffer_.begin(), buffer_.size());
  written_ += buffer_.size();
  buffer_.Truncate(0);
  return status_;
}

SpillReader::SpillReader(const TemporaryFile* file, SpilledRun run, size_t buffer_size)
    : file_(file), next_(run.begin), end_(run.end), buffer_size_(std::max(buffer_size, sizeof(Head))) {
  buffer_.Reserve(buffer_size_);
}

bool SpillReader::Advance() {
  Head head;
  if (!Fill(sizeof(head))) return false;
  std::memcpy(&head, buffer_.begin() + at_, sizeof(head));
  at_ += sizeof(head);
  key_ = head.key;
  size_ = static_cast<size_t>(head.size);
  return true;
}

Record SpillReader::Read(PodVector<uint8_t>* large) {
  const uint8_t* data = nullptr;
  if (size_ <= buffer_size_) {
    if (Fill(size_)) data = buffer_.begin() + at_;
    at_ += size_;
  } else {
    large->Truncate(0);
    large->Reserve(size_);  // exactly; Extend() alone may double
    large->Extend(size_);
    const size_t there = buffer_.size() - at_;
    std::memcpy(large->begin(), buffer_.begin() + at_, there);
    ReadFile(large->begin() + there, size_ - there);
    at_ = buffer_.size();
    data = large->begin();
  }
  return {key_, status_.ok() ? data : nullptr, size_};
}

// Reads until the buffer holds the next `size` bytes, at most buffer_size_; false if the run ends before.
bool SpillReader::Fill(size_t size) {
  const size_t there = buffer_.size() - at_;
  if (there >= size) return status_.ok();
  std::memmove(buffer_.begin(), buffer_.begin() + at_, there);
  buffer_.Truncate(there);
  at_ = 0;
  const auto more = static_cast<size_t>(std::min<uint64_t>(buffer_size_ - there, end_ - next_));
  if (more == 0) return false;
  ReadFile(buffer_.Extend(more), more);
  return status_.ok();
}

void SpillReader::ReadFile(uint8_t* data, size_t size) {
  if (status_.ok()) status_ = file_->ReadAt(next_, data, size);
  next_ += size;
}

// --------------------------------------------------------------------- RunMerger

RunMerger::RunMerger(const TemporaryFile* file, const SpilledRun* runs, size_t count, size_t buffer_size,
                     const RecordRun* last)
    : last_(last), keys_(count + (last == nullptr ? 0 : 1)) {
  readers_.reserve(count);
  for (size_t i = 0; i < count; ++i) readers_.emplace_back(file, runs[i], buffer_size);
}

bool RunMerger::Next(Record* record) {
  if (!large_.empty()) large_ = PodVector<uint8_t>();
  // A heap of the standard library has its greatest element in front.
  const auto is_later = [this](size_t a, size_t b) { return Precedes(b, a); };
  if (!has_begun_) {
    has_begun_ = true;
    for (size_t run = 0; run < keys_.size(); ++run) {
      if (Advance(run)) runs_.push_back(run);
    }
    std::make_heap(runs_.begin(), runs_.end(), is_later);
  } else if (runs_.empty()) {
    return false;
  } else if (!Advance(runs_.back())) {
    runs_.pop_back();
  } else if (runs_.size() == 1 || Precedes(runs_.back(), runs_.front())) {
    return ReadFirst(record);  // the same run has the next record, too
  } else {
    std::push_heap(runs_.begin(), runs_.end(), is_later);
  }
  if (!runs_.empty()) std::pop_heap(runs_.begin(), runs_.end(), is_later);
  return ReadFirst(record);
}

bool RunMerger::ReadFirst(Record* record) {
  if (!status_.ok() || runs_.empty()) return false;
  if (runs_.back() == readers_.size()) {
    *record = front_of_last_;
    return true;
  }
  *record = readers_[runs_.back()].Read(&large_);
  status_ = readers_[runs_.back()].status();
  return status_.ok();
}

bool RunMerger::Advance(size_t run) {
  if (run == readers_.size()) {
    if (next_of_last_ == last_->size()) return false;
    front_of_last_ = (*last_)[next_of_last_++];
    keys_[run] = front_of_last_.key;
    return true;
  }
  SpillReader& reader = readers_[run];
  if (reader.Advance()) {
    keys_[run] = reader.key();
    return true;
  }
  if (!reader.status().ok()) status_ = reader.status();
  return false;
}

bool RunMerger::Precedes(size_t a, size_t b) const {
  return keys_[a] < keys_[b] || (a < b && !(keys_[b] < keys_[a]));
}

}  // namespace tracesmith
