#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "chrome_json/findings.h"
#include "chrome_json/json_text.h"

namespace tracesmith {

// A key beside the events and its value, as it is written.
struct TopLevelValue {
  std::string key;  // as it is written, with escapes
  std::string text;
  uint64_t offset;
  uint64_t line;
};

// What holds the events of a text.
enum class TextForm : uint8_t {
  kNone,    // there is no JSON
  kArray,
  kObject,  // with `traceEvents`
  kLines,   // nothing: the events follow each other, with or without commas
};

// Problem: the text of a trace is larger than memory and may be damaged. A TextScanner cuts it into blocks of whole
// events. TextForm lists the forms of the text; arrays among the events are read through. The scanner reads no values,
// because it runs while the text arrives from a disk and is inflated; it follows brackets and strings only.
//
// It promises to find the events around damage, and notes the damage as findings. Events and findings depend neither on
// the size of the blocks nor on the portions that the source returns. The blocks are the caller's. One thread at a time
// may use it.
class TextScanner {
 public:
  struct Options {
    size_t block_size = size_t{1} << 20;     // a block ends behind the event that reaches it
    size_t event_limit = size_t{64} << 20;   // a larger event is dropped; at least 1 KiB
    size_t values_limit = size_t{64} << 20;  // of all top-level values with their keys, but those of call stacks
    size_t stacks_limit = size_t{64} << 20;  // of `samples` and `stackFrames`
  };

  TextScanner(TextSource source, const Options& options);

  // Fills the block with the next events. False if there are none, at the end of the text. Throws std::bad_alloc and
  // the exceptions of the source.
  bool Next(TextBlock* block);

  // The keys and values beside the events, in the order of the text, with repeated keys; complete when Next() has
  // returned false.
  const std::vector<TopLevelValue>& values() const { return values_; }
  const Findings& findings() const { return findings_; }
  TextForm form() const { return form_; }
  // Whether the object has the key `traceEvents`, with any value.
  bool has_events_key() const { return has_events_key_; }
  // The number of values where events belong, whatever they are.
  uint64_t entries() const { return entries_; }

 private:
  // Before the scanner reports something, so many bytes must be known, or the end of the text: the excerpt must not
  // depend on how much was read.
  static constexpr size_t kLookahead = 96;

  enum class State : uint8_t {
    kStart,
    kEvents,
    kKey,    // in the object, before a key or behind a value
    kColon,  // behind a key
    kValue,  // behind a colon
    kItem,
    kBehind,
  };
  // The value, key or other text that the scanner is in.
  enum class Item : uint8_t {
    kEvent,
    kKey,
    kValue,
    kScalar,   // a value that is a number or a word
    kGarbage,  // an array, object or string in a wrong place
    kWord,     // anything else in a wrong place
  };

  uint8_t* Begin() const { return block_->text.begin(); }
  uint8_t* At() const { return Begin() + at_; }
  uint8_t* End() const { return block_->text.end(); }
  uint64_t OffsetOf(const uint8_t* at) const { return block_->offset + static_cast<uint64_t>(at - Begin()); }
  uint8_t* ItemBegin() const { return Begin() + (item_offset_ - block_->offset); }

  void BeginBlock(TextBlock* block);
  void Cut();
  void Refill();
  void DropFront(size_t size);
  void FinishText();

  // Each reads one step further, and returns false if it needs more text.
  bool Step();
  bool StepStart();
  bool StepFirstObject();
  bool StepEvents();
  bool StepKey();
  bool StepColon();
  bool StepValue();
  bool StepBehind();
  bool StepItem();
  bool StepWord();
  bool StepGarbage(const char* reason);

  bool SkipSpaces(bool also_commas);
  void StartItem(Item item, State after);
  bool IsObject() const { return form_ == TextForm::kObject; }
  void BeginEvents();
  bool HasLookahead() const { return is_last_ || block_->text.size() - at_ >= kLookahead; }
  bool IsKept() const { return !is_item_dropped_ && item_ != Item::kGarbage && item_ != Item::kWord; }
  void EndItem();
  void AddEvent(const uint8_t* end, bool may_have_escapes);
  bool EndByQuotes();
  void StopAtNewEvent();
  void LimitReached();
  void RestartCarefully(uint64_t until);
  size_t ItemLimit() const;
  bool IsOfStacks() const { return key_ == "samples" || key_ == "stackFrames"; }
  // Counts from the last call's result: an object may have a million values.
  uint64_t LineAt(const uint8_t* at);
  void Report(FindingCategory category, const char* reason, const uint8_t* at, const uint8_t* excerpt_end);

  TextSource source_;
  Options options_;
  TextBlock* block_ = nullptr;  // while Next() runs
  PodVector<uint8_t> rest_;     // text of the next block that was already read
  uint64_t rest_offset_ = 0;
  uint64_t rest_line_ = 1;

  State state_ = State::kStart;
  size_t at_ = 0;  // in the block; between two blocks in rest_
  bool is_last_ = false;
  bool is_finished_ = false;
  TextForm form_ = TextForm::kNone;
  bool has_events_key_ = false;
  uint64_t nesting_ = 0;  // arrays around the events, in the one that holds them all
  uint64_t entries_ = 0;

  Item item_ = Item::kEvent;
  State after_item_ = State::kEvents;
  uint64_t item_offset_ = 0;
  bool is_item_dropped_ = false;
  // Items that begin before this offset are scanned carefully up to it, see ValueScan.
  uint64_t careful_until_ = 0;
  ValueScan scan_;

  uint64_t line_offset_ = 0;
  uint64_t line_ = 1;
  std::string key_;
  size_t values_size_ = 0;
  size_t stacks_size_ = 0;
  std::vector<TopLevelValue> values_;
  Findings findings_;
};

}  // namespace tracesmith
