#include "chrome_json/text_scanner.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "chrome_json/json_cursor.h"
#include "chrome_json/quote_repair.h"

namespace tracesmith {
namespace {

constexpr char kEventsKey[] = "traceEvents";
constexpr uint8_t kByteOrderMark[] = {0xef, 0xbb, 0xbf};
// The keys of an object at the beginning of the text tell whether it is an event. They are looked for in so many bytes.
constexpr size_t kFormSample = size_t{64} << 10;
constexpr size_t kMinEventLimit = 1024;
// The memory of a value beside its text, roughly. The same on every system: which values are dropped depends on it.
constexpr size_t kValueOverhead = 128;
// Offsets in a block have 32 bits.
constexpr size_t kMaxLimit = size_t{1} << 30;

bool EndsWord(uint8_t byte) {
  return IsJsonSpace(byte) || byte == ',' || byte == '"' || byte == '{' || byte == '}' || byte == '[' || byte == ']';
}

bool StartsComposite(uint8_t byte) { return byte == '{' || byte == '[' || byte == '"'; }

// Whether an object is an event, and not what holds the events. kCut: its keys do not tell so far.
EventStart MatchEvent(const uint8_t* begin, const uint8_t* end) {
  JsonCursor json(std::string_view(reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin)));
  json.Enter('{');
  std::string_view key;
  while (json.NextKey(&key)) {
    if (key == kEventsKey) return EventStart::kNo;
    if (key == "ph") return EventStart::kYes;
  }
  return json.is_cut() ? EventStart::kCut : EventStart::kNo;
}

std::string TextOf(const uint8_t* begin, const uint8_t* end) {
  return std::string(reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin));
}

}  // namespace

TextScanner::TextScanner(TextSource source, const Options& options) : source_(std::move(source)), options_(options) {
  options_.block_size = std::clamp<size_t>(options.block_size, 1, kMaxLimit);
  options_.event_limit = std::clamp(options.event_limit, kMinEventLimit, kMaxLimit);
  options_.values_limit = std::min(options.values_limit, kMaxLimit);
}

// ------------------------------------------------------------------------ blocks

bool TextScanner::Next(TextBlock* block) {
  BeginBlock(block);
  while (!is_finished_) {
    while (Step()) {
    }
    if (!block->events.empty() && block->text.size() >= options_.block_size) break;
    if (is_last_) {
      FinishText();
    } else {
      Refill();
    }
  }
  if (!block->events.empty()) Cut();
  block_ = nullptr;
  return !block->events.empty();
}

void TextScanner::BeginBlock(TextBlock* block) {
  block_ = block;
  block->events.Truncate(0);
  block->text.Truncate(0);
  block->text.Reserve(std::max(options_.block_size, rest_.size()) + kTextPadding);
  std::copy(rest_.begin(), rest_.end(), block->text.Extend(rest_.size()));
  rest_.Truncate(0);
  block->offset = rest_offset_;
  block->line = rest_line_;
}

// Ends the block behind its last event and keeps the text behind it for the next block.
void TextScanner::Cut() {
  const EventSpan& last = block_->events[block_->events.size() - 1];
  const size_t size = size_t{last.begin} + last.size;
  rest_.Truncate(0);
  std::copy(Begin() + size, End(), rest_.Extend(block_->text.size() - size));
  block_->text.Truncate(size);
  rest_offset_ = block_->offset + size;
  rest_line_ = block_->LineAt(End());
  at_ -= size;
  block_->text.Reserve(size + kTextPadding);
  std::memset(End(), ' ', kTextPadding);
}

void TextScanner::DropFront(size_t size) {
  if (size == 0) return;
  block_->line += byte_masks::CountLines(Begin(), Begin() + size);
  block_->offset += size;
  std::memmove(Begin(), Begin() + size, block_->text.size() - size);
  block_->text.Truncate(block_->text.size() - size);
  at_ -= size;
}

void TextScanner::Refill() {
  const bool is_needed = state_ == State::kItem && IsKept();
  if (block_->events.empty()) DropFront(is_needed ? static_cast<size_t>(ItemBegin() - Begin()) : at_);
  // An item longer than a block: the room doubles each time, so that little is moved.
  const size_t size = block_->text.size();
  const size_t room = size < options_.block_size ? options_.block_size - size : size + kLookahead;
  block_->text.Reserve(size + room + kTextPadding);
  const size_t count = source_(block_->text.Extend(room), room);
  block_->text.Truncate(size + std::min(count, room));
  is_last_ = count == 0;
}

