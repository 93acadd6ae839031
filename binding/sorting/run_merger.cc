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
    : last_(last), fronts_(count + (last == nullptr ? 0 : 1)), losers_(fronts_.size()) {
  readers_.reserve(count);
  for (size_t i = 0; i < count; ++i) readers_.emplace_back(file, runs[i], buffer_size);
}

bool RunMerger::Next(Record* record) {
  if (!large_.empty()) large_ = PodVector<uint8_t>();
  if (has_begun_) {
    Advance(winner_);
    if (!Precedes(winner_, second_)) {
      FindNext();
      FindSecond();
    }
  } else {
    has_begun_ = true;
    for (size_t i = 0; i < fronts_.size(); ++i) Advance(i);
    FindFirst();
    FindSecond();
  }
  if (!status_.ok() || !fronts_[winner_].is_there) return false;
  if (winner_ == readers_.size()) {
    *record = front_of_last_;
    return true;
  }
  *record = readers_[winner_].Read(&large_);
  status_ = readers_[winner_].status();
  return status_.ok();
}

void RunMerger::Advance(size_t run) {
  if (run == readers_.size()) {
    const bool is_there = next_of_last_ < last_->size();
    if (is_there) front_of_last_ = (*last_)[next_of_last_++];
    fronts_[run] = {front_of_last_.key, is_there};
    return;
  }
  SpillReader& reader = readers_[run];
  const bool is_there = reader.Advance();
  fronts_[run] = {reader.key(), is_there};
  if (!is_there && !reader.status().ok()) status_ = reader.status();
}

bool RunMerger::Precedes(size_t a, size_t b) const {
  const Front& x = fronts_[a];
  const Front& y = fronts_[b];
  if (x.is_there != y.is_there) return x.is_there;
  if (x.key < y.key) return true;
  return a < b && !(y.key < x.key);
}

void RunMerger::FindFirst() {
  const size_t count = fronts_.size();
  std::vector<uint32_t> winners(2 * count);
  for (size_t i = 0; i < count; ++i) winners[count + i] = static_cast<uint32_t>(i);
  for (size_t match = count - 1; match > 0; --match) {
    uint32_t winner = winners[2 * match];
    uint32_t loser = winners[2 * match + 1];
    if (Precedes(loser, winner)) std::swap(winner, loser);
    winners[match] = winner;
    losers_[match] = loser;
  }
  winner_ = winners[1];
}

void RunMerger::FindNext() {
  auto winner = static_cast<uint32_t>(winner_);
  for (size_t match = (fronts_.size() + winner) / 2; match > 0; match /= 2) {
    if (Precedes(losers_[match], winner)) std::swap(losers_[match], winner);
  }
  winner_ = winner;
}

// The second lost to the winner alone. With one run it is the winner itself.
void RunMerger::FindSecond() {
  second_ = winner_;
  for (size_t match = (fronts_.size() + winner_) / 2; match > 0; match /= 2) {
    if (second_ == winner_ || Precedes(losers_[match], second_)) second_ = losers_[match];
  }
}

}  // namespace tracesmith
