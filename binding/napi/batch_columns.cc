#include "napi/batch_columns.h"

#include <vector>

#include "napi/arguments.h"

namespace tracesmith {

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
  const auto bytes = [&](Column column, size_t count) {
    return RequireColumn<uint8_t>(values[column], kNames[column], napi_uint8_array, count);
  };
  const auto words = [&](Column column, size_t count) {
    return RequireColumn<uint32_t>(values[column], kNames[column], napi_uint32_array, count);
  };
  const auto wide = [&](Column column, size_t count) {
    return RequireColumn<uint64_t>(values[column], kNames[column], napi_float64_array, count);
  };
  view.kind = bytes(kKind, view.rows);
  view.channel = bytes(kChannel, view.rows);
  view.flags = bytes(kFlags, view.rows);
  view.track = words(kTrack, view.rows);
  view.name = words(kName, view.rows);
  view.category = words(kCategory, view.rows);
  view.attr_end = words(kAttrEnd, view.rows);
  view.time = wide(kTime, view.rows);
  view.extent = wide(kExtent, view.rows);
  view.attr_head = words(kAttrHead, view.attrs);
  view.attr_value = wide(kAttrValue, view.attrs);
  view.word = words(kWord, view.words);
  view.text_end = words(kTextEnd, view.texts);
  view.text_bytes = bytes(kTextBytes, 0);
  // What lies behind the last string is not copied; where that ends is checked when the batch is read.
  view.text_byte_count = values[kTextBytes].As<Napi::TypedArray>().ElementLength();
  const size_t used = view.texts == 0 ? 0 : view.text_end[view.texts - 1];
  if (used < view.text_byte_count) view.text_byte_count = used;
  return view;
}

}  // namespace tracesmith
