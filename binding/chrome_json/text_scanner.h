#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "chrome_json/findings.h"
#include "chrome_json/text_block.h"
#include "chrome_json/value_scan.h"

namespace tracesmith {

// A key beside the events, and its value as it is written.
struct TopLevelValue {
  std::string key;  // as it is written, escapes and all
  std::string text;
  uint64_t offset;
  uint64_t line;
};

// Cuts the text of a trace, an array of events or an object with `traceEvents`, into blocks of whole
// events. It follows brackets and strings only and reads no value, since it runs where the text comes
// from a disk and out of a decompressor. Damaged text does not stop it: what is no event is passed over,
// noted, and the next event is looked for. Events and findings depend neither on the size of the blocks
// nor on the pieces in which the text comes.
class TextScanner {
 public:
  // Writes the next bytes of the text, at most `capacity`, and gives how many; 0 where it ends. Of a
  // failure the caller must take notice itself: to the scanner the text ends there.
  using Source = std::function<size_t(uint8_t* to, size_t capacity)>;

  struct Options {
    size_t block_size = size_t{1} << 20;     // a block ends behind the event that reaches it
    size_t event_limit = size_t{64} << 20;   // a larger event is dropped; at least 1 KiB
    size_t values_limit = size_t{64} << 20;   // of all top-level values with their keys
  };

  TextScanner(Source source, const Options& options);

  // Fills the block with the next events. False: there are none, and the text is at its end.
  // Throws std::bad_alloc and what the source throws.
  bool Next(TextBlock* block);

  // What the object has beside its events, in the order of the text, also repeated keys; complete when
  // Next() has given false.
  const std::vector<TopLevelValue>& values() const { return values_; }
  const Findings& findings() const { return findings_; }
  // Whether the text is an object, and not an array of events.
  bool is_object() const { return is_object_; }
  // Whether the object has the key `traceEvents`, whatever stands behind it.
  bool has_events_key() const { return has_events_key_; }

 private:
  enum class State : uint8_t {
    kStart,
    kEvents,
    kKey,    // in the object, before a key or behind a value
    kColon,  // behind a key
    kValue,  // behind a colon
    kItem,
    kBehind,
  };
  enum class Item : uint8_t {
    kEvent,
    kKey,
    kValue,
    kScalar,   // a value that is a number or a word
    kGarbage,  // array, object or string where there should be none
    kWord,     // anything else of that kind
  };

  uint8_t* Begin() const { return block_->text.begin(); }
  uint8_t* At() const { return Begin() + at_; }
  uint8_t* End() const { return block_->text.end(); }
  uint64_t OffsetOf(const uint8_t* at) const { return block_->offset + static_cast<uint64_t>(at - Begin()); }
  uint8_t* ItemBegin() const { return Begin() + (item_offset_ - block_->offset); }

  void TakeRest(TextBlock* block);
  void Cut();
  void Refill();
  void DropFront(size_t size);
  void FinishText();

  // Each gives whether it came further; false: more text is needed.
  bool Step();
  bool StepStart();
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
  bool IsKept() const { return !is_item_dropped_ && item_ != Item::kGarbage && item_ != Item::kWord; }
  void EndItem();
  void StopAtNewEvent();
  void LimitReached();
  void RestartCarefully(uint64_t until);
  size_t ItemLimit() const;
  // Counts on from where it was asked last: an object may have a million values.
  uint64_t LineAt(const uint8_t* at);
  void Report(FindingCategory category, const char* reason, const uint8_t* at, const uint8_t* excerpt_end);

  Source source_;
  Options options_;
  TextBlock* block_ = nullptr;  // while Next() runs
  PodVector<uint8_t> rest_;     // what was read and belongs to the next block
  uint64_t rest_offset_ = 0;
  uint64_t rest_line_ = 1;

  State state_ = State::kStart;
  size_t at_ = 0;  // in the block, or between two in the rest
  bool is_last_ = false;
  bool is_finished_ = false;
  bool is_object_ = false;
  bool is_started_ = false;
  bool has_events_key_ = false;

  Item item_ = Item::kEvent;
  State after_item_ = State::kEvents;
  uint64_t item_offset_ = 0;
  bool is_item_dropped_ = false;
  // Events that begin before this offset are scanned carefully as far as to it.
  uint64_t careful_until_ = 0;
  ValueScan scan_;

  uint64_t line_offset_ = 0;
  uint64_t line_ = 1;
  std::string key_;
  size_t values_size_ = 0;
  std::vector<TopLevelValue> values_;
  Findings findings_;
};

}  // namespace tracesmith
