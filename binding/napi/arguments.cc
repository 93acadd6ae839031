#include "arguments.h"

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
    default:
      return "a typed array";
  }
}

Napi::Error Unexpected(Napi::Env env, const char* what, const std::string& expected) {
  return CodedError(env, "INVALID_ARGUMENT", std::string(what) + ": expected " + expected);
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

size_t RequireCount(const Napi::Value& value, const char* what, size_t limit) {
  const std::string expected = "an integer from 0 to " + std::to_string(limit);
  if (!value.IsNumber()) throw Unexpected(value.Env(), what, expected);
  const double number = value.As<Napi::Number>().DoubleValue();
  // Written so that NaN fails too.
  if (!(number >= 0 && number <= static_cast<double>(limit))) throw Unexpected(value.Env(), what, expected);
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

}  // namespace tracesmith
