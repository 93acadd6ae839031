#include "convert/filter_survey.h"

#include <algorithm>

namespace tracesmith {

void EventTexts::Add(const CompactText& text) {
  if (text.id == 0) {
    if (text.text.empty()) return;
    const auto [found, is_new] = of_text_.emplace(text.text, static_cast<uint32_t>(list_.size()));
    if (is_new) list_.push_back(found->first);
    return;
  }
  if (text.id >= of_id_.size()) of_id_.resize(pool_.size() + 1);
  if (of_id_[text.id] != 0) return;
  of_id_[text.id] = static_cast<uint32_t>(list_.size());
  list_.emplace_back(pool_[text.id]);
}

bool FilterSurvey::IsWanted(const CompactText& name) {
  const auto answer = [&] {
    const std::string_view text = TextIn(pool_, name);
    if (!options_.prefix.empty() && text.substr(0, options_.prefix.size()) == options_.prefix) return true;
    return std::find(options_.names.begin(), options_.names.end(), text) != options_.names.end();
  };
  if (name.id == 0) return answer();
  if (name.id >= is_wanted_.size()) is_wanted_.resize(pool_.size() + 1);
  Answer& known = is_wanted_[name.id];
  if (known == Answer::kUnknown) known = answer() ? Answer::kYes : Answer::kNo;
  return known == Answer::kYes;
}

void FilterSurvey::Include(uint64_t time) {
  start_ = has_events_ ? std::min(start_, time) : time;
  end_ = std::max(end_, time);
  has_events_ = true;
}

void FilterSurvey::Add(const LinkedEvent& event) {
  Include(event.time);
  if (event.has_end) Include(event.end);
  if (event.head.kind == RecordKind::kCounter) return;
  const bool asks_names = !options_.prefix.empty() || !options_.names.empty();
  if (!asks_names && !options_.needs_texts) return;
  const EventView view(event.record, 0);
  if (options_.needs_texts) {
    if (view.head.has_name()) texts_.Add(view.name);
    if (view.head.has_category()) texts_.Add(view.category);
  }
  if (!asks_names || !view.head.has_name() || !IsWanted(view.name)) return;
  const bool has_end = !event.is_slice || event.has_end;
  named_.push_back({std::string(TextIn(pool_, view.name)), event.time, event.is_slice ? event.end : event.time, has_end});
}

}  // namespace tracesmith