// Called at the end of the text, when Step() needs more.
void TextScanner::FinishText() {
  if (state_ == State::kItem && IsKept()) {
    // An item without its end may lack a quote or brace, or have one too many: a careful scan tells.
    if (item_ != Item::kScalar && careful_until_ < OffsetOf(End())) return RestartCarefully(OffsetOf(End()));
    const bool is_event = item_ == Item::kEvent;
    if (is_event && EndByQuotes()) return;
    const char* reason = is_event ? "the text ends inside an event" : "the text ends inside a key or value";
    Report(FindingCategory::kDamaged, reason, ItemBegin(), End());
  } else if (state_ == State::kStart && form_ == TextForm::kNone) {
    Report(FindingCategory::kDamaged, "the text has no JSON", End(), End());
  } else if (IsObject() && state_ != State::kBehind) {
    Report(FindingCategory::kDamaged, "the text ends before the object's closing brace", End(), End());
  }
  is_finished_ = true;
}

// ------------------------------------------------------------------ between items

bool TextScanner::Step() {
  switch (state_) {
    case State::kStart:
      return StepStart();
    case State::kEvents:
      return StepEvents();
    case State::kKey:
      return StepKey();
    case State::kColon:
      return StepColon();
    case State::kValue:
      return StepValue();
    case State::kItem:
      return item_ == Item::kScalar || item_ == Item::kWord ? StepWord() : StepItem();
    case State::kBehind:
      return StepBehind();
  }
  return false;
}

// Returns whether something follows.
bool TextScanner::SkipSpaces(bool also_commas) {
  const uint8_t* at = At();
  while (at != End() && (IsJsonSpace(*at) || (also_commas && *at == ','))) ++at;
  at_ = static_cast<size_t>(at - Begin());
  return at != End();
}

bool TextScanner::StepStart() {
  if (block_->offset == 0 && at_ == 0) {
    const size_t size = block_->text.size();
    if (size < sizeof(kByteOrderMark) && !is_last_) return false;
    if (size >= sizeof(kByteOrderMark) && std::equal(std::begin(kByteOrderMark), std::end(kByteOrderMark), At())) {
      at_ = sizeof(kByteOrderMark);
    }
  }
  if (!SkipSpaces(true)) return false;
  if (*At() == '{') return StepFirstObject();
  if (*At() != '[') return StepGarbage("text before the JSON");
  form_ = TextForm::kArray;
  BeginEvents();
  ++at_;
  return true;
}

bool TextScanner::StepFirstObject() {
  const size_t known = block_->text.size() - at_;
  const EventStart match = MatchEvent(At(), At() + std::min(known, kFormSample));
  if (match == EventStart::kCut && !is_last_ && known < kFormSample) return false;
  if (match == EventStart::kYes) {
    form_ = TextForm::kLines;
    BeginEvents();
    return true;
  }
  form_ = TextForm::kObject;
  state_ = State::kKey;
  ++at_;
  return true;
}

void TextScanner::BeginEvents() {
  state_ = State::kEvents;
  nesting_ = 0;
}

bool TextScanner::StepEvents() {
  if (!SkipSpaces(true)) return false;
  const uint8_t byte = *At();
  if (byte == '{') {
    StartItem(Item::kEvent, State::kEvents);
  } else if (byte == '[') {
    ++at_;
    ++nesting_;
  } else if (byte == ']') {
    ++at_;
    if (nesting_ == 0) {
      state_ = IsObject() ? State::kKey : State::kBehind;
    } else {
      --nesting_;
    }
  } else {
    return StepGarbage("a value that is no event stands among the events");
  }
  return true;
}

bool TextScanner::StepKey() {
  if (!SkipSpaces(true)) return false;
  const uint8_t byte = *At();
  if (byte == '"') {
    StartItem(Item::kKey, State::kColon);
  } else if (byte == '}') {
    ++at_;
    state_ = State::kBehind;
  } else if (byte == '{') {
    if (!HasLookahead()) return false;
    Report(FindingCategory::kDamaged, "an event stands outside of traceEvents", At(), End());
    BeginEvents();
  } else {
    return StepGarbage("a value without a key stands beside traceEvents");
  }
  return true;
}

bool TextScanner::StepColon() {
  if (!SkipSpaces(false)) return false;
  if (*At() == ':') {
    ++at_;
    state_ = State::kValue;
    return true;
  }
  if (!HasLookahead()) return false;
  Report(FindingCategory::kDamaged, "a key without a value", At(), End());
  state_ = State::kKey;
  return true;
}

