#include "output/output_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#ifdef _WIN32
#include <io.h>
#else
#include <unistd.h>
#endif

#include "io/platform.h"

namespace tracesmith {
namespace {

enum class FileKind { kRegular, kEmpty, kOther };

// What is different on Windows. Results below zero are failures, with errno set.
#ifdef _WIN32

int OpenDescriptor(const std::string& path) {
  return _wopen(Wide(path).c_str(), _O_WRONLY | _O_CREAT | _O_BINARY | _O_NOINHERIT, _S_IREAD | _S_IWRITE);
}

FileKind KindOf(int descriptor) {
  struct _stat64 info;
  if (_fstat64(descriptor, &info) != 0 || (info.st_mode & _S_IFMT) != _S_IFREG) return FileKind::kOther;
  return info.st_size == 0 ? FileKind::kEmpty : FileKind::kRegular;
}

std::string Resolved(const std::string& path) {
  wchar_t* absolute = _wfullpath(nullptr, Wide(path).c_str(), 0);
  if (absolute == nullptr) return path;
  std::string resolved = Utf8(absolute);
  std::free(absolute);
  return resolved;
}

int Empty(int descriptor) {
  errno = _chsize_s(descriptor, 0);
  return errno == 0 ? 0 : -1;
}

ptrdiff_t WriteSome(int descriptor, const uint8_t* data, size_t size) {
  return _write(descriptor, data, static_cast<unsigned>(size));
}

int CopyOf(int descriptor) {
  const int copy = _dup(descriptor);
  if (copy >= 0) _setmode(copy, _O_BINARY);
  return copy;
}

int CloseDescriptor(int descriptor) { return _close(descriptor); }

// An open file can be neither removed nor replaced here, so what lies at its path is the file.
void CloseAndRemove(int descriptor, const std::string& path) {
  _close(descriptor);
  _wunlink(Wide(path).c_str());
}

#else

int OpenDescriptor(const std::string& path) {
  // O_NONBLOCK is for opening alone: a named pipe that nobody reads would stop the thread for good.
  // No O_TRUNC: what it does to a device is the device's own business.
  const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  const int descriptor = Uninterrupted([&] { return ::open(path.c_str(), flags, 0666); });
  if (descriptor < 0) return descriptor;
  const int status = ::fcntl(descriptor, F_GETFL);
  if (status >= 0 && ::fcntl(descriptor, F_SETFL, status & ~O_NONBLOCK) == 0) return descriptor;
  const int failure = errno;
  ::close(descriptor);
  errno = failure;
  return -1;
}

FileKind KindOf(int descriptor) {
  struct stat info;
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) return FileKind::kOther;
  return info.st_size == 0 ? FileKind::kEmpty : FileKind::kRegular;
}

std::string Resolved(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return path;
  std::string resolved = real;
  std::free(real);
  return resolved;
}

int Empty(int descriptor) {
  return Uninterrupted([&] { return ::ftruncate(descriptor, 0); });
}

int CopyOf(int descriptor) { return ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0); }

// Waits where somebody made the descriptor one that does not, as a shared standard output may be.
ptrdiff_t WriteSome(int descriptor, const uint8_t* data, size_t size) {
  while (true) {
    const ptrdiff_t written = Uninterrupted([&] { return ::write(descriptor, data, size); });
    if (written >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) return written;
    pollfd waiting{descriptor, POLLOUT, 0};
    if (Uninterrupted([&] { return ::poll(&waiting, 1, -1); }) < 0) return -1;
  }
}

int CloseDescriptor(int descriptor) {
  const int result = ::close(descriptor);
  // Interrupted or not, the descriptor is gone; a second try could close somebody else's.
  return result < 0 && errno == EINTR ? 0 : result;
}

void CloseAndRemove(int descriptor, const std::string& path) {
  struct stat written;
  struct stat found;
  const bool is_there = ::fstat(descriptor, &written) == 0 && ::lstat(path.c_str(), &found) == 0 &&
                        written.st_dev == found.st_dev && written.st_ino == found.st_ino;
  if (is_there) ::unlink(path.c_str());
  ::close(descriptor);
}

#endif

}  // namespace

OutputFile::~OutputFile() { Close(); }

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(resolved_path_, other.resolved_path_);
  return *this;
}

IoStatus OutputFile::Open(const std::string& path) {
  // The system would take what is in front of the zero for the path.
  if (path.find('\0') != std::string::npos) return IoStatus(EINVAL, "open");
  descriptor_ = OpenDescriptor(path);
  if (descriptor_ < 0) return IoStatus(errno, "open");
  resolved_path_.clear();
  const FileKind kind = KindOf(descriptor_);
  if (kind == FileKind::kOther) return IoStatus();
  // Not a new one: closing a file that was emptied, ext4 looks for where to put all of it at once.
  if (kind == FileKind::kRegular && Empty(descriptor_) < 0) {
    const IoStatus failure(errno, "ftruncate");
    Close();
    return failure;
  }
  // Found now: the process may change its folder before the file is discarded.
  resolved_path_ = Resolved(path);
  return IoStatus();
}

IoStatus OutputFile::OpenCopy(int descriptor) {
  descriptor_ = CopyOf(descriptor);
  return descriptor_ < 0 ? IoStatus(errno, "dup") : IoStatus();
}

IoStatus OutputFile::Write(const uint8_t* data, size_t size) {
  while (size > 0) {
    const ptrdiff_t written = WriteSome(descriptor_, data, std::min(size, kMaxTransfer));
    if (written < 0) return IoStatus(errno, "write");
    // Nothing allows this for a size above 0, and it must not become an endless loop.
    if (written == 0) return IoStatus(EIO, "write");
    data += written;
    size -= static_cast<size_t>(written);
  }
  return IoStatus();
}

IoStatus OutputFile::Close() {
  if (!is_open()) return IoStatus();
  const int descriptor = std::exchange(descriptor_, -1);
  return CloseDescriptor(descriptor) < 0 ? IoStatus(errno, "close") : IoStatus();
}

void OutputFile::Discard() {
  if (!is_open()) return;
  if (resolved_path_.empty()) {
    Close();
  } else {
    CloseAndRemove(std::exchange(descriptor_, -1), resolved_path_);
  }
}

}  // namespace tracesmith
