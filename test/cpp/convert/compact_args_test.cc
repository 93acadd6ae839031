// What a record keeps of an event's texts and arguments must come back as it was told.
#include "convert/compact_args.h"

#include <random>
#include <string>
#include <vector>

#include "check.h"

namespace tracesmith::test {
namespace {

TEST(AllThatIsToldComesBack) {
  TextPool texts;
  ArgRecorder recorder(texts);
  const std::string huge(TextPool::kMaxLength + 1, 'x');
  recorder.Reset();
  recorder.Int("least", INT64_MIN);
  recorder.Int("most", INT64_MAX);
  recorder.Uint("unsigned", UINT64_MAX);
  recorder.Double("double", -0.5);
  recorder.Bool("bool", true);
  recorder.Text("text", "value");
  recorder.Text("", "");
  recorder.Text(huge, huge);
  recorder.BeginDict("dict");
  recorder.Int("least", 1);
  recorder.EndDict();
  ArgCursor cursor(recorder.data(), recorder.data() + recorder.size());
  CompactArg arg;
  const auto next = [&](AttrType type, std::string_view key) {
    CHECK(cursor.Next(&arg));
    CHECK(arg.type == type);
    CHECK_EQ(std::string(TextIn(texts, arg.key)), std::string(key));
  };
  const auto text = [&] { return std::string(TextIn(texts, arg.text)); };
  next(AttrType::kInt, "least");
  CHECK_EQ(static_cast<int64_t>(arg.value), INT64_MIN);
  next(AttrType::kInt, "most");
  CHECK_EQ(static_cast<int64_t>(arg.value), INT64_MAX);
  next(AttrType::kUint, "unsigned");
  CHECK_EQ(arg.value, UINT64_MAX);
  next(AttrType::kDouble, "double");
  double value;
  std::memcpy(&value, &arg.value, sizeof(value));
  CHECK_EQ(value, -0.5);
  next(AttrType::kBool, "bool");
  CHECK_EQ(arg.value, 1u);
  next(AttrType::kText, "text");
  CHECK_EQ(text(), "value");
  next(AttrType::kText, "");
  CHECK_EQ(text(), "");
  next(AttrType::kText, huge);
  CHECK_EQ(text(), huge);
  next(AttrType::kDict, "dict");
  next(AttrType::kInt, "least");
  next(AttrType::kEnd, "");
  CHECK(!cursor.Next(&arg));
}

TEST(AnEmptyElementIsJsonAndAnEmptyArgumentIsNothingMore) {
  TextPool texts;
  ArgRecorder recorder(texts);
  recorder.Reset();
  recorder.BeginArray("list");
  recorder.BeginArray({});
  recorder.EndArray();
  recorder.BeginDict({});
  recorder.EndDict();
  recorder.EndArray();
  recorder.BeginArray("empty");
  recorder.EndArray();
  ArgCursor cursor(recorder.data(), recorder.data() + recorder.size());
  CompactArg arg;
  std::vector<AttrType> types;
  while (cursor.Next(&arg)) types.push_back(arg.type);
  CHECK(types == (std::vector<AttrType>{AttrType::kArray, AttrType::kJson, AttrType::kJson, AttrType::kEnd, AttrType::kArray,
                                        AttrType::kEnd}));
}

TEST(TextsAreKeptOnceUpToALimit) {
  TextPool texts;
  std::vector<uint32_t> ids;
  for (int i = 0; i < 200'000; ++i) ids.push_back(texts.IdOf("text " + std::to_string(i)));
  CHECK_EQ(texts.size(), size_t{1} << 17);
  for (int i = 0; i < 200'000; ++i) {
    const std::string text = "text " + std::to_string(i);
    CHECK_EQ(texts.IdOf(text), ids[static_cast<size_t>(i)]);
    if (ids[static_cast<size_t>(i)] != 0) CHECK_EQ(std::string(texts[ids[static_cast<size_t>(i)]]), text);
  }
}

// Sizes around the words that are compared and hashed at once, differing in one byte.
TEST(TextsThatDifferInOneByteAreTwo) {
  std::mt19937 random(1);
  TextPool texts;
  for (size_t size = 1; size <= 80; ++size) {
    std::string text(size, 'a');
    const uint32_t id = texts.IdOf(text);
    for (size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = static_cast<char>('b' + random() % 20);
      CHECK(texts.IdOf(other) != id);
    }
    CHECK_EQ(texts.IdOf(text), id);
  }
}

}  // namespace
}  // namespace tracesmith::test
