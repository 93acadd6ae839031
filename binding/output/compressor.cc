#include "output/compressor.h"

#include <zlib.h>

#include <algorithm>
#include <new>

#include "proto/packet_framing.h"

namespace tracesmith {
namespace {

// Readers of Perfetto's own traces meet no compressed packet of more than this.
constexpr size_t kPacketsLimit = 512 * 1024;

// What deflate may write before it is asked again.
constexpr size_t kOutputStep = 64 * 1024;
// zlib counts in 32 bits.
constexpr size_t kMaxInputStep = size_t{1} << 30;

constexpr int kWindowBits = 15;
constexpr int kGzipFraming = 16;  // added to the window's bits, zlib's way to ask for it
constexpr int kMemoryLevel = 8;   // zlib's own choice
constexpr int kUnknownSystem = 255;

// The end of the packets from `begin` that fit together; `begin` itself where the first does not.
const uint8_t* EndOfGroup(const uint8_t* begin, const uint8_t* end) {
  if (static_cast<size_t>(end - begin) < kPacketsLimit) return end;
  const uint8_t* group_end = begin;
  while (group_end != end) {
    const uint8_t* packet_end = EndOfPacket(group_end, end);
    if (packet_end == nullptr || static_cast<size_t>(packet_end - begin) >= kPacketsLimit) break;
    group_end = packet_end;
  }
  return group_end;
}

void Append(const uint8_t* begin, const uint8_t* end, std::vector<uint8_t>* output) {
  output->insert(output->end(), begin, end);
}

}  // namespace

// zlib's state points back to its stream, so neither may move.
struct Compressor::Deflate {
  Deflate(bool is_gzip, int level) {
    const int window_bits = kWindowBits + (is_gzip ? kGzipFraming : 0);
    level = std::clamp(level, 1, 9);
    const int result = deflateInit2(&stream, level, Z_DEFLATED, window_bits, kMemoryLevel, Z_DEFAULT_STRATEGY);
    if (result != Z_OK) throw std::bad_alloc();  // nothing else can be wrong
    if (!is_gzip) return;
    // By default zlib names the system that it was compiled for.
    header.os = kUnknownSystem;
    deflateSetHeader(&stream, &header);
  }
  ~Deflate() { deflateEnd(&stream); }
  Deflate(const Deflate&) = delete;
  Deflate& operator=(const Deflate&) = delete;

  void Run(const uint8_t* data, size_t size, std::vector<uint8_t>* output) {
    // Also a run that std::bad_alloc ended is forgotten here.
    deflateReset(&stream);
    size_t used = output->size();
    stream.avail_in = 0;
    int result = Z_OK;
    while (result != Z_STREAM_END) {
      if (stream.avail_in == 0) {
        const size_t step = std::min(size, kMaxInputStep);
        stream.next_in = const_cast<Bytef*>(data);  // zlib reads only
        stream.avail_in = static_cast<uInt>(step);
        data += step;
        size -= step;
      }
      output->resize(used + kOutputStep);
      stream.next_out = output->data() + used;
      stream.avail_out = static_cast<uInt>(kOutputStep);
      result = deflate(&stream, size == 0 ? Z_FINISH : Z_NO_FLUSH);
      used += kOutputStep - stream.avail_out;
    }
    output->resize(used);
  }

  z_stream stream = {};
  gz_header header = {};
};

Compressor::Compressor(Compression compression, int level)
    : compression_(compression), deflate_(std::make_unique<Deflate>(compression == Compression::kGzip, level)) {}

Compressor::~Compressor() = default;

void Compressor::Compress(const uint8_t* packets, size_t size, std::vector<uint8_t>* output) {
  if (compression_ == Compression::kGzip) {
    deflate_->Run(packets, size, output);
  } else {
    CompressPackets(packets, size, output);
  }
}

void Compressor::CompressPackets(const uint8_t* packets, size_t size, std::vector<uint8_t>* output) {
  const uint8_t* end = packets + size;
  while (packets != end) {
    const uint8_t* group_end = EndOfGroup(packets, end);
    if (group_end == packets) {
      const uint8_t* packet_end = EndOfPacket(packets, end);
      group_end = packet_end == nullptr ? end : packet_end;
      Append(packets, group_end, output);
    } else {
      content_.clear();
      deflate_->Run(packets, static_cast<size_t>(group_end - packets), &content_);
      AppendCompressedPackets(content_, output);
    }
    packets = group_end;
  }
}

}  // namespace tracesmith
