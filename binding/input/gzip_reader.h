#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "input/input_file.h"
#include "io/io_status.h"

namespace tracesmith {

// What is wrong with a file that could be read.
struct InputProblem {
  std::string text;  // "the gzip member ends early"
  uint64_t offset;   // where in the file, compressed as it is
  bool is_harmless;  // nothing of the content is missing or wrong
};

// The content of a gzip file: that of all its members. Of a damaged file it gives everything that can
// be inflated, then the end, and says what is wrong; what follows is not searched for another member.
class GzipReader {
 public:
  // `file`, which must stand at the beginning of a member, must stay until the object is gone. Throws
  // std::bad_alloc, as Read() does.
  explicit GzipReader(InputFile* file);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  // Whether a member may begin with these bytes, which can be fewer than the magic number has.
  static bool CanBegin(const uint8_t* data, size_t size);
  static constexpr size_t kMagicSize = 2;

  // As InputFile::Read(). A failure is the system's; a damaged file is none.
  IoStatus Read(uint8_t* target, size_t size, size_t* count);

  // Known at the end.
  const std::optional<InputProblem>& problem() const { return problem_; }

 private:
  struct Inflate;
  enum class State : uint8_t { kBetweenMembers, kInMember, kAtEnd };

  IoStatus BeginMember();
  IoStatus InflateSome(uint8_t* target, size_t size, size_t* count);
  void EndWith(std::string problem, bool is_harmless = false);

  InputFile* file_;
  std::unique_ptr<Inflate> inflate_;
  State state_ = State::kBetweenMembers;
  std::optional<InputProblem> problem_;
};

}  // namespace tracesmith
