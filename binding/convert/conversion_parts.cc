// The members of Conversion that write parts of a trace.
#include <algorithm>
#include <cstring>
#include <utility>

#include "convert/conversion.h"

namespace tracesmith {
namespace {

// What was asked for and what became of it, for the metadata of the trace.
TopLevelValue MetadataOf(const FilterPart& part, const EventPlan::Counts& counts, uint64_t dropped_samples) {
  std::string text = "{\"options\":" + part.options_text;
  const auto add = [&](const char* name, uint64_t count) { text += ",\"" + std::string(name) + "\":" + std::to_string(count); };
  add("slices", counts.slices);
  add("instants", counts.instants);
  add("counters", counts.counters);
  add("cut", counts.cut);
  add("dropped_slices", counts.dropped_slices);
  add("dropped_instants", counts.dropped_instants);
  add("dropped_counters", counts.dropped_counters);
  add("dropped_samples", dropped_samples);
  add("flows_cut", counts.cut_arrows);
  return {"filter", text + "}", 0, 0};
}

// Samples are chosen by their time, and their process and thread.
bool KeepsSample(const FilterPart& part, uint32_t thread, int64_t time) {
  const bool is_inside = !part.windows.has_value() || part.windows->Has(time);
  return is_inside && (part.threads.empty() || part.threads[thread] != 0);
}

}  // namespace

bool Conversion::SkipsArgs() const {
  constexpr uint64_t kMuch = uint64_t{16} << 20;
  const bool is_file = !options_.input_path.empty() && source_.total() >= kMuch && !source_.is_gzip();
  return is_file && options_.survey.keeps_little && !options_.is_strict;
}

Conversion::Failure Conversion::LookAt() {
  for (const auto step : {&Conversion::Read, &Conversion::Link}) {
    Failure failure = (this->*step)();
    if (failure.error != Error::kNone) return failure;
    if (is_cancelled_) return {Error::kCancelled, "cancelled", {}};
  }
  survey_.emplace(std::move(options_.survey), texts_);
  for (const CpuProfile& profile : profiles_.profiles()) {
    survey_->Include(static_cast<uint64_t>(profile.times[0]) + report_.time_shift);
    survey_->Include(static_cast<uint64_t>(profile.times[profile.times.size() - 1]) + report_.time_shift);
  }
  if (!ForEachEvent([this](const LinkedEvent& event) { survey_->Add(event); })) return {Error::kCancelled, "cancelled", {}};
  if (!records_->status().ok()) return SortFailure(records_->status());
  return links_->status().ok() ? Failure{} : SortFailure(links_->status());
}

bool Conversion::ForEachEvent(const std::function<void(const LinkedEvent&)>& use) {
  LinkedRecords records(*records_, *links_, origin_, leaves_out_zero_);
  LinkedEvent event;
  for (uint64_t count = 0; records.Next(&event); ++count) {
    use(event);
    if (count % kCancelCheck == 0 && is_cancelled_) return false;
  }
  return !is_cancelled_;
}

IoStatus Conversion::KeepLinks(FilteredRecords records, RecordSorter* links) {
  uint64_t number = 0;
  const auto add = [&](uint64_t rank, const LinkRecord& link, const std::vector<uint8_t>& args) {
    links->Add({number, rank}, reinterpret_cast<const uint8_t*>(&link), sizeof(link), args.data(), args.size());
  };
  while (const FilteredRecords::Changed* changed = records.Next()) {
    if (!changed->is_numbered) continue;
    if (changed->has_end_link) {
      add(0, LinkRecord{changed->length, 0, LinkRecord::Kind::kEnd, AttrType::kEnd}, changed->end_args);
    }
    for (const LinkRecord& arrow : changed->arrows) add(1, arrow, {});
    if (++number % kCancelCheck == 0 && is_cancelled_) break;
  }
  return links->Finish();
}

Conversion::Failure Conversion::WritePart(const FilterPart& part, std::string path, int descriptor, std::string name,
                                          PartReport* report) {
  options_.output_path = std::move(path);
  options_.output_descriptor = descriptor;
  options_.output_name = std::move(name);
  const auto cancelled = [] { return Failure{Error::kCancelled, "cancelled", {}}; };
  const Windows* windows = part.windows.has_value() ? &*part.windows : nullptr;
  EventPlan plan(windows, part.plan, report_.arrows.drawn);
  EventPlanner planner(part, survey_->texts());
  const bool looks_first = windows != nullptr && report_.arrows.drawn > 0;
  if (looks_first && !ForEachEvent([&](const LinkedEvent& event) { plan.Look(planner.Of(event)); })) return cancelled();
  if (!ForEachEvent([&](const LinkedEvent& event) { plan.Add(planner.Of(event)); })) return cancelled();
  plan.Finish();

  ArgFilter args(part, texts_);
  SkippedArgs skipped(source_, texts_);
  const auto records = [&](SkippedArgs* reader) {
    return FilteredRecords({*records_, *links_, origin_, leaves_out_zero_}, plan, args, reader);
  };
  RecordSorter links(RecordSorter::Options{options_.memory_budget / 8, options_.spill_path, false});
  const IoStatus kept = needs_links_ ? KeepLinks(records(nullptr), &links) : links.Finish();
  if (!kept.ok()) return SortFailure(kept);
  if (is_cancelled_) return cancelled();

  FilteredRecords filtered = records(part.args == ArgsKept::kNone ? nullptr : &skipped);
  Source source;
  source.links = &links;
  source.next = [&filtered](Record* record) {
    const FilteredRecords::Changed* changed = filtered.Next();
    if (changed == nullptr) return false;
    *record = {changed->key, changed->bytes.data(), changed->bytes.size()};
    return true;
  };
  source.keeps_sample = [&part](uint32_t thread, int64_t time) { return KeepsSample(part, thread, time); };
  report->counts = plan.counts();
  for (const CpuProfile& profile : profiles_.profiles()) {
    for (const int64_t time : profile.times) {
      const bool stays = KeepsSample(part, profile.thread, time + static_cast<int64_t>(report_.time_shift));
      if (!stays) ++report->dropped_samples;
    }
  }
  source.values.push_back(MetadataOf(part, report->counts, report->dropped_samples));
  Failure failure = WriteRecords(source);
  if (failure.error == Error::kNone && !skipped.status().ok()) return IoFailure("read", options_.input_name, skipped.status());
  return failure;
}

}  // namespace tracesmith
