#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convert/filter_survey.h"
#include "convert/linked_records.h"
#include "filter/event_plan.h"

namespace tracesmith {

enum class ArgsKept : uint8_t { kAll, kLean, kNone };

// What of a trace stays. What patterns say about texts and owners has been asked before.
struct FilterPart {
  std::optional<Windows> windows;  // none: all of the time
  EventPlan::Options plan;
  // By number in EventTexts: whether it is accepted as a name. Empty: all are.
  std::vector<uint8_t> names;
  // By number in EventTexts: bits of these. Empty: nothing is asked.
  static constexpr uint8_t kIncluded = 1;
  static constexpr uint8_t kExcluded = 2;
  std::vector<uint8_t> categories;
  bool needs_category = false;
  // By number: whether it is accepted. Empty: all are.
  std::vector<uint8_t> processes;
  std::vector<uint8_t> threads;
  bool accepts_ownerless = true;
  ArgsKept args = ArgsKept::kAll;
  std::vector<std::string> unique_args;
  std::string arrow_arg;
  std::string options_text;
};

// Turns events into what an EventPlan asks about them.
class EventPlanner {
 public:
  // Both must outlive it.
  EventPlanner(const FilterPart& part, const EventTexts& texts) : part_(part), texts_(texts) {}

  // Valid until the next call.
  const PlannedEvent& Of(const LinkedEvent& event);

 private:
  bool Accepts(const LinkedEvent& event) const;
  bool AcceptsOwner(const LinkedEvent& event) const;

  const FilterPart& part_;
  const EventTexts& texts_;
  PlannedEvent planned_;
};

}  // namespace tracesmith
