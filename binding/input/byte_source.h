#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "io/io_status.h"

namespace tracesmith {

// Problem: reading differs between files, pipes and terminals, and between systems; and a mapped file that somebody
// shortens meanwhile would end the process. An InputFile reads them all alike, from front to back, through a buffer
// that allows looking ahead.
//
// It owns a descriptor that it opened, not one that it borrowed. One thread at a time may use it.
class InputFile {
 public:
  InputFile() = default;
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Once `stop` is true, on any thread, a read that waits for a pipe or terminal returns the end within a moment. To be
  // called before the file is opened; `stop` must outlive it.
  void StopAt(const std::atomic<bool>* stop) { stop_ = stop; }

  // Opens `path` (UTF-8). The first read waits for the writer of a named pipe. Fails with EISDIR for a folder, on every system.
  // The caller must call Open() or Borrow() once.
  IoStatus Open(const std::string& path);
  // Reads from `descriptor`, such as 0 for stdin, from its position on. The caller keeps it and must not close it
  // earlier.
  IoStatus Borrow(int descriptor);

  // Reads the bytes that are available, at least one; a *count of 0 is the end, for good. `size` must not be 0.
  IoStatus Read(uint8_t* target, size_t size, size_t* count);

  // Reads bytes of a regular file anew, all of them or none. The caller must not call Read() or Fill() any more.
  IoStatus ReadAt(uint64_t offset, uint8_t* target, size_t size) const;

  // Fills the buffer until available() is `size` or the file ends. `size` is at most 256 KiB.
  IoStatus Fill(size_t size);
  // The buffer's content, valid until the next call of Read() or Fill().
  const uint8_t* data() const { return buffer_.get() + begin_; }
  size_t available() const { return end_ - begin_; }
  void Skip(size_t size) { begin_ += size; }

  // Bytes that were read or skipped, without those in the buffer.
  uint64_t position() const { return bytes_read_ - available(); }
  // The file's size, in bytes from the start position, when it was opened; 0 if unknown, as for a pipe.
  uint64_t total() const { return total_; }

 private:
  IoStatus ReadSome(uint8_t* target, size_t size, size_t* count);

  const std::atomic<bool>* stop_ = nullptr;
  int descriptor_ = -1;
  bool is_borrowed_ = false;
  bool may_wait_ = false;
  bool is_at_end_ = false;
  std::unique_ptr<uint8_t[]> buffer_;  // null before the first Fill()
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t bytes_read_ = 0;
  uint64_t total_ = 0;
};

// Problem: users gzip their traces, and a name does not tell. A ByteSource reads the content of a file, pipe or
// terminal from front to back and inflates it, all its members, if its first bytes are those of gzip. Opening reads
// nothing.
//
// From a damaged file it returns everything that can be inflated, then the end, and describes the problem; it does not
// look for another member behind the damage. It fails only if the system does.
//
// It owns the file, as InputFile does. One thread at a time may use it.
class ByteSource {
 public:
  // The most bytes that Peek() shows.
  static constexpr size_t kHeadSize = 4096;

  ByteSource();
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  void StopAt(const std::atomic<bool>* stop) { file_.StopAt(stop); }

  // See InputFile. The caller must call one of them, once, and go on only if it succeeded.
  IoStatus Open(const std::string& path) { return file_.Open(path); }
  IoStatus Borrow(int descriptor) { return file_.Borrow(descriptor); }

  // Shows the first bytes of the content, fewer than kHeadSize only if there are no more. Read() returns them as well.
  // The caller may peek once, before reading; the bytes are valid as long as the object.
  IoStatus Peek(const uint8_t** head, size_t* size);

  // Returns the content that is available, at least one byte; a *count of 0 is the end. `size` must not be 0. The
  // caller must not read after a failure. Throws std::bad_alloc.
  IoStatus Read(uint8_t* target, size_t size, size_t* count);

  // Reads content anew, see InputFile; only of a regular file that is not gzipped, and that it has opened.
  IoStatus ReadAt(uint64_t offset, uint8_t* target, size_t size) const { return file_.ReadAt(offset, target, size); }

  // Known after the first read.
  bool is_gzip() const { return inflate_ != nullptr; }
  // The size of the file, 0 if unknown, and the bytes of it that were used, both before inflating. The two need not
  // become equal: a file can grow, and nothing behind a problem is read.
  uint64_t total() const { return file_.total(); }
  uint64_t consumed() const { return file_.position(); }
  // Describes the damage of gzipped data: "the gzip member ends early". Empty if there is none; known at the end.
  const std::string& problem() const { return problem_; }

 private:
  struct Inflate;
  enum class State : uint8_t { kUnknown, kBetweenMembers, kInMember, kAtEnd };

  // Whether a member may begin with the file's next bytes, which may be fewer than the magic number has.
  bool CanBeginMember() const;
  IoStatus ReadContent(uint8_t* target, size_t size, size_t* count);
  IoStatus BeginMember();
  IoStatus InflateSome(uint8_t* target, size_t size, size_t* count);
  void EndWith(std::string problem);

  InputFile file_;
  State state_ = State::kUnknown;
  std::unique_ptr<Inflate> inflate_;  // null if the file is not gzipped
  std::string problem_;
  std::vector<uint8_t> head_;
  size_t head_read_ = 0;
};

}  // namespace tracesmith
