#include "sorting/run_merger.h"

#include <utility>

namespace tracesmith {

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

// It lost to none but the winner. Without another run it is the winner itself.
void RunMerger::FindSecond() {
  second_ = winner_;
  for (size_t match = (fronts_.size() + winner_) / 2; match > 0; match /= 2) {
    if (second_ == winner_ || Precedes(losers_[match], second_)) second_ = losers_[match];
  }
}

}  // namespace tracesmith
