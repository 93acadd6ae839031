#include "output/packet_output.h"

#include <utility>

namespace tracesmith {
namespace {

// How many bytes are collected. Smaller blocks compress worse, larger ones hold a trace back and
// gain nothing: deflate looks back 32 KiB.
size_t EnoughFor(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return 1024 * 1024;
    case Compression::kPackets:
      return 256 * 1024;  // about 64 KiB compressed
    case Compression::kNone:
      break;
  }
  return 64 * 1024;
}

}  // namespace

PacketOutput::PacketOutput(OutputFile file, Compression compression, int level) : PacketOutput(compression, level) {
  file_ = std::move(file);
}

PacketOutput::PacketOutput(Compression compression, int level) : compression_(compression) {
  if (compression != Compression::kNone) compressor_ = std::make_unique<Compressor>(compression, level);
}

IoStatus PacketOutput::Append(const uint8_t* packets, size_t size) {
  if (!status_.ok()) return status_;
  const size_t enough = EnoughFor(compression_);
  if (pending_.empty() && size >= enough) {
    // A large run needs no collecting, nor the copy.
    Pass(packets, size);
    return status_;
  }
  pending_.insert(pending_.end(), packets, packets + size);
  return pending_.size() >= enough ? Flush() : status_;
}

IoStatus PacketOutput::Flush() {
  if (status_.ok() && !pending_.empty()) Pass(pending_.data(), pending_.size());
  pending_.clear();
  return status_;
}

IoStatus PacketOutput::Finish() {
  Flush();
  const bool is_empty = bytes_written_ == 0 && compression_ == Compression::kGzip;
  if (status_.ok() && is_empty) Pass(nullptr, 0);
  if (file_) {
    const IoStatus closed = file_->Close();
    if (status_.ok()) status_ = closed;
  }
  return status_;
}

void PacketOutput::Discard() {
  if (file_) file_->Discard();
  chunks_.clear();
  pending_.clear();
}

PacketOutput::Chunks PacketOutput::TakeChunks() { return std::exchange(chunks_, {}); }

void PacketOutput::Pass(const uint8_t* packets, size_t size) {
  if (compressor_ != nullptr) {
    compressed_.clear();
    compressor_->Compress(packets, size, &compressed_);
    packets = compressed_.data();
    size = compressed_.size();
  }
  if (file_) {
    status_ = file_->Write(packets, size);
    if (!status_.ok()) return;
  } else {
    chunks_.emplace_back(packets, packets + size);
  }
  bytes_written_ += size;
}

}  // namespace tracesmith
