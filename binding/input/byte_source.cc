#include "input/byte_source.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

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
// ms between two looks at whether to stop
constexpr int kWait = 50;

struct FileInfo {
  bool is_folder;
  bool is_regular;
  uint64_t bytes_left;  // 0 unless it is a regular file
};

uint64_t BytesLeft(int64_t size, int64_t position) {
  return position < 0 ? 0 : static_cast<uint64_t>(std::max<int64_t>(size - position, 0));
}

// The system calls, which differ on Windows. A result below zero is a failure, with errno set.
#ifdef _WIN32

ptrdiff_t ReadOnceAt(int descriptor, uint8_t* data, size_t size, uint64_t offset) {
  if (_lseeki64(descriptor, static_cast<int64_t>(offset), SEEK_SET) < 0) return -1;
  return _read(descriptor, data, static_cast<unsigned>(size));
}

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
  info->is_regular = (found.st_mode & _S_IFMT) == _S_IFREG;
  info->bytes_left = info->is_regular ? BytesLeft(found.st_size, _lseeki64(descriptor, 0, SEEK_CUR)) : 0;
  return 0;
}

void Prepare(int descriptor) {
  // In text mode, stdin takes ^Z for the end and drops carriage returns.
  _setmode(descriptor, _O_BINARY);
}

// Returns whether there is something to read, or the end, within kWait. A read from anything but a pipe waits.
bool HasInput(int descriptor) {
  const auto handle = reinterpret_cast<HANDLE>(_get_osfhandle(descriptor));
  DWORD available = 0;
  if (GetFileType(handle) != FILE_TYPE_PIPE) return true;
  if (PeekNamedPipe(handle, nullptr, 0, nullptr, &available, nullptr) == 0 || available > 0) return true;
  Sleep(kWait);
  return false;
}

ptrdiff_t ReadOnce(int descriptor, uint8_t* target, size_t size) {
  return _read(descriptor, target, static_cast<unsigned>(size));
}

void CloseDescriptor(int descriptor) { _close(descriptor); }

#else

ptrdiff_t ReadOnceAt(int descriptor, uint8_t* data, size_t size, uint64_t offset) {
  return Uninterrupted([&] { return ::pread(descriptor, data, size, static_cast<off_t>(offset)); });
}

int OpenDescriptor(const std::string& path) {
  int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
#ifdef __linux__
  // Opening a named pipe would wait for its writer, and nothing could stop that. HasInput() waits for it instead.
  struct stat found;
  if (::stat(path.c_str(), &found) == 0 && S_ISFIFO(found.st_mode)) flags |= O_NONBLOCK;
#endif
  return Uninterrupted([&] { return ::open(path.c_str(), flags); });
}

int Describe(int descriptor, FileInfo* info) {
  struct stat found;
  if (::fstat(descriptor, &found) < 0) return -1;
  info->is_folder = S_ISDIR(found.st_mode);
  info->is_regular = S_ISREG(found.st_mode);
  info->bytes_left = info->is_regular ? BytesLeft(found.st_size, ::lseek(descriptor, 0, SEEK_CUR)) : 0;
  return 0;
}

void Prepare([[maybe_unused]] int descriptor) {
#ifdef POSIX_FADV_SEQUENTIAL
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
}

// Returns whether there is something to read, or the end, within kWait.
bool HasInput(int descriptor) {
  pollfd waited = {descriptor, POLLIN, 0};
  return ::poll(&waited, 1, kWait) != 0;
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

// --------------------------------------------------------------------- inflating

constexpr uint8_t kMagic[] = {0x1f, 0x8b};

constexpr int kWindowBits = 15;
constexpr int kGzipFraming = 16;  // added to the window's bits: zlib expects gzip framing
// zlib counts with 32 bits.
constexpr size_t kMaxOutputStep = size_t{1} << 30;

std::string Corruption(const char* message) {
  for (const char* mismatch : {"incorrect data check", "incorrect length check"}) {
    if (std::strcmp(message, mismatch) == 0) return "gzip checksum mismatch";
  }
  return std::string("the gzip data is corrupt: ") + message;
}

}  // namespace

// --------------------------------------------------------------------- InputFile

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
  may_wait_ = !info.is_regular;
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
  while (may_wait_ && !HasInput(descriptor_)) {
    if (stop_ == nullptr || !*stop_) continue;
    is_at_end_ = true;
    return IoStatus();
  }
  const ptrdiff_t result = ReadOnce(descriptor_, target, std::min(size, kMaxTransfer));
  if (result < 0) return IoStatus(errno, "read");
  *count = static_cast<size_t>(result);
  bytes_read_ += *count;
  is_at_end_ = *count == 0;
  return IoStatus();
}

