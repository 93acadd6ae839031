#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bits.h"
#include "order/event_table.h"

namespace tracesmith {

// Arguments nest, but some messages take flat pairs of name and value. ArgumentFlattener joins the keys that lead to a
// value to one name, "outer.inner" or "list[0]", and calls Int, Uint, Double or Text of the target with name and value.
//
// It owns only the keys of the open levels; table and target belong to the caller. One thread at a time.
template <typename Target>
class ArgumentFlattener {
 public:
  // Both must outlive the flattener.
  ArgumentFlattener(const EventTable& table, Target& target) : table_(table), target_(target) {}

  // Takes the attributes of a row one by one, in their order.
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
        return target_.Text(NameOf(attr), table_.strings()[static_cast<uint32_t>(attr.value)]);
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
        return;  // launch configurations, flows and call stacks are no values
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
  std::string_view KeyOf(const Attr& attr) const {
    return attr.key == 0 ? std::string_view() : table_.strings()[attr.key];
  }

  const EventTable& table_;
  Target& target_;
  std::vector<Level> levels_;
};

}  // namespace tracesmith
