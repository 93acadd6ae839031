#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// What the tests of binding/output and binding/input share: packets to write, what they become read
// back, and files.
namespace tracesmith::test {

using Bytes = std::vector<uint8_t>;

// A `Trace.packet` field of exactly `size` bytes with text that compresses somewhat; at least 20.
Bytes PacketOfSize(size_t size, uint32_t seed = 1);

// Packets of different sizes, `size` bytes or a little more in all.
Bytes Packets(size_t size, uint32_t seed = 1);

// Bytes that do not compress.
Bytes RandomBytes(size_t size);

// The content of each gzip member; all of `bytes` must be members.
std::vector<Bytes> GzipMembers(const Bytes& bytes);

// A packet as it stands in a file.
struct WrittenPacket {
  bool is_compressed;
  Bytes content;  // of compressed_packets inflated, or the whole field of a plain packet
};

// All of `bytes` must be packets.
std::vector<WrittenPacket> WrittenPackets(const Bytes& bytes);

// The contents one after the other: what was written in the first place.
Bytes Joined(const std::vector<Bytes>& parts);
Bytes Joined(const std::vector<WrittenPacket>& packets);

void Append(Bytes* target, const Bytes& more);

// A folder of its own that is gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
};

bool Exists(const std::string& path);
Bytes ReadFile(const std::string& path);

}  // namespace tracesmith::test
