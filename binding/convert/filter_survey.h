#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "convert/linked_records.h"
#include "convert/text_pool.h"

namespace tracesmith {

// Problem: what a pattern means only JavaScript says, once for each text. An EventTexts numbers the names and categories
// of a trace from 0, in the order of time; 0 is the empty text, which stands for none.
class EventTexts {
 public:
  // The pool must outlive it.
  explicit EventTexts(const TextPool& pool) : pool_(pool) {}

  void Add(const CompactText& text);
  // The number of a text that was added.
  uint32_t NumberOf(const CompactText& text) const {
    if (text.id != 0) return of_id_[text.id];
    return text.text.empty() ? 0 : of_text_.at(std::string(text.text));
  }
  const std::vector<std::string>& list() const { return list_; }

 private:
  const TextPool& pool_;
  std::vector<uint32_t> of_id_;                        // by id of the pool; 0: not added
  std::unordered_map<std::string, uint32_t> of_text_;  // those that the pool has not
  std::vector<std::string> list_{std::string()};
};

// The first look at the events of a trace: its time, its texts, and where the slices and instants are by which the time is
// chosen.
class FilterSurvey {
 public:
  struct Options {
    // The names of slices and instants whose times are wanted, and a prefix of such; empty: none.
    std::vector<std::string> names;
    std::string prefix;
    bool needs_texts = false;
    // Little will stay: the arguments of complete events are read when it is known which.
    bool keeps_little = false;
  };
  struct Named {
    std::string name;
    uint64_t from;
    uint64_t to;
    bool has_end;
  };

  // The pool must outlive it.
  FilterSurvey(Options options, const TextPool& pool) : options_(std::move(options)), pool_(pool), texts_(pool) {}

  void Add(const LinkedEvent& event);
  // A time at which there is something.
  void Include(uint64_t time);

  bool has_events() const { return has_events_; }
  uint64_t start() const { return start_; }
  uint64_t end() const { return end_; }
  const std::vector<Named>& named() const { return named_; }
  const EventTexts& texts() const { return texts_; }

 private:
  bool IsWanted(const CompactText& name);

  Options options_;
  const TextPool& pool_;
  EventTexts texts_;
  bool has_events_ = false;
  uint64_t start_ = 0;
  uint64_t end_ = 0;
  std::vector<Named> named_;
  enum class Answer : uint8_t { kUnknown, kNo, kYes };
  std::vector<Answer> is_wanted_;  // by id of the pool
};

}  // namespace tracesmith
