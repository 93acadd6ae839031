#include "chrome_json/event_reader.h"

namespace tracesmith {
namespace {

using Error = JsonTokens::Error;

constexpr char kNoValue[] = "a key without a value";

std::string_view ViewOf(const uint8_t* begin, const uint8_t* end) {
  return {reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin)};
}

bool IsComposite(uint8_t byte) { return byte == '{' || byte == '['; }

// An array or object as it is written.
Error ReadComposite(JsonTokens* tokens, std::string_view* text) {
  const uint8_t* begin = tokens->PeekAt();
  NullSink sink;
  if (const Error error = WalkValue(tokens, {}, kMaxJsonDepth, kNoListRule, &sink)) return error;
  *text = ViewOf(begin, tokens->Previous() + 1);
  return nullptr;
}

// A string without its escapes, anything else as it is written; no data for null.
Error ReadText(JsonTokens* tokens, std::string_view* text) {
  if (IsComposite(tokens->Peek())) return ReadComposite(tokens, text);
  const uint8_t* at = tokens->Next();
  if (*at == '"') return tokens->ReadString(at, text);
  Scalar scalar;
  if (const Error error = tokens->ReadScalar(at, &scalar)) return error;
  *text = scalar.type == Scalar::Type::kNull ? std::string_view() : ScalarText(at);
  return nullptr;
}

// Of a string the first letter counts.
Error ReadPhase(JsonTokens* tokens, ChromeEvent* event) {
  const bool is_string = tokens->Peek() == '"';
  if (const Error error = ReadText(tokens, &event->phase_text)) return error;
  const std::string_view text = event->phase_text;
  event->phase = text.empty() ? '\0' : is_string || text.size() == 1 ? text[0] : kOtherPhase;
  return nullptr;
}

Error ReadTime(JsonTokens* tokens, TimeValue* time) {
  *time = TimeValue();
  if (IsComposite(tokens->Peek())) {
    time->state = TimeState::kInvalid;
    return ReadComposite(tokens, &time->text);
  }
  const uint8_t* at = tokens->Next();
  if (*at == '"') {
    std::string_view text;
    if (const Error error = tokens->ReadString(at, &text)) return error;
    *time = ParseMicroseconds(text);
    return nullptr;
  }
  ParseMicrosecondsToken(at, time);
  if (time->text.empty()) return kNoValue;
  if (time->is_odd) tokens->Note(kOddNumber);
  if (time->text == "null") *time = TimeValue();
  return nullptr;
}

Error ReadId(JsonTokens* tokens, EventId* id) {
  *id = EventId();
  if (IsComposite(tokens->Peek())) {
    id->kind = EventId::Kind::kOther;
    return ReadComposite(tokens, &id->text);
  }
  const uint8_t* at = tokens->Next();
  if (*at == '"') {
    id->kind = EventId::Kind::kText;
    return tokens->ReadString(at, &id->text);
  }
  Scalar scalar;
  if (const Error error = tokens->ReadScalar(at, &scalar)) return error;
  if (scalar.type == Scalar::Type::kInteger) {
    id->kind = EventId::Kind::kInteger;
    id->integer = scalar.integer;
  } else if (scalar.type == Scalar::Type::kUnsigned) {
    id->kind = EventId::Kind::kUnsigned;
    id->unsigned_integer = scalar.unsigned_integer;
  } else if (scalar.type != Scalar::Type::kNull) {
    id->kind = EventId::Kind::kOther;
    id->text = ScalarText(at);
  }
  return nullptr;
}

// An id2 that is no object is local.
Error ReadId2(JsonTokens* tokens, ChromeEvent* event) {
  event->id2_local = EventId();
  event->id2_global = EventId();
  if (tokens->Peek() != '{') return ReadId(tokens, &event->id2_local);
  std::string_view ignored;
  return tokens->ReadObject([&](std::string_view key) {
    return key == "local"    ? ReadId(tokens, &event->id2_local)
           : key == "global" ? ReadId(tokens, &event->id2_global)
                             : ReadText(tokens, &ignored);
  });
}

Error ReadBool(JsonTokens* tokens, bool* value) {
  std::string_view text;
  if (const Error error = ReadText(tokens, &text)) return error;
  *value = text == "true" || text == "1";
  return nullptr;
}

struct RepairReason {
  Repair repair;
  const char* reason;
};

constexpr RepairReason kRepairReasons[] = {
    {kNotFiniteNumber, "NaN or Infinity as a number"},
    {kUndefinedValue, "undefined as a value"},
    {kOddNumber, "a number that JSON does not allow"},
    {kTrailingComma, "a comma behind the last element"},
    {kInvalidEscape, "an invalid escape in a string"},
    {kLoneSurrogate, "half of a surrogate pair in a string"},
    {kControlCharacter, "a control character in a string"},
    {kInvalidUtf8, "invalid UTF-8"},
    {kArgsNoObject, "args that are no object"},
    {kInnerQuotes, "quotes in a string without their backslashes"},
};

}  // namespace

