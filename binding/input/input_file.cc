#include "input/input_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#ifdef _WIN32
#include <io.h>
#include <stdio.h>
#else
#include <poll.h>
#include <unistd.h>
#endif

#include "io/platform.h"

namespace tracesmith {
namespace {

constexpr size_t kBufferSize = 256 * 1024;

struct FileInfo {
  bool is_folder;
  uint64_t bytes_left;  // 0 unless it is a regular file
};

uint64_t BytesLeft(int64_t size, int64_t position) {
  return position < 0 ? 0 : static_cast<uint64_t>(std::max<int64_t>(size - position, 0));
}

// The system calls, which differ on Windows. A result below zero is a failure, with errno set.
#ifdef _WIN32

int OpenDescriptor(const std::string& path) {
  const std::wstring wide = Wide(path);
  const int descriptor = _wopen(wide.c_str(), _O_RDONLY | _O_BINARY | _O_NOINHERIT | _O_SEQUENTIAL);
  if (descriptor >= 0 || errno != EACCES) return descriptor;
  const DWORD attributes = GetFileAttributesW(wide.c_str());
  const bool is_folder = attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  errno = is_folder ? EISDIR : EACCES;
  return descriptor;
}

int Describe(int descriptor, FileInfo* info) {
  struct _stat64 found;
  if (_fstat64(descriptor, &found) < 0) return -1;
  info->is_folder = false;
  const bool is_regular = (found.st_mode & _S_IFMT) == _S_IFREG;
  info->bytes_left = is_regular ? BytesLeft(found.st_size, _lseeki64(descriptor, 0, SEEK_CUR)) : 0;
  return 0;
}

void Prepare(int descriptor) {
  // In text mode, stdin takes ^Z for the end and drops carriage returns.
  _setmode(descriptor, _O_BINARY);
}

ptrdiff_t ReadOnce(int descriptor, uint8_t* target, size_t size) {
  return _read(descriptor, target, static_cast<unsigned>(size));
}

void CloseDescriptor(int descriptor) { _close(descriptor); }

#else

int OpenDescriptor(const std::string& path) {
  return Uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY); });
}

int Describe(int descriptor, FileInfo* info) {
  struct stat found;
  if (::fstat(descriptor, &found) < 0) return -1;
  info->is_folder = S_ISDIR(found.st_mode);
  info->bytes_left = S_ISREG(found.st_mode) ? BytesLeft(found.st_size, ::lseek(descriptor, 0, SEEK_CUR)) : 0;
  return 0;
}

void Prepare([[maybe_unused]] int descriptor) {
#ifdef POSIX_FADV_SEQUENTIAL
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
}

bool WaitForInput(int descriptor) {
  pollfd waited = {descriptor, POLLIN, 0};
  return Uninterrupted([&] { return ::poll(&waited, 1, -1); }) > 0 && (waited.revents & POLLNVAL) == 0;
}

ptrdiff_t ReadOnce(int descriptor, uint8_t* target, size_t size) {
  while (true) {
    const ptrdiff_t count = Uninterrupted([&] { return ::read(descriptor, target, size); });
    if (count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) return count;
    // Another process that shares stdin may have made it non-blocking.
    if (!WaitForInput(descriptor)) {
      errno = EAGAIN;
      return -1;
    }
  }
}

void CloseDescriptor(int descriptor) { ::close(descriptor); }

#endif

}  // namespace

InputFile::~InputFile() {
  if (descriptor_ >= 0 && !is_borrowed_) CloseDescriptor(descriptor_);
}

IoStatus InputFile::Open(const std::string& path) {
  // The system would end the path at the zero.
  if (path.find('\0') != std::string::npos) return IoStatus(EINVAL, "open");
  const int descriptor = OpenDescriptor(path);
  if (descriptor < 0) return IoStatus(errno, "open");
  const IoStatus status = Borrow(descriptor);
  is_borrowed_ = false;
  return status;
}

IoStatus InputFile::Borrow(int descriptor) {
  descriptor_ = descriptor;
  is_borrowed_ = true;
  FileInfo info;
  if (Describe(descriptor, &info) < 0) return IoStatus(errno, "fstat");
  if (info.is_folder) return IoStatus(EISDIR, "read");
  total_ = info.bytes_left;
  Prepare(descriptor);
  return IoStatus();
}

IoStatus InputFile::Read(uint8_t* target, size_t size, size_t* count) {
  if (available() == 0) return ReadSome(target, size, count);
  *count = std::min(size, available());
  std::memcpy(target, data(), *count);
  Skip(*count);
  return IoStatus();
}

IoStatus InputFile::Fill(size_t size) {
  if (available() >= size) return IoStatus();
  if (buffer_ == nullptr) buffer_.reset(new uint8_t[kBufferSize]);
  std::memmove(buffer_.get(), data(), available());
  end_ = available();
  begin_ = 0;
  while (available() < size && !is_at_end_) {
    size_t count = 0;
    const IoStatus status = ReadSome(buffer_.get() + end_, kBufferSize - end_, &count);
    if (!status.ok()) return status;
    end_ += count;
  }
  return IoStatus();
}

IoStatus InputFile::ReadSome(uint8_t* target, size_t size, size_t* count) {
  *count = 0;
  // A terminal could continue behind its end.
  if (is_at_end_) return IoStatus();
  const ptrdiff_t result = ReadOnce(descriptor_, target, std::min(size, kMaxTransfer));
  if (result < 0) return IoStatus(errno, "read");
  *count = static_cast<size_t>(result);
  bytes_read_ += *count;
  is_at_end_ = *count == 0;
  return IoStatus();
}

}  // namespace tracesmith
