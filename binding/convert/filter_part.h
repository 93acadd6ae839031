#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convert/filter_survey.h"
#include "convert/linked_records.h"
#include "filter/criteria.h"
#include "filter/event_plan.h"

namespace tracesmith {

// What of a trace stays. What patterns say about texts and owners has been asked before.
struct FilterPart {
  std::optional<Windows> windows;  // none: all of the time
  EventPlan::Options plan;
  TextCriteria texts;  // by number in EventTexts
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