Error ReadField(JsonTokens* tokens, std::string_view key, ChromeEvent* event) {
  switch (key.size()) {
    case 1:
      if (key == "s") return ReadText(tokens, &event->scope);
      break;
    case 2:
      if (key == "ph") return ReadPhase(tokens, event);
      if (key == "ts") return ReadTime(tokens, &event->time);
      if (key == "id") return ReadId(tokens, &event->id);
      if (key == "bp") return ReadText(tokens, &event->bind_point);
      break;
    case 3:
      if (key == "cat") return ReadText(tokens, &event->category);
      if (key == "pid") return ReadId(tokens, &event->pid);
      if (key == "tid") return ReadId(tokens, &event->tid);
      if (key == "dur") return ReadTime(tokens, &event->duration);
      if (key == "id2") return ReadId2(tokens, event);
      break;
    case 4:
      if (key == "name") return ReadText(tokens, &event->name);
      if (key == "tdur") return ReadTime(tokens, &event->thread_duration);
      break;
    case 5:
      if (key == "scope") return ReadText(tokens, &event->id_scope);
      break;
    case 7:
      if (key == "bind_id") return ReadId(tokens, &event->bind_id);
      if (key == "flow_in") return ReadBool(tokens, &event->flow_in);
      break;
    case 8:
      if (key == "flow_out") return ReadBool(tokens, &event->flow_out);
      break;
    default:
      break;
  }
  std::string_view ignored;
  return ReadText(tokens, &ignored);
}

// Reserves memory for all strings of an event of this size, so that none moves when the next one is added.
void EventReader::PrepareStrings(size_t size) {
  unescaped_.Truncate(0);
  unescaped_.Reserve(size);
}

void EventReader::NoteRepairs(const uint8_t* begin, const uint8_t* end, uint32_t repairs) {
  for (const auto& [repair, reason] : kRepairReasons) {
    if ((repairs & repair) != 0) Report(FindingCategory::kRepaired, reason, begin, end);
  }
}

void EventReader::Note(const ChromeEvent& event, FindingCategory category, const char* reason) {
  Finding* finding = findings_.Count(category, reason, event.offset);
  if (finding == nullptr) return;
  finding->line = event.Line();
  const auto* text = reinterpret_cast<const uint8_t*>(event.text.data());
  finding->excerpt = Excerpt(text, text + event.text.size());
}

void EventReader::Report(FindingCategory category, const char* reason, const uint8_t* begin, const uint8_t* end) {
  const uint64_t offset = block_->offset + static_cast<uint64_t>(begin - block_->text.begin());
  Finding* finding = findings_.Count(category, reason, offset);
  if (finding == nullptr) return;
  finding->line = block_->LineAt(begin);
  finding->excerpt = Excerpt(begin, end);
}

}  // namespace tracesmith