bool TextScanner::StepValue() {
  if (!SkipSpaces(false)) return false;
  const uint8_t byte = *At();
  if (byte == '[' && key_ == kEventsKey) {
    ++at_;
    BeginEvents();
  } else if (StartsComposite(byte)) {
    StartItem(Item::kValue, State::kKey);
  } else if (EndsWord(byte)) {
    if (!HasLookahead()) return false;
    Report(FindingCategory::kDamaged, "a key without a value", At(), End());
    state_ = State::kKey;
  } else {
    StartItem(Item::kScalar, State::kKey);
  }
  return true;
}

// Text behind the end is read as more of the same: somebody appended to a complete file. Behind an object without events
// there may be events: then the object was the first of many lines.
bool TextScanner::StepBehind() {
  if (!SkipSpaces(true)) return false;
  const uint8_t byte = *At();
  if (byte != '{' && byte != '[') return StepGarbage("text behind the end");
  const EventStart match = byte == '{' ? MatchEventStart(At(), End()) : EventStart::kNo;
  if (!HasLookahead() || (match == EventStart::kCut && !is_last_)) return false;
  const bool is_line = IsObject() && !has_events_key_ && match == EventStart::kYes;
  if (is_line) {
    form_ = TextForm::kLines;
  } else {
    Report(FindingCategory::kDamaged, "text behind the end", At(), End());
    if (byte == '[') form_ = TextForm::kArray;
  }
  if (IsObject() && match != EventStart::kYes) {
    state_ = State::kKey;
    ++at_;
  } else {
    BeginEvents();
    if (byte == '[') ++at_;
  }
  return true;
}

bool TextScanner::StepGarbage(const char* reason) {
  if (!HasLookahead()) return false;
  const uint8_t byte = *At();
  if (byte == '}' || byte == ']') {
    Report(FindingCategory::kDamaged, "a closing bracket too many", At(), End());
    ++at_;
    return true;
  }
  Report(FindingCategory::kDamaged, reason, At(), End());
  if (state_ == State::kEvents) ++entries_;
  StartItem(StartsComposite(byte) ? Item::kGarbage : Item::kWord, state_);
  return true;
}

// -------------------------------------------------------------------------- items

void TextScanner::StartItem(Item item, State after) {
  item_ = item;
  if (item == Item::kEvent) ++entries_;
  after_item_ = after;
  state_ = State::kItem;
  item_offset_ = OffsetOf(At());
  is_item_dropped_ = false;
  if (item_ != Item::kScalar && item_ != Item::kWord) scan_.Start(*At());
  ++at_;
}

size_t TextScanner::ItemLimit() const {
  // Keys have a limit of their own: `traceEvents` must be read even behind values that used up theirs.
  const bool is_value = item_ == Item::kValue || item_ == Item::kScalar;
  if (!is_value) return options_.event_limit;
  if (IsOfStacks()) return options_.stacks_limit - std::min(stacks_size_, options_.stacks_limit);
  return options_.values_limit - std::min(values_size_, options_.values_limit);
}

bool TextScanner::StepItem() {
  const bool is_careful = !IsKept() || OffsetOf(At()) < careful_until_ || *ItemBegin() == '"';
  ValueScan::Input input = {IsKept() ? ItemBegin() : Begin(), End(), End(), is_last_};
  if (IsKept()) {
    // The first byte was already scanned.
    const size_t limit = std::max(ItemLimit(), size_t{1});
    if (static_cast<size_t>(End() - ItemBegin()) > limit) input.end = ItemBegin() + limit;
    if (is_careful && *ItemBegin() != '"' && OffsetOf(input.end) > careful_until_) {
      input.end = Begin() + (careful_until_ - block_->offset);
    }
  }
  const uint8_t* at = At();
  const ValueScan::Stop stop = is_careful ? scan_.RunCareful(input, &at) : scan_.RunFast(input, &at);
  at_ = static_cast<size_t>(at - Begin());
  if (stop == ValueScan::Stop::kEnd) {
    EndItem();
  } else if (stop == ValueScan::Stop::kNewEvent) {
    StopAtNewEvent();
  } else if (at != input.end || at == End()) {
    return false;
  } else if (IsKept() && static_cast<size_t>(at - ItemBegin()) >= std::max(ItemLimit(), size_t{1})) {
    LimitReached();
  }
  return true;
}

