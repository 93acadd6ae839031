// Attributes that no honest caller sends: refused, and forgotten.

#include <cmath>
#include <limits>
#include <string>

#include "check.h"
#include "refused_batch.h"

namespace tracesmith::test {
namespace {

TEST(AttributesWhoseEndsAreWrong) {
  CheckRefused<uint32_t>("attrEnd[1]:", &Columns::attr_end, kInstantRow, 7);
  CheckRefused<uint32_t>("attrEnd[0]:", &Columns::attr_end, kSliceRow, 1000);
  CheckRefused<uint32_t>("attrEnd[3]:", &Columns::attr_end, kLastRow, UINT32_MAX);
  CheckRefused("attrEnd[", [](Columns& batch) {
    batch.attr_head.pop_back();
    batch.attr_value.pop_back();
  });
}

TEST(AttributeTypes) {
  for (const uint32_t type : {0u, 18u, 30u, 31u}) {
    CheckRefused("attrHead[7]:", [&](Columns& batch) {
      batch.attr_head[kInt] = (batch.attr_head[kInt] >> kKeyShift << kKeyShift) | type;
    });
  }
}

TEST(ObjectsThatDoNotClose) {
  const auto type = [](AttrType value) { return static_cast<uint32_t>(value); };
  CheckRefused<uint32_t>("attrHead[1]:", &Columns::attr_head, kDict, type(AttrType::kEnd));
  CheckRefused<uint32_t>("attrEnd[", &Columns::attr_head, kEnd, type(AttrType::kDict));
  CheckRefused<uint32_t>("attrEnd[", &Columns::attr_head, kInner, type(AttrType::kArray));
  // Opened in one row, closed in the next.
  CheckRefused<uint32_t>("attrEnd[", &Columns::attr_end, kSliceRow, kInner);
  // In a track's properties too.
  CheckRefused("attr", [&](Columns& batch) {
    batch.attr_head.push_back(type(AttrType::kArray));
    batch.attr_value.push_back(0);
    ++batch.attr_end[kTrackRow];
  });
}

TEST(ObjectsThatAreTooDeep) {
  const auto with_depth = [](size_t depth) {
    return [depth](Columns& batch) {
      for (const auto type : {AttrType::kArray, AttrType::kEnd}) {
        batch.attr_head.insert(batch.attr_head.end(), depth, static_cast<uint32_t>(type));
        batch.attr_value.insert(batch.attr_value.end(), depth, 0);
      }
      // To the counter: the track's own attributes would be properties.
      for (size_t row = kCounterRow; row <= kLastRow; ++row) batch.attr_end[row] += static_cast<uint32_t>(2 * depth);
    };
  };
  CheckTaken(with_depth(kMaxArgDepth));
  CheckRefused("attrHead[", with_depth(kMaxArgDepth + 1));
  CheckRefused("attrHead[", with_depth(100'000));
}

TEST(NumbersThatDoNotFitTheirType) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {std::nan(""), infinity, -infinity, 1e300, 9007199254740994.0, -9007199254740994.0}) {
    CheckRefused<uint64_t>("attrValue[7]:", &Columns::attr_value, kInt, Bits(value));
  }
  for (const double value : {std::nan(""), -1.0, 1e300}) {
    CheckRefused<uint64_t>("attrValue[10]:", &Columns::attr_value, kPointer, Bits(value));
    CheckRefused("attrValue[9]:", [&](Columns& batch) {
      batch.attr_head[kUint] &= ~static_cast<uint32_t>(kIs64Bit);
      batch.attr_value[kUint] = Bits(value);
    });
  }
  for (const double value : {2.0, -1.0, std::nan("")}) {
    CheckRefused<uint64_t>("attrValue[6]:", &Columns::attr_value, kBool, Bits(value));
  }
  for (const double value : {std::nan(""), infinity}) {
    CheckTaken([&](Columns& batch) { batch.attr_value[kDouble] = Bits(value); });
  }
}

TEST(WordsThatAreNotThere) {
  for (const size_t attr : {kLaunchAttr, kStack}) {
    const std::string column = "attrValue[" + std::to_string(attr) + "]:";
    for (const double offset : {-1.0, 1e15, 4294967296.0, std::nan("")}) {
      CheckRefused<uint64_t>(column, &Columns::attr_value, attr, Bits(offset));
    }
    for (const uint64_t offset : {uint64_t{15}, UINT64_MAX, UINT64_MAX - 8, kEndOfTime}) {
      CheckRefused(column, [&](Columns& batch) {
        batch.attr_head[attr] |= kIs64Bit;
        batch.attr_value[attr] = offset;
      });
    }
    CheckRefused("attrValue[4]:", [](Columns& batch) { batch.word.clear(); });
  }
  for (uint64_t offset = 7; offset < 20; ++offset) {
    CheckRefused<uint64_t>("attrValue[4]:", &Columns::attr_value, kLaunchAttr, Bits(static_cast<double>(offset)));
  }
  for (const uint32_t count : {2u, 858'993'460u, UINT32_MAX}) {
    CheckRefused<uint32_t>("attrValue[5]:", &Columns::word, kFrameCountWord, count);
  }
  for (const size_t name : {kFunctionWord, kFileWord}) {
    CheckRefused("attrValue[5]:", [&](Columns& batch) { batch.word[name] = Beyond(batch); });
    CheckRefused<uint32_t>("attrValue[5]:", &Columns::word, name, UINT32_MAX);
  }
  CheckRefused("attrValue[5]:", [](Columns& batch) { batch.word.pop_back(); });
}

}  // namespace
}  // namespace tracesmith::test
