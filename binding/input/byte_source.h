#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "input/input_file.h"
#include "io/io_status.h"

namespace tracesmith {

// The damage of a file that could be read.
struct InputProblem {
  std::string text;  // "the gzip member ends early"
  uint64_t offset;   // in the file, which is compressed
  bool is_harmless;  // the content is complete and correct
};

// Inflates a gzip file, all its members. From a damaged file it returns everything that can be inflated, then the end,
// and describes the problem; it does not look for another member behind the damage.
class GzipReader {
 public:
  // `file` must stand at the beginning of a member and outlive the reader. Throws std::bad_alloc, as Read() does.
  explicit GzipReader(InputFile* file);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  // Whether a member may begin with these bytes, which may be fewer than the magic number has.
  static bool CanBegin(const uint8_t* data, size_t size);
  static constexpr size_t kMagicSize = 2;

  // As InputFile::Read(). Fails only if the system does, not for a damaged file.
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

// Problem: users gzip their traces, and a name does not tell. A ByteSource reads the content of a file, pipe or
// terminal from front to back and inflates it if its first bytes are those of gzip. Opening reads nothing.
//
// It owns the file, as InputFile does. One thread at a time may use it.
class ByteSource {
 public:
  // The most bytes that Peek() shows.
  static constexpr size_t kHeadSize = 4096;

  // See InputFile. The caller must call one of them, once, and go on only if it succeeded.
  IoStatus Open(const std::string& path) { return file_.Open(path); }
  IoStatus Borrow(int descriptor) { return file_.Borrow(descriptor); }

  // Shows the first bytes of the content, fewer than kHeadSize only if there are no more. Read() returns them as well.
  // The caller may peek once, before reading; the bytes are valid as long as the object.
  IoStatus Peek(const uint8_t** head, size_t* size);

  // Returns the content that is available, at least one byte; a *count of 0 is the end. `size` must not be 0. The
  // caller must not read after a failure. Throws std::bad_alloc.
  IoStatus Read(uint8_t* target, size_t size, size_t* count);

  // Known after the first read.
  bool is_gzip() const { return gzip_.has_value(); }
  // The size of the file, 0 if unknown, and the bytes of it that were used, both before inflating. The two need not
  // become equal: a file can grow, and nothing behind a problem is read.
  uint64_t total() const { return file_.total(); }
  uint64_t consumed() const { return file_.position(); }
  // The problem of gzipped data; known at the end of the content.
  std::optional<InputProblem> problem() const { return is_gzip() ? gzip_->problem() : std::nullopt; }

 private:
  IoStatus ReadContent(uint8_t* target, size_t size, size_t* count);

  InputFile file_;
  std::optional<GzipReader> gzip_;
  bool is_started_ = false;
  std::vector<uint8_t> head_;
  size_t head_read_ = 0;
};

}  // namespace tracesmith
