#include "sorting/spilled_run.h"

#include <algorithm>
#include <cstring>

namespace tracesmith {
namespace {

// What is in front of each record. The file is read by the process that wrote it.
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
    large->Reserve(size_);  // exactly, where Extend() may double
    large->Extend(size_);
    const size_t there = buffer_.size() - at_;
    std::memcpy(large->begin(), buffer_.begin() + at_, there);
    ReadFile(large->begin() + there, size_ - there);
    at_ = buffer_.size();
    data = large->begin();
  }
  return {key_, status_.ok() ? data : nullptr, size_};
}

// Sees to it that the next bytes, which the buffer has room for, are in it; false where there are none.
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

}  // namespace tracesmith
