#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "batch/batch_view.h"
#include "filter/criteria.h"
#include "filter/windows.h"
#include "napi/node_api.h"

namespace tracesmith {

// An error with a `code`, as TypeScript turns it into a TraceSmithError. A caller that reaches the
// addon directly gets it as it is.
Napi::Error CodedError(Napi::Env env, const char* code, const std::string& message);

// The checks that keep the addon from touching memory that is not there. Each throws an
// INVALID_ARGUMENT error that names `what`.
Napi::Object RequireObject(const Napi::Value& value, const char* what);
size_t RequireCount(const Napi::Value& value, const char* what, size_t limit, size_t least = 0);

Napi::TypedArray RequireTypedArray(const Napi::Value& value, const char* what, napi_typedarray_type type, size_t count);

// The values of an object of options, by name; each throws INVALID_ARGUMENT for another type or beyond the bounds.
Napi::Error UnexpectedOption(const Napi::Object& object, const char* name, const char* expected);
std::string TextOf(const Napi::Object& object, const char* name);
size_t CountOf(const Napi::Object& object, const char* name, size_t limit, size_t least = 0);
// Reads a path or a descriptor.
void ReadTarget(const Napi::Object& object, const char* name, std::string* path, int* descriptor);

std::vector<std::string> TextsOf(const Napi::Object& object, const char* name);
// What a filter says about each of `count` names or tracks, or none where the value is null.
std::vector<uint8_t> AnswersOf(const Napi::Object& object, const char* name, size_t count);
// `names`, `categories` and `needsCategory`, of which the first two answer for each of `count` texts.
TextCriteria TextCriteriaOf(const Napi::Object& object, size_t count);
// `windows` and `windowCount`; nothing where all of the time stays.
std::optional<Windows> WindowsOf(const Napi::Object& object);

// The elements of a typed array, of which the caller will read `count`. They are good until
// JavaScript runs again, which could detach them: get all properties before.
template <typename T>
const T* RequireColumn(const Napi::Value& value, const char* name, napi_typedarray_type type, size_t count) {
  const Napi::TypedArray array = RequireTypedArray(value, name, type, count);
  void* data = nullptr;
  napi_get_typedarray_info(array.Env(), array, nullptr, nullptr, &data, nullptr, nullptr);
  return static_cast<const T*>(data);
}

// The columns of an EventBatch where they lie, checked for type and length but not for what they hold.
// Good until JavaScript runs again, which could detach them.
BatchView ViewOf(const Napi::Object& batch);

// New memory of JavaScript. Where there is not so much, Node-API would end the process; these throw.
Napi::ArrayBuffer NewBuffer(Napi::Env env, size_t size);
Napi::Uint8Array NewBytes(Napi::Env env, size_t size);

}  // namespace tracesmith
