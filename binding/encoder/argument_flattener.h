#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bits.h"
#include "order/event_store.h"

namespace tracesmith {

// Attributes for a message whose values do not nest: the keys on the way to a value are its name,
// "outer.inner" and "list[0]". Calls Int, Uint, Double and Text of the target, each with a name and a value.
template <typename Target>
class ArgumentFlattener {
 public:
  // Both must outlive the flattener.
  ArgumentFlattener(const EventStore& store, Target& target) : store_(store), target_(target) {}

  void Add(const Attr& attr) {
    switch (attr.type) {
      case AttrType::kDict:
      case AttrType::kArray:
        levels_.push_back({NameOf(attr), attr.type == AttrType::kArray, 0});
        return;
      case AttrType::kEnd:
        levels_.pop_back();
        return;
      case AttrType::kText:
      case AttrType::kJson:
        return target_.Text(NameOf(attr), store_.strings()[static_cast<uint32_t>(attr.value)]);
      case AttrType::kDouble:
        return target_.Double(NameOf(attr), AsDouble(attr.value));
      case AttrType::kInt:
        return target_.Int(NameOf(attr), static_cast<int64_t>(attr.value));
      case AttrType::kBool:
        return target_.Text(NameOf(attr), attr.value != 0 ? "true" : "false");
      case AttrType::kUint:
      case AttrType::kPointer:
        return target_.Uint(NameOf(attr), attr.value);
      case AttrType::kCorrelation:
        return target_.Uint("correlation_id", attr.value);
      default:
        return;  // launches, flows and call stacks are no values
    }
  }

 private:
  struct Level {
    std::string name;
    bool is_array;
    size_t next_index;
  };

  std::string NameOf(const Attr& attr) {
    if (levels_.empty()) return std::string(KeyOf(attr));
    Level& level = levels_.back();
    if (level.is_array) return level.name + "[" + std::to_string(level.next_index++) + "]";
    return level.name + "." + std::string(KeyOf(attr));
  }
  std::string_view KeyOf(const Attr& attr) const { return attr.key == 0 ? std::string_view() : store_.strings()[attr.key]; }

  const EventStore& store_;
  Target& target_;
  std::vector<Level> levels_;
};

}  // namespace tracesmith
