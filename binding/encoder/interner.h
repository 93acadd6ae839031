#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tracesmith {

// The interned strings of one kind (event names, categories, ...): an iid for each string id, and
// the entries that the sequence has not been told yet. Entries must be written before the first
// packet that uses them.
class Interner {
 public:
  struct Entry {
    uint32_t iid;
    std::string text;
  };

  // The iid of a string of the table, 1 for the first one that is asked for.
  uint32_t IidOf(uint32_t string_id, std::string_view text) {
    if (string_id >= iids_.size()) iids_.resize(string_id + string_id / 2 + 64);
    uint32_t& iid = iids_[string_id];
    if (iid == kNone || iid == kSeenOnce) iid = Add(text);
    return iid;
  }

  // Like IidOf, but 0 at the first request: a string that occurs once costs less where it is used.
  uint32_t IidAfterFirstUse(uint32_t string_id, std::string_view text) {
    if (string_id >= iids_.size()) iids_.resize(string_id + string_id / 2 + 64);
    uint32_t& iid = iids_[string_id];
    if (iid == kNone) {
      iid = kSeenOnce;
      return 0;
    }
    if (iid == kSeenOnce) iid = Add(text);
    return iid;
  }

  // An iid for a string that is in no table; the caller remembers it.
  uint32_t Add(std::string_view text) {
    pending_.push_back({++last_iid_, std::string(text)});
    return last_iid_;
  }

  bool has_pending() const { return !pending_.empty(); }
  std::vector<Entry> TakePending() { return std::exchange(pending_, {}); }

 private:
  static constexpr uint32_t kNone = 0;
  static constexpr uint32_t kSeenOnce = UINT32_MAX;

  std::vector<uint32_t> iids_;
  std::vector<Entry> pending_;
  uint32_t last_iid_ = 0;
};

}  // namespace tracesmith
