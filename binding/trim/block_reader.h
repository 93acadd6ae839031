#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "input/byte_source.h"
#include "trim/packet_facts.h"

namespace tracesmith::trim {

// Cuts the content of a file into blocks of whole packets. One thread at a time.
class BlockReader {
 public:
  explicit BlockReader(ByteSource& source) : source_(source) {}

  // Fills the block with the next packets; false at the end, at damage, and where the file cannot be read.
  bool Next(TraceBlock* block);

  const IoStatus& status() const { return status_; }
  // Behind the last block: what is wrong, in the words of lib/trim; empty if nothing is.
  const std::string& damage() const { return damage_; }

 private:
  ByteSource& source_;
  std::vector<uint8_t> rest_;  // the beginning of the next packet
  uint64_t offset_ = 0;        // of it
  bool is_at_end_ = false;
  IoStatus status_;
  std::string damage_;
};

}  // namespace tracesmith::trim
