#include "chrome_json/event_fields.h"

namespace tracesmith {
namespace {

using Error = JsonTokens::Error;

constexpr char kNoValue[] = "a key without a value";

std::string_view ViewOf(const uint8_t* begin, const uint8_t* end) {
  return {reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin)};
}

// A number or word as it is written.
std::string_view ScalarText(const uint8_t* at) {
  const uint8_t* end = at;
  while (!EndsScalar(*end)) ++end;
  return ViewOf(at, end);
}

bool IsComposite(uint8_t byte) { return byte == '{' || byte == '['; }

// An array or object as it is written.
Error ReadComposite(JsonTokens* tokens, std::string_view* text) {
  const uint8_t* begin = tokens->Here();
  NullSink sink;
  if (const Error error = WalkValue(tokens, {}, kMaxJsonDepth, &sink)) return error;
  *text = ViewOf(begin, tokens->Last() + 1);
  return nullptr;
}

// Any value as it is written; none for null.
Error ReadRaw(JsonTokens* tokens, std::string_view* text) {
  if (IsComposite(tokens->Peek())) return ReadComposite(tokens, text);
  const uint8_t* at = tokens->Take();
  if (*at == '"') {
    std::string_view value;
    if (const Error error = tokens->String(at, &value)) return error;
    // Up to the closing quote, behind which only spaces can lie.
    const uint8_t* end = tokens->Here();
    while (end[-1] != '"') --end;
    *text = ViewOf(at, end);
    return nullptr;
  }
  Scalar scalar;
  if (const Error error = tokens->TakeScalar(at, &scalar)) return error;
  *text = scalar.type == Scalar::Type::kNull ? std::string_view() : ScalarText(at);
  return nullptr;
}

// What a string stands for, anything else as it is written.
Error ReadText(JsonTokens* tokens, std::string_view* text) {
  if (tokens->Peek() != '"') return ReadRaw(tokens, text);
  return tokens->String(tokens->Take(), text);
}

Error ReadPhase(JsonTokens* tokens, ChromeEvent* event) {
  if (const Error error = ReadText(tokens, &event->phase_text)) return error;
  const std::string_view text = event->phase_text;
  event->phase = text.empty() ? '\0' : text.size() == 1 ? text[0] : kOtherPhase;
  return nullptr;
}

// Whether JSON forbids a number that was read nevertheless.
bool IsOddNumber(std::string_view text) {
  if (text[0] == '+') return true;
  if (text[0] == '-') text.remove_prefix(1);
  const auto is_digit = [text](size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
  if (!is_digit(0) || (text[0] == '0' && is_digit(1))) return true;
  const size_t point = text.find('.');
  return point != std::string_view::npos && !is_digit(point + 1);
}

Error ReadTime(JsonTokens* tokens, TimeValue* time) {
  *time = TimeValue();
  if (IsComposite(tokens->Peek())) {
    time->state = TimeState::kInvalid;
    return ReadComposite(tokens, &time->text);
  }
  const uint8_t* at = tokens->Take();
  if (*at == '"') {
    std::string_view text;
    if (const Error error = tokens->String(at, &text)) return error;
    *time = ParseMicroseconds(text);
    return nullptr;
  }
  ParseMicrosecondsToken(at, time);
  if (time->text.empty()) return kNoValue;
  if (time->state != TimeState::kInvalid) {
    if (IsOddNumber(time->text)) tokens->Note(kOddNumber);
  } else if (time->text == "null") {
    *time = TimeValue();
  }
  return nullptr;
}

Error ReadId(JsonTokens* tokens, EventId* id) {
  *id = EventId();
  if (IsComposite(tokens->Peek())) {
    id->kind = EventId::Kind::kOther;
    return ReadComposite(tokens, &id->text);
  }
  const uint8_t* at = tokens->Take();
  if (*at == '"') {
    id->kind = EventId::Kind::kText;
    return tokens->String(at, &id->text);
  }
  Scalar scalar;
  if (const Error error = tokens->TakeScalar(at, &scalar)) return error;
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

Error ReadId2(JsonTokens* tokens, ChromeEvent* event) {
  event->id2_local = EventId();
  event->id2_global = EventId();
  std::string_view ignored;
  if (tokens->Peek() != '{') return ReadRaw(tokens, &ignored);
  tokens->Take();
  bool has_next = tokens->Peek() != '}';
  if (!has_next) tokens->Take();
  while (has_next) {
    std::string_view key;
    if (const Error error = tokens->Key(&key)) return error;
    const Error error = key == "local"    ? ReadId(tokens, &event->id2_local)
                        : key == "global" ? ReadId(tokens, &event->id2_global)
                                          : ReadRaw(tokens, &ignored);
    if (error) return error;
    if (const Error missing = tokens->Next('}', &has_next)) return missing;
  }
  return nullptr;
}

Error ReadBool(JsonTokens* tokens, bool* value) {
  std::string_view text;
  if (const Error error = ReadText(tokens, &text)) return error;
  *value = text == "true" || text == "1";
  return nullptr;
}

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
      if (key == "sf") return ReadId(tokens, &event->stack_frame);
      break;
    case 3:
      if (key == "cat") return ReadText(tokens, &event->category);
      if (key == "pid") return ReadId(tokens, &event->pid);
      if (key == "tid") return ReadId(tokens, &event->tid);
      if (key == "dur") return ReadTime(tokens, &event->duration);
      if (key == "id2") return ReadId2(tokens, event);
      if (key == "esf") return ReadId(tokens, &event->end_stack_frame);
      break;
    case 4:
      if (key == "name") return ReadText(tokens, &event->name);
      break;
    case 5:
      if (key == "scope") return ReadText(tokens, &event->id_scope);
      if (key == "stack") return ReadRaw(tokens, &event->stack);
      break;
    case 6:
      if (key == "estack") return ReadRaw(tokens, &event->end_stack);
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
  return ReadRaw(tokens, &ignored);
}

}  // namespace tracesmith
