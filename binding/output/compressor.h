#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tracesmith {

enum class Compression : uint8_t {
  kNone = 0,
  kGzip = 1,     // the whole file as members of gzip: any tool opens it
  kPackets = 2,  // packets inside packets: a trace that trace_processor and the UI read as it is
};

// Compresses runs of whole serialized `Trace.packet` fields. Deflate's state takes 256 KiB, and
// preparing it as long as compressing a small run: one object serves a whole trace. The same input
// gives the same bytes on every machine. Any thread may use it, one at a time.
class Compressor {
 public:
  // `compression` must be kGzip or kPackets. The level is between 1, fast, and 9, small; others are
  // taken for the nearest. Throws std::bad_alloc.
  Compressor(Compression compression, int level);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // Appends to `output` what the run becomes:
  //   kGzip     one whole member, also for an empty run. Members may follow each other in a file.
  //   kPackets  packets with the field compressed_packets, each of less than 512 KiB of input, which
  //             ends between two packets; nothing for an empty run. A packet that alone is larger is
  //             appended as it stands, and so is what is no whole packet.
  void Compress(const uint8_t* packets, size_t size, std::vector<uint8_t>* output);

 private:
  struct Deflate;

  void CompressPackets(const uint8_t* packets, size_t size, std::vector<uint8_t>* output);

  Compression compression_;
  std::unique_ptr<Deflate> deflate_;
  std::vector<uint8_t> content_;  // of one compressed packet; kept for its memory
};

}  // namespace tracesmith
