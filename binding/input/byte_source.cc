#include "input/byte_source.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace tracesmith {
namespace {

constexpr uint8_t kMagic[GzipReader::kMagicSize] = {0x1f, 0x8b};

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

// zlib's state points back to its stream: neither may move.
struct GzipReader::Inflate {
  Inflate() {
    const int result = inflateInit2(&stream, kWindowBits + kGzipFraming);
    if (result != Z_OK) throw std::bad_alloc();  // nothing else can be wrong
  }
  ~Inflate() { inflateEnd(&stream); }
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;

  z_stream stream = {};
};

GzipReader::GzipReader(InputFile* file) : file_(file), inflate_(std::make_unique<Inflate>()) {}

GzipReader::~GzipReader() = default;

bool GzipReader::CanBegin(const uint8_t* data, size_t size) {
  return size > 0 && std::equal(kMagic, kMagic + std::min(size, kMagicSize), data);
}

IoStatus GzipReader::Read(uint8_t* target, size_t size, size_t* count) {
  *count = 0;
  // A header, a checksum or an empty member has no content but is not the end.
  while (*count == 0 && state_ != State::kAtEnd) {
    const IoStatus status =
        state_ == State::kInMember ? InflateSome(target, std::min(size, kMaxOutputStep), count) : BeginMember();
    if (!status.ok()) return status;
  }
  return IoStatus();
}

IoStatus GzipReader::BeginMember() {
  const IoStatus status = file_->Fill(kMagicSize);
  if (!status.ok()) return status;
  if (file_->available() == 0) {
    state_ = State::kAtEnd;
  } else if (CanBegin(file_->data(), file_->available())) {
    inflateReset(&inflate_->stream);
    state_ = State::kInMember;
  } else {
    // Harmless: tools that write in blocks fill the last one with zeros.
    EndWith("garbage behind the last gzip member", true);
  }
  return IoStatus();
}

IoStatus GzipReader::InflateSome(uint8_t* target, size_t size, size_t* count) {
  const IoStatus status = file_->Fill(1);
  if (!status.ok()) return status;
  z_stream& stream = inflate_->stream;
  stream.next_in = const_cast<Bytef*>(file_->data());  // zlib reads only
  stream.avail_in = static_cast<uInt>(file_->available());
  stream.next_out = target;
  stream.avail_out = static_cast<uInt>(size);
  // Also without input: zlib may hold content for which the last target had no room.
  const int result = inflate(&stream, Z_NO_FLUSH);
  file_->Skip(file_->available() - stream.avail_in);
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

void GzipReader::EndWith(std::string problem, bool is_harmless) {
  problem_ = InputProblem{std::move(problem), file_->position(), is_harmless};
  state_ = State::kAtEnd;
}

// -------------------------------------------------------------------- ByteSource

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
  if (!is_started_) {
    const IoStatus status = file_.Fill(GzipReader::kMagicSize);
    if (!status.ok()) return status;
    is_started_ = true;
    const bool has_magic = file_.available() >= GzipReader::kMagicSize;
    if (has_magic && GzipReader::CanBegin(file_.data(), file_.available())) gzip_.emplace(&file_);
  }
  return is_gzip() ? gzip_->Read(target, size, count) : file_.Read(target, size, count);
}

}  // namespace tracesmith
