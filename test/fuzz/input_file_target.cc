#include <algorithm>
#include <string>
#include <utility>

#include "check.h"
#include "fuzz_input.h"
#include "input/byte_source.h"
#include "convert/sniff.h"
#include "input_support.h"
#include "output_support.h"
#include "targets.h"

namespace tracesmith::test {
namespace {

const TemporaryFolder& Folder() {
  static const TemporaryFolder folder;
  return folder;
}

struct Content {
  Bytes head;
  Bytes bytes;
  std::string problem;
};

Content ReadContent(const std::string& path, size_t step) {
  ByteSource source;
  CHECK_EQ(source.Open(path).reason(), IoStatus().reason());
  const uint8_t* head = nullptr;
  size_t size = 0;
  CHECK(source.Peek(&head, &size).ok());
  Content content{Bytes(head, head + size), {}, {}};
  content.bytes = ReadAll(&source, step);
  content.problem = source.problem();
  CHECK(source.consumed() <= source.total());
  return content;
}

// Whatever it is taken for, there is a sentence about it.
void CheckSniffed(const Bytes& head) {
  const ContentKind kind = Sniff(head.data(), head.size());
  const std::string problem = ContentProblem(kind, head.data(), head.size());
  CHECK(!problem.empty());
  const bool is_shown = std::all_of(problem.begin(), problem.end(), [](char c) { return c >= ' ' && c <= '~'; });
  CHECK(is_shown);
}

}  // namespace

void FuzzInputFile(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const size_t step = size_t{1} + input.Byte();
  const Bytes file = input.Rest();
  CheckSniffed(Bytes(file.begin(), file.begin() + static_cast<ptrdiff_t>(std::min(file.size(), ByteSource::kHeadSize))));

  const std::string path = Folder().Path("input");
  WriteFile(path, file);
  const Content content = ReadContent(path, 100'000);
  CheckSniffed(content.head);
  CHECK(content.head.size() == std::min(content.bytes.size(), ByteSource::kHeadSize));
  CHECK(std::equal(content.head.begin(), content.head.end(), content.bytes.begin()));
  const Content in_steps = ReadContent(path, step);
  CHECK(in_steps.bytes == content.bytes);
  CHECK_EQ(in_steps.problem, content.problem);
}

}  // namespace tracesmith::test