IoStatus InputFile::ReadAt(uint64_t offset, uint8_t* target, size_t size) const {
  while (size > 0) {
    const ptrdiff_t count = ReadOnceAt(descriptor_, target, std::min(size, kMaxTransfer), offset);
    if (count < 0) return IoStatus(errno, "read");
    if (count == 0) return IoStatus(EIO, "read");  // somebody shortened it
    target += count;
    offset += static_cast<uint64_t>(count);
    size -= static_cast<size_t>(count);
  }
  return IoStatus();
}

// -------------------------------------------------------------------- ByteSource

// zlib's state points back to its stream: neither may move.
struct ByteSource::Inflate {
  Inflate() {
    const int result = inflateInit2(&stream, kWindowBits + kGzipFraming);
    if (result != Z_OK) throw std::bad_alloc();  // nothing else can be wrong
  }
  ~Inflate() { inflateEnd(&stream); }
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;

  z_stream stream = {};
};

ByteSource::ByteSource() = default;

ByteSource::~ByteSource() = default;

bool ByteSource::CanBeginMember() const {
  const size_t size = std::min(file_.available(), sizeof(kMagic));
  return size > 0 && std::equal(kMagic, kMagic + size, file_.data());
}

IoStatus ByteSource::BeginMember() {
  const IoStatus status = file_.Fill(sizeof(kMagic));
  if (!status.ok()) return status;
  if (file_.available() == 0) {
    state_ = State::kAtEnd;
  } else if (CanBeginMember()) {
    inflateReset(&inflate_->stream);
    state_ = State::kInMember;
  } else {
    // Harmless: tools that write in blocks fill the last one with zeros.
    EndWith("garbage behind the last gzip member");
  }
  return IoStatus();
}

IoStatus ByteSource::InflateSome(uint8_t* target, size_t size, size_t* count) {
  const IoStatus status = file_.Fill(1);
  if (!status.ok()) return status;
  z_stream& stream = inflate_->stream;
  stream.next_in = const_cast<Bytef*>(file_.data());  // zlib reads only
  stream.avail_in = static_cast<uInt>(file_.available());
  stream.next_out = target;
  stream.avail_out = static_cast<uInt>(size);
  // Also without input: zlib may hold content for which the last target had no room.
  const int result = inflate(&stream, Z_NO_FLUSH);
  file_.Skip(file_.available() - stream.avail_in);
  *count = size - stream.avail_out;
  switch (result) {
    case Z_OK:
      break;
    case Z_STREAM_END:
      state_ = State::kBetweenMembers;
      break;
    case Z_BUF_ERROR:
      EndWith("the gzip member ends early");
      break;
    case Z_MEM_ERROR:
      throw std::bad_alloc();
    default:
      EndWith(Corruption(stream.msg));
  }
  return IoStatus();
}

void ByteSource::EndWith(std::string problem) {
  problem_ = std::move(problem);
  state_ = State::kAtEnd;
}

IoStatus ByteSource::Peek(const uint8_t** head, size_t* size) {
  head_.resize(kHeadSize);
  IoStatus status;
  size_t used = 0;
  size_t count = 1;
  while (status.ok() && count > 0 && used < kHeadSize) {
    status = ReadContent(head_.data() + used, kHeadSize - used, &count);
    used += count;
  }
  head_.resize(used);
  *head = head_.data();
  *size = used;
  return status;
}

IoStatus ByteSource::Read(uint8_t* target, size_t size, size_t* count) {
  const size_t left = head_.size() - head_read_;
  if (left == 0) return ReadContent(target, size, count);
  *count = std::min(size, left);
  std::memcpy(target, head_.data() + head_read_, *count);
  head_read_ += *count;
  return IoStatus();
}

IoStatus ByteSource::ReadContent(uint8_t* target, size_t size, size_t* count) {
  *count = 0;
  if (state_ == State::kUnknown) {
    const IoStatus status = file_.Fill(sizeof(kMagic));
    if (!status.ok()) return status;
    state_ = State::kBetweenMembers;
    if (file_.available() >= sizeof(kMagic) && CanBeginMember()) inflate_ = std::make_unique<Inflate>();
  }
  if (!is_gzip()) return file_.Read(target, size, count);
  // A header, a checksum or an empty member has no content but is not the end.
  while (*count == 0 && state_ != State::kAtEnd) {
    const IoStatus status =
        state_ == State::kInMember ? InflateSome(target, std::min(size, kMaxOutputStep), count) : BeginMember();
    if (!status.ok()) return status;
  }
  return IoStatus();
}

}  // namespace tracesmith
