#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "io/io_status.h"
#include "output/compressor.h"
#include "output/output_file.h"

namespace tracesmith {

// Takes encoded packets as they come, collects as many as are worth a write or a compressed block,
// and passes them on to a file, or to a queue that somebody else empties. After the first failure it
// takes everything and does nothing. Any thread may use it; the caller must see to it that there is
// one at a time. After std::bad_alloc the trace is incomplete: Discard() it.
class PacketOutput {
 public:
  using Chunks = std::deque<std::vector<uint8_t>>;

  // Writes to `file`, which must be open. `level` is Compressor's, without a meaning for kNone.
  PacketOutput(OutputFile file, Compression compression, int level);
  // Keeps chunks for TakeChunks().
  PacketOutput(Compression compression, int level);

  // Takes a run of whole serialized `Trace.packet` fields.
  IoStatus Append(const uint8_t* packets, size_t size);

  // Passes on what is collected, however little: a gzip member or a compressed packet ends early.
  IoStatus Flush();

  // Flush(), then the end of the trace: closes the file. Also an empty gzip file is one that opens.
  // The caller must not append afterwards.
  IoStatus Finish();

  // Forgets everything, and removes the file unless it is finished.
  void Discard();

  // The first failure.
  const IoStatus& status() const { return status_; }
  // What was passed on, compressed; without a write that failed.
  uint64_t bytes_written() const { return bytes_written_; }
  // What was appended and is not passed on yet, uncompressed.
  size_t pending_bytes() const { return pending_.size(); }

  // The chunks since the last call, oldest first, each whole packets or a whole gzip member.
  Chunks TakeChunks();

 private:
  void Pass(const uint8_t* packets, size_t size);

  std::optional<OutputFile> file_;
  Chunks chunks_;
  std::unique_ptr<Compressor> compressor_;
  Compression compression_;
  std::vector<uint8_t> pending_;
  std::vector<uint8_t> compressed_;  // kept for its memory
  IoStatus status_;
  uint64_t bytes_written_ = 0;
};

}  // namespace tracesmith
