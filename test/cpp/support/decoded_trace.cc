#include "decoded_trace.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <tuple>

#include "check.h"

namespace tracesmith::test {
namespace {

// Long strings would bury the difference.
std::string Shortened(const std::string& text) {
  constexpr size_t kShown = 60;
  if (text.size() <= kShown) return "\"" + text + "\"";
  return "\"" + text.substr(0, kShown) + "...\" (" + std::to_string(text.size()) + " bytes)";
}

std::string Describe(const DecodedArgument& argument) {
  static const char* const kTypes[] = {"none", "bool", "uint", "int", "double", "pointer", "string", "dict", "array"};
  std::string text = argument.name + ":" + kTypes[static_cast<size_t>(argument.type)];
  if (argument.type == ValueType::kString) return text + " " + Shortened(argument.text);
  if (argument.type != ValueType::kDict && argument.type != ValueType::kArray) {
    return text + " " + std::to_string(argument.bits);
  }
  text += "{";
  for (const DecodedArgument& child : argument.children) text += Describe(child) + ", ";
  return text + "}";
}

template <typename T>
void CheckSameList(const char* what, const std::vector<T>& actual, const std::vector<T>& expected) {
  for (size_t i = 0; i < std::min(actual.size(), expected.size()); ++i) {
    if (actual[i] == expected[i]) continue;
    throw Failure(std::string(what) + " " + std::to_string(i) + "\n         expected " + Describe(expected[i]) +
                  "\n         received " + Describe(actual[i]));
  }
  if (actual.size() == expected.size()) return;
  throw Failure("expected " + std::to_string(expected.size()) + " of " + what + " but received " +
                std::to_string(actual.size()));
}

}  // namespace

bool DecodedArgument::operator==(const DecodedArgument& other) const {
  return std::tie(name, type, bits, text, children) ==
         std::tie(other.name, other.type, other.bits, other.text, other.children);
}

bool DecodedFrame::operator==(const DecodedFrame& other) const {
  return std::tie(function, file, line, address) == std::tie(other.function, other.file, other.line, other.address);
}

bool DecodedEvent::operator==(const DecodedEvent& other) const {
  const auto all = [](const DecodedEvent& event) {
    return std::tie(event.time, event.track, event.type, event.name, event.categories, event.arguments, event.flows,
                    event.terminating_flows, event.has_call_stack, event.call_stack, event.counter,
                    event.counter_bits);
  };
  return all(*this) == all(other);
}

bool DecodedTrack::operator==(const DecodedTrack& other) const {
  return std::tie(parent, fields) == std::tie(other.parent, other.fields);
}

std::string Describe(const DecodedEvent& event) {
  static const char* const kTypes[] = {"unspecified", "begin", "end", "instant", "counter"};
  const auto type = static_cast<size_t>(event.type);
  std::string text = type < std::size(kTypes) ? kTypes[type] : std::to_string(type);
  text += " " + Shortened(event.name) + " at " + std::to_string(event.time) + " on track " + std::to_string(event.track);
  for (const std::string& category : event.categories) text += " [" + category + "]";
  if (event.counter != DecodedEvent::Counter::kNone) {
    text += event.counter == DecodedEvent::Counter::kDouble ? " double " : " integer ";
    text += std::to_string(event.counter_bits);
  }
  for (const DecodedArgument& argument : event.arguments) text += "\n           " + Describe(argument);
  for (const uint64_t flow : event.flows) text += " leaves " + std::to_string(flow);
  for (const uint64_t flow : event.terminating_flows) text += " arrives " + std::to_string(flow);
  if (event.has_call_stack) text += "\n           call stack:";
  for (const DecodedFrame& frame : event.call_stack) {
    text += " " + frame.function + "(" + frame.file + ":" + std::to_string(frame.line) + ", " +
            std::to_string(frame.address) + ")";
  }
  return text;
}

std::string Describe(const DecodedTrack& track) {
  return track.fields + (track.parent == kNoTrack ? "" : " below track " + std::to_string(track.parent));
}

void CheckSameTrace(const DecodedTrace& actual, const DecodedTrace& expected) {
  CheckSameList("event", actual.events, expected.events);
  CheckSameList("track", actual.tracks, expected.tracks);
}

}  // namespace tracesmith::test
