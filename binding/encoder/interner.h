#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tracesmith {

// A sequence says each interned string of a kind (event names, categories, ...) once, with an iid. Interner gives the
// iids of one kind, from 1 on, by the string's id in the event table. It owns the new entries until the caller takes
// them to write them, which must be before the first packet that uses them. One thread at a time.
class Interner {
 public:
  struct Entry {
    uint32_t iid;
    std::string text;
  };

  // The iid that a string has; 0 if it has none.
  uint32_t Known(uint32_t string_id) const {
    const size_t index = string_id - first_string_;
    if (index >= iids_.size()) return 0;
    const uint32_t iid = iids_[index];
    return iid == kSeenOnce ? 0 : iid;
  }

  // The iid of a string, a new one at the first request.
  uint32_t IidOf(uint32_t string_id, std::string_view text) {
    uint32_t& iid = At(string_id);
    if (iid == kNone || iid == kSeenOnce) iid = Add(text);
    return iid;
  }

  // Like IidOf, but 0 at the first request: a string that occurs once costs less where it is used.
  uint32_t IidAfterFirstUse(uint32_t string_id, std::string_view text) {
    uint32_t& iid = At(string_id);
    if (iid == kNone) {
      iid = kSeenOnce;
      ++seen_;
      return 0;
    }
    if (iid == kSeenOnce) iid = Add(text);
    return iid;
  }

  // A new iid for a string that is not in the event table; the caller remembers it.
  uint32_t Add(std::string_view text) {
    pending_.push_back({++last_iid_, std::string(text)});
    ++seen_;
    text_bytes_ += text.size();
    return last_iid_;
  }

  // About how many strings were asked for, and the bytes of those that have an iid.
  size_t seen() const { return seen_; }
  size_t text_bytes() const { return text_bytes_; }

  // Forgets all strings; iids begin at 1 again. No id below `first_string` will be asked for.
  void Forget(uint32_t first_string) {
    iids_ = {};
    first_string_ = first_string;
    last_iid_ = 0;
    seen_ = 0;
    text_bytes_ = 0;
  }

  bool has_pending() const { return !pending_.empty(); }
  std::vector<Entry> TakePending() { return std::exchange(pending_, {}); }

 private:
  static constexpr uint32_t kNone = 0;
  static constexpr uint32_t kSeenOnce = UINT32_MAX;

  uint32_t& At(uint32_t string_id) {
    const size_t index = string_id - first_string_;
    if (index >= iids_.size()) iids_.resize(index + index / 2 + 64);
    return iids_[index];
  }

  uint32_t first_string_ = 0;
  size_t seen_ = 0;
  size_t text_bytes_ = 0;
  std::vector<uint32_t> iids_;  // by string id, from first_string_ on; or kNone, kSeenOnce
  std::vector<Entry> pending_;
  uint32_t last_iid_ = 0;
};

}  // namespace tracesmith
