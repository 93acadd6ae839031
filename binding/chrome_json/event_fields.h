#pragma once

#include <string_view>

#include "chrome_json/chrome_event.h"
#include "chrome_json/json_tokens.h"

namespace tracesmith {

// For values whose parts nobody wants to know.
struct NullSink {
  void Int(std::string_view, int64_t) {}
  void Uint(std::string_view, uint64_t) {}
  void Double(std::string_view, double) {}
  void Text(std::string_view, std::string_view) {}
  void Bool(std::string_view, bool) {}
  void Null(std::string_view) {}
  void BeginDict(std::string_view) {}
  void BeginArray(std::string_view) {}
  void EndDict() {}
  void EndArray() {}
};

// Reads the value of a field other than `args`; of a field that nobody knows, past it.
JsonTokens::Error ReadField(JsonTokens* tokens, std::string_view key, ChromeEvent* event);

}  // namespace tracesmith
