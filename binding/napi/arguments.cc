#include "napi/arguments.h"

#include <type_traits>
#include <vector>

namespace tracesmith {
namespace {

const char* NameOf(napi_typedarray_type type) {
  switch (type) {
    case napi_uint8_array:
      return "a Uint8Array";
    case napi_uint32_array:
      return "a Uint32Array";
    case napi_float64_array:
      return "a Float64Array";
    case napi_bigint64_array:
      return "a BigInt64Array";
    default:
      return "a typed array";
  }
}

Napi::Error Unexpected(Napi::Env env, const char* what, const std::string& expected) {
  return CodedError(env, "INVALID_ARGUMENT", std::string(what) + ": expected " + expected);
}

// The constructors of JavaScript throw a RangeError where memory is short or an array too long.
Napi::Value Construct(Napi::Env env, const char* name, size_t size) {
  const Napi::Value constructor = env.Global().Get(name);
  if (!constructor.IsFunction()) throw CodedError(env, "INTERNAL", std::string("the global ") + name + " is no constructor");
  try {
    return constructor.As<Napi::Function>().New({Napi::Number::New(env, static_cast<double>(size))});
  } catch (Napi::Error& error) {
    throw CodedError(env, "OUT_OF_MEMORY", "could not get " + std::to_string(size) + " bytes: " + error.Message());
  }
}

}  // namespace

Napi::Error CodedError(Napi::Env env, const char* code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

Napi::Object RequireObject(const Napi::Value& value, const char* what) {
  if (!value.IsObject()) throw Unexpected(value.Env(), what, "an object");
  return value.As<Napi::Object>();
}

size_t RequireCount(const Napi::Value& value, const char* what, size_t limit, size_t least) {
  const std::string expected = "an integer from " + std::to_string(least) + " to " + std::to_string(limit);
  if (!value.IsNumber()) throw Unexpected(value.Env(), what, expected);
  const double number = value.As<Napi::Number>().DoubleValue();
  // Written so that NaN fails too.
  if (!(number >= static_cast<double>(least) && number <= static_cast<double>(limit))) throw Unexpected(value.Env(), what, expected);
  const auto count = static_cast<size_t>(number);
  if (static_cast<double>(count) != number) throw Unexpected(value.Env(), what, expected);
  return count;
}

Napi::TypedArray RequireTypedArray(const Napi::Value& value, const char* what, napi_typedarray_type type, size_t count) {
  const std::string expected = std::string(NameOf(type)) + " of at least " + std::to_string(count) + " elements";
  if (!value.IsTypedArray()) throw Unexpected(value.Env(), what, expected);
  const auto array = value.As<Napi::TypedArray>();
  if (array.TypedArrayType() != type) throw Unexpected(value.Env(), what, expected);
  // A detached array has no elements, so it fails here unless none are wanted.
  if (array.ElementLength() < count) throw Unexpected(value.Env(), what, expected);
  return array;
}

Napi::ArrayBuffer NewBuffer(Napi::Env env, size_t size) {
  const Napi::Value value = Construct(env, "ArrayBuffer", size);
  // A program may have put another constructor in its place.
  if (!value.IsArrayBuffer() || value.As<Napi::ArrayBuffer>().ByteLength() != size) {
    throw CodedError(env, "INTERNAL", "the global ArrayBuffer does not make buffers");
  }
  return value.As<Napi::ArrayBuffer>();
}

Napi::Uint8Array NewBytes(Napi::Env env, size_t size) {
  return RequireTypedArray(Construct(env, "Uint8Array", size), "a new Uint8Array", napi_uint8_array, size).As<Napi::Uint8Array>();
}

BatchView ViewOf(const Napi::Object& batch) {
  constexpr size_t kMaxCount = UINT32_MAX;
  BatchView view;
  view.rows = RequireCount(batch.Get("rows"), "rows", kMaxCount);
  view.attrs = RequireCount(batch.Get("attrs"), "attrs", kMaxCount);
  view.words = RequireCount(batch.Get("words"), "words", kMaxCount);
  view.texts = RequireCount(batch.Get("newTexts"), "newTexts", kMaxCount);
  view.generation = static_cast<uint32_t>(RequireCount(batch.Get("generation"), "generation", kMaxCount));
  // A getter can detach what another one gave, so all are asked before any memory is looked at.
  enum Column { kKind, kChannel, kFlags, kTrack, kName, kCategory, kAttrEnd, kTime, kExtent, kAttrHead, kAttrValue, kWord,
                kTextEnd, kTextBytes, kColumns };
  static const char* const kNames[kColumns] = {"kind",    "channel",  "flags",     "track", "name",    "category", "attrEnd",
                                               "time",    "extent",   "attrHead",  "attrValue", "word", "textEnd",  "textBytes"};
  std::vector<Napi::Value> values;
  for (const char* name : kNames) values.push_back(batch.Get(name));
  const auto read = [&](auto*& data, Column column, napi_typedarray_type type, size_t count) {
    data = RequireColumn<std::decay_t<decltype(*data)>>(values[column], kNames[column], type, count);
  };
  read(view.kind, kKind, napi_uint8_array, view.rows);
  read(view.channel, kChannel, napi_uint8_array, view.rows);
  read(view.flags, kFlags, napi_uint8_array, view.rows);
  read(view.track, kTrack, napi_uint32_array, view.rows);
  read(view.name, kName, napi_uint32_array, view.rows);
  read(view.category, kCategory, napi_uint32_array, view.rows);
  read(view.attr_end, kAttrEnd, napi_uint32_array, view.rows);
  read(view.time, kTime, napi_float64_array, view.rows);
  read(view.extent, kExtent, napi_float64_array, view.rows);
  read(view.attr_head, kAttrHead, napi_uint32_array, view.attrs);
  read(view.attr_value, kAttrValue, napi_float64_array, view.attrs);
  read(view.word, kWord, napi_uint32_array, view.words);
  read(view.text_end, kTextEnd, napi_uint32_array, view.texts);
  read(view.text_bytes, kTextBytes, napi_uint8_array, 0);
  // What lies behind the last string is not copied; where that ends is checked when the batch is read.
  view.text_byte_count = values[kTextBytes].As<Napi::TypedArray>().ElementLength();
  const size_t used = view.texts == 0 ? 0 : view.text_end[view.texts - 1];
  if (used < view.text_byte_count) view.text_byte_count = used;
  return view;
}

Napi::Error UnexpectedOption(const Napi::Object& object, const char* name, const char* expected) {
  return CodedError(object.Env(), "INVALID_ARGUMENT", std::string("options.") + name + ": expected " + expected);
}

std::string TextOf(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsString()) throw UnexpectedOption(object, name, "a string");
  std::string text = value.As<Napi::String>().Utf8Value();
  if (text.find('\0') != std::string::npos) throw UnexpectedOption(object, name, "a text without null characters");
  return text;
}

size_t CountOf(const Napi::Object& object, const char* name, size_t limit, size_t least) {
  return RequireCount(object.Get(name), (std::string("options.") + name).c_str(), limit, least);
}

void ReadTarget(const Napi::Object& object, const char* name, std::string* path, int* descriptor) {
  if (object.Get(name).IsString()) {
    *path = TextOf(object, name);
    if (path->empty()) throw UnexpectedOption(object, name, "a path");
  } else {
    *descriptor = static_cast<int>(CountOf(object, name, INT32_MAX));
  }
}

std::vector<std::string> TextsOf(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsArray()) throw UnexpectedOption(object, name, "an array of strings");
  const auto array = value.As<Napi::Array>();
  std::vector<std::string> texts;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value text = array.Get(i);
    if (!text.IsString()) throw UnexpectedOption(object, name, "an array of strings");
    texts.push_back(text.As<Napi::String>().Utf8Value());
  }
  return texts;
}

std::vector<uint8_t> AnswersOf(const Napi::Object& object, const char* name, size_t count) {
  const Napi::Value value = object.Get(name);
  if (value.IsNull()) return {};
  const auto* bytes = RequireColumn<uint8_t>(value, name, napi_uint8_array, count);
  return {bytes, bytes + count};
}

TextCriteria TextCriteriaOf(const Napi::Object& object, size_t count) {
  return {AnswersOf(object, "names", count), AnswersOf(object, "categories", count), object.Get("needsCategory").ToBoolean()};
}

std::optional<Windows> WindowsOf(const Napi::Object& object) {
  const Napi::Value value = object.Get("windows");
  if (value.IsNull()) return std::nullopt;
  const size_t count = CountOf(object, "windowCount", UINT32_MAX);
  const auto* times = RequireColumn<int64_t>(value, "windows", napi_bigint64_array, 2 * count);
  std::vector<Window> windows;
  for (size_t i = 0; i < count; ++i) windows.push_back({times[2 * i], times[2 * i + 1]});
  return Windows(std::move(windows));
}

}  // namespace tracesmith
