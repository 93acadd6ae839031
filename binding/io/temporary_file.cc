#include "io/temporary_file.h"

#include <algorithm>
#include <atomic>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#ifdef _WIN32
#include <io.h>
#include <process.h>
#else
#include <unistd.h>
#endif

#include "io/platform.h"

namespace tracesmith {
namespace {

// A name may be taken by a process with the same number in another container, for an instant: so many in a row mean
// that something else is wrong.
constexpr int kNamesToTry = 1000;

// The system calls, which differ on Windows. A result below zero is a failure, with errno set.
#ifdef _WIN32

constexpr char kSeparators[] = "/\\:";

int ProcessNumber() { return _getpid(); }

int OpenUnnamed(const std::string& path) {
  // _O_TEMPORARY: the system removes it when it is closed.
  const int flags = _O_RDWR | _O_CREAT | _O_EXCL | _O_BINARY | _O_NOINHERIT | _O_TEMPORARY;
  return _wopen(Wide(path).c_str(), flags, _S_IREAD | _S_IWRITE);
}

ptrdiff_t WriteSome(int descriptor, const uint8_t* data, size_t size, uint64_t offset) {
  if (_lseeki64(descriptor, static_cast<int64_t>(offset), SEEK_SET) < 0) return -1;
  return _write(descriptor, data, static_cast<unsigned>(size));
}

ptrdiff_t ReadSome(int descriptor, uint8_t* data, size_t size, uint64_t offset) {
  if (_lseeki64(descriptor, static_cast<int64_t>(offset), SEEK_SET) < 0) return -1;
  return _read(descriptor, data, static_cast<unsigned>(size));
}

void CloseDescriptor(int descriptor) { _close(descriptor); }

#else

constexpr char kSeparators[] = "/";

int ProcessNumber() { return static_cast<int>(::getpid()); }

int OpenUnnamed(const std::string& path) {
  const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW;
  const int descriptor = Uninterrupted([&] { return ::open(path.c_str(), flags, 0600); });
  if (descriptor < 0 || ::unlink(path.c_str()) == 0) return descriptor;
  // A file that stays behind, perhaps with many gigabytes, is worse than none.
  const int failure = errno;
  ::close(descriptor);
  errno = failure;
  return -1;
}

ptrdiff_t WriteSome(int descriptor, const uint8_t* data, size_t size, uint64_t offset) {
  return Uninterrupted([&] { return ::pwrite(descriptor, data, size, static_cast<off_t>(offset)); });
}

ptrdiff_t ReadSome(int descriptor, uint8_t* data, size_t size, uint64_t offset) {
  return Uninterrupted([&] { return ::pread(descriptor, data, size, static_cast<off_t>(offset)); });
}

void CloseDescriptor(int descriptor) { ::close(descriptor); }

#endif

// Reads or writes all of `size` bytes. `some` is one of the two functions above; `action` names it in an error.
template <typename Some, typename Byte>
IoStatus TransferAll(Some some, const char* action, int descriptor, Byte* data, size_t size, uint64_t offset) {
  while (size > 0) {
    const ptrdiff_t count = some(descriptor, data, std::min(size, kMaxTransfer), offset);
    if (count < 0) return IoStatus(errno, action);
    // A file that ends early; POSIX does not allow it for a write. It must not become an endless loop.
    if (count == 0) return IoStatus(EIO, action);
    data += count;
    offset += static_cast<uint64_t>(count);
    size -= static_cast<size_t>(count);
  }
  return IoStatus();
}

// Different at each call, also on several threads.
std::string NewName() {
  static std::atomic<unsigned> count{0};
  return ".tracesmith-" + std::to_string(ProcessNumber()) + "-" + std::to_string(count++) + ".spill";
}

}  // namespace

TemporaryFile::~TemporaryFile() {
  if (descriptor_ >= 0) CloseDescriptor(descriptor_);
}

IoStatus TemporaryFile::Create(const std::string& path) {
  // The system would end the path at the zero.
  if (path.find('\0') != std::string::npos) return IoStatus(EINVAL, "open");
  const size_t separator = path.find_last_of(kSeparators);
  const std::string folder = separator == std::string::npos ? "" : path.substr(0, separator + 1);
  for (int tries = 1;; ++tries) {
    const std::string name = folder + NewName();
    descriptor_ = OpenUnnamed(name);
    if (descriptor_ >= 0) return IoStatus();
    const IoStatus failure(errno, "open");
    if (failure.errno_value() != EEXIST || tries == kNamesToTry) return failure;
  }
}

IoStatus TemporaryFile::WriteAt(uint64_t offset, const uint8_t* data, size_t size) {
  return TransferAll(WriteSome, "write", descriptor_, data, size, offset);
}

IoStatus TemporaryFile::ReadAt(uint64_t offset, uint8_t* data, size_t size) const {
  return TransferAll(ReadSome, "read", descriptor_, data, size, offset);
}

}  // namespace tracesmith
