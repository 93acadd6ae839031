#pragma once

#include <cstdint>
#include <vector>

#include "base/flat_map.h"
#include "trim/packet_facts.h"

namespace tracesmith::trim {

// Readers draw an arrow from each step of an id to the next. Where a step between goes, those beside it must not be
// joined: what follows gets another id. The twin of FlowSteps in lib/trim.
class FlowSteps {
 public:
  // Arrows of which one end stays and the other goes.
  uint64_t cut() const { return cut_; }

  // Takes the ids of an event. Returns whether other ones must be written, which are in `ids` then.
  bool Step(const Flow* flows, size_t count, bool stays, std::vector<uint64_t>* ids) {
    bool is_changed = false;
    ids->clear();
    for (size_t i = 0; i < count; ++i) ids->push_back(flows[i].id);
    for (size_t i = 0; i < count; ++i) {
      const auto& [id, is_last] = flows[i];
      uint32_t* const chain = chains_.Find(id);
      if (chain == nullptr) {
        if (!is_last) chains_[id] = stays;
        continue;
      }
      if ((*chain & kStays) != static_cast<uint32_t>(stays)) {
        ++cut_;
        if (!stays) *chain += kPart;
        *chain ^= kStays;
      }
      const uint64_t parts = *chain / kPart;
      if (stays && parts != 0) {
        (*ids)[i] = id ^ (parts * kAnother);
        is_changed = true;
      }
      if (is_last) chains_.Erase(id);
    }
    return is_changed;
  }

 private:
  static constexpr uint64_t kAnother = 0x9e3779b97f4a7c15u;
  // A chain is whether its last step stays, and how many parts of it were told apart.
  static constexpr uint32_t kStays = 1;
  static constexpr uint32_t kPart = 2;

  FlatMap<uint32_t> chains_;
  uint64_t cut_ = 0;
};

}  // namespace tracesmith::trim
