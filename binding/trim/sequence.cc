#include "trim/sequence.h"

#include <string>

namespace tracesmith::trim {

void Sequence::ForgetDefaults() {
  default_clock_ = 0;
  default_track_ = tracks_.OfText("sequence " + std::to_string(id_), nullptr);
  default_counters_.clear();
  default_double_counters_.clear();
}

void Sequence::LearnHead(const RareFacts& head, std::string* damage) {
  if (head.is_cleared || head.is_dropped_before) has_state_ = head.is_cleared;
  if (head.is_cleared) {
    categories_.Clear();
    names_.Clear();
    arg_names_.Clear();
  }
  if (!head.is_cleared && head.defaults.begin == nullptr) return;
  ForgetDefaults();
  FieldReader defaults(head.defaults, damage);
  while (defaults.Next()) {
    if (defaults.field() == 58) default_clock_ = defaults.Integer();
    if (defaults.field() != 11) continue;
    FieldReader event = defaults.Message();
    while (event.Next()) {
      if (event.field() == 11) {
        default_track_ = tracks_.OfUuid(event.Integer());
      } else if (event.field() == 31) {
        event.Integers([&](uint64_t uuid) { default_counters_.push_back(uuid); });
      } else if (event.field() == 45) {
        event.Integers([&](uint64_t uuid) { default_double_counters_.push_back(uuid); });
      }
    }
  }
}

void Sequence::LearnInterned(ByteSpan data, std::string* damage) {
  FieldReader fields(data, damage);
  while (fields.Next()) {
    FlatMap<uint32_t>* const map = fields.field() == 1   ? &categories_
                                   : fields.field() == 2 ? &names_
                                   : fields.field() == 3 ? &arg_names_
                                                         : nullptr;
    if (map == nullptr) continue;
    uint64_t iid = 0;
    ByteSpan text;
    FieldReader entry = fields.Message();
    while (entry.Next()) {
      if (entry.field() == 1) iid = entry.Integer();
      if (entry.field() == 2) text = entry.Data();
    }
    (*map)[iid] = texts_.NumberOf(text.text());
  }
}

void Sequence::LearnThread(ByteSpan descriptor, std::string* damage) {
  int64_t tid = 0;
  pid_ = 0;
  microseconds = 0;
  FieldReader fields(descriptor, damage);
  while (fields.Next()) {
    if (fields.field() == 1) pid_ = fields.Signed();
    if (fields.field() == 2) tid = fields.Signed();
    if (fields.field() == 6) microseconds = fields.Signed();
  }
  has_pid_ = true;
  default_track_ = tracks_.OfThread(pid_, tid);
}

void Sequence::LearnSamples(ByteSpan profile, std::string* damage) {
  FieldReader fields(profile, damage);
  while (fields.Next()) {
    if (fields.field() != 2) continue;
    fields.Integers([&](uint64_t step) { microseconds = Add(microseconds, static_cast<int64_t>(step)); });
  }
}

}  // namespace tracesmith::trim
