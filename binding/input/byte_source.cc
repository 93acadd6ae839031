#include "input/byte_source.h"

#include <algorithm>
#include <cstring>

namespace tracesmith {

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