bool TextScanner::StepWord() {
  const uint8_t* at = At();
  while (at != End() && !EndsWord(*at)) ++at;
  const bool is_whole = at != End() || is_last_;
  at_ = static_cast<size_t>(at - Begin());
  if (IsKept() && static_cast<size_t>(At() - ItemBegin()) > ItemLimit()) LimitReached();
  if (is_whole) EndItem();
  return is_whole;
}

void TextScanner::EndItem() {
  state_ = after_item_;
  if (!IsKept()) return;
  const uint8_t* begin = ItemBegin();
  switch (item_) {
    case Item::kEvent:
      if (scan_.is_too_deep()) {
        Report(FindingCategory::kDropped, "nested deeper than 1000", begin, At());
      } else {
        AddEvent(At(), scan_.may_have_escapes());
      }
      break;
    case Item::kKey:
      key_ = TextOf(begin + 1, At() - 1);
      has_events_key_ |= key_ == kEventsKey;
      break;
    case Item::kValue:
    case Item::kScalar:
      if (key_ == kEventsKey) {
        Report(FindingCategory::kDamaged, "traceEvents is no array", begin, At());
      }
      // Many small values must not exceed the limit either.
      (IsOfStacks() ? stacks_size_ : values_size_) += static_cast<size_t>(At() - begin) + key_.size() + kValueOverhead;
      values_.push_back({key_, TextOf(begin, At()), item_offset_, LineAt(begin)});
      break;
    case Item::kGarbage:
    case Item::kWord:
      break;
  }
}

void TextScanner::AddEvent(const uint8_t* end, bool may_have_escapes) {
  const uint8_t* begin = ItemBegin();
  block_->events.Add({static_cast<uint32_t>(begin - Begin()), static_cast<uint32_t>(end - begin), may_have_escapes});
}

// Looks for the end of an event whose quotes are wrong. False if there is none.
bool TextScanner::EndByQuotes() {
  PodVector<uint8_t> copy;
  const uint8_t* end = EscapeInnerQuotes(ItemBegin(), static_cast<size_t>(End() - ItemBegin()), &copy);
  if (end == nullptr) return false;
  at_ = static_cast<size_t>(end - Begin());
  state_ = after_item_;
  AddEvent(end, true);
  return true;
}

// The item has no end; the next event begins here.
void TextScanner::StopAtNewEvent() {
  if (IsKept() && item_ == Item::kEvent) {
    // EventReader can repair quotes, or says what is wrong.
    const uint8_t* end = At();
    while (IsJsonSpace(end[-1]) || end[-1] == ',') --end;
    AddEvent(end, true);
  } else if (IsKept()) {
    Report(FindingCategory::kDropped, "a value without its end", ItemBegin(), At());
  }
  if (form_ == TextForm::kNone) form_ = TextForm::kArray;
  StartItem(Item::kEvent, State::kEvents);
}

// Either the item is that large, or a missing quote or brace made the text behind it a part of it: only a careful scan
// tells.
void TextScanner::LimitReached() {
  if (item_ != Item::kScalar && careful_until_ < OffsetOf(At())) return RestartCarefully(OffsetOf(At()));
  const char* reason = item_ == Item::kEvent ? "an event larger than the limit" : "a value larger than the limit";
  Report(FindingCategory::kDropped, reason, ItemBegin(), ItemBegin() + ItemLimit());
  is_item_dropped_ = true;
  if (item_ == Item::kKey) key_.clear();
}

void TextScanner::RestartCarefully(uint64_t until) {
  careful_until_ = until;
  at_ = static_cast<size_t>(ItemBegin() - Begin()) + 1;
  scan_.Start(*ItemBegin());
}

void TextScanner::Report(FindingCategory category, const char* reason, const uint8_t* at, const uint8_t* excerpt_end) {
  Finding* finding = findings_.Count(category, reason, OffsetOf(at));
  if (finding == nullptr) return;
  finding->line = LineAt(at);
  finding->excerpt = Excerpt(at, excerpt_end);
}

uint64_t TextScanner::LineAt(const uint8_t* at) {
  if (line_offset_ < block_->offset || line_offset_ > OffsetOf(at)) {
    line_offset_ = block_->offset;
    line_ = block_->line;
  }
  line_ += byte_masks::CountLines(Begin() + (line_offset_ - block_->offset), at);
  line_offset_ = OffsetOf(at);
  return line_;
}

}  // namespace tracesmith
