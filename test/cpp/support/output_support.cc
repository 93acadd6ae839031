#include "output_support.h"

#include <perfetto.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "check.h"

namespace tracesmith::test {
namespace {

using perfetto::protos::pbzero::Trace;
using perfetto::protos::pbzero::TracePacket;

constexpr int kZlibFraming = 15;
constexpr int kGzipFraming = 15 + 16;

// Inflates one stream from the front of `data`; gives how many bytes it took.
size_t Inflate(int framing, const uint8_t* data, size_t size, Bytes* content) {
  z_stream stream = {};
  CHECK_EQ(inflateInit2(&stream, framing), Z_OK);
  stream.next_in = const_cast<Bytef*>(data);
  stream.avail_in = static_cast<uInt>(size);
  int result = Z_OK;
  while (result == Z_OK) {
    const size_t used = content->size();
    constexpr size_t kStep = 64 * 1024;
    content->resize(used + kStep);
    stream.next_out = content->data() + used;
    stream.avail_out = kStep;
    result = inflate(&stream, Z_NO_FLUSH);
    content->resize(used + kStep - stream.avail_out);
  }
  const size_t taken = size - stream.avail_in;
  inflateEnd(&stream);
  CHECK_EQ(result, Z_STREAM_END);
  return taken;
}

std::string Text(size_t size, uint32_t seed) {
  static const char* const kWords[] = {"vectorAdd", "cudaMemcpyAsync", "allreduce", "stream", "0x7f", "grid"};
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < size) {
    text += kWords[random() % std::size(kWords)];
    text += static_cast<char>('!' + random() % 90);
  }
  text.resize(size);
  return text;
}

// A packet whose string, of `length` bytes, is in the field `for_testing` of the format.
Bytes PacketWithText(size_t length, uint32_t seed) {
  const std::string text = Text(length, seed);
  protozero::HeapBuffered<Trace> trace;
  trace->add_packet()->set_for_testing()->set_str(text);
  const std::string bytes = trace.SerializeAsString();
  return Bytes(bytes.begin(), bytes.end());
}

}  // namespace

Bytes PacketOfSize(size_t size, uint32_t seed) {
  // Lengths are written in more bytes the larger they are, or in four; found by trying.
  for (size_t length = size; length-- > 0;) {
    const Bytes packet = PacketWithText(length, seed);
    if (packet.size() == size) return packet;
    if (packet.size() < size) break;
  }
  throw Failure("no packet has " + std::to_string(size) + " bytes");
}

Bytes Packets(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  Bytes packets;
  while (packets.size() < size) Append(&packets, PacketWithText(random() % 150, static_cast<uint32_t>(random())));
  return packets;
}

Bytes RandomBytes(size_t size) {
  std::mt19937 random(7);
  Bytes bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

std::vector<Bytes> GzipMembers(const Bytes& bytes) {
  std::vector<Bytes> members;
  for (size_t at = 0; at < bytes.size();) {
    members.emplace_back();
    at += Inflate(kGzipFraming, bytes.data() + at, bytes.size() - at, &members.back());
  }
  return members;
}

std::vector<WrittenPacket> WrittenPackets(const Bytes& bytes) {
  std::vector<WrittenPacket> packets;
  protozero::ProtoDecoder trace(bytes.data(), bytes.size());
  const uint8_t* begin = bytes.data();
  for (protozero::Field packet = trace.ReadField(); packet.valid(); packet = trace.ReadField()) {
    CHECK_EQ(packet.id(), uint32_t{Trace::kPacketFieldNumber});
    const uint8_t* end = packet.data() + packet.size();
    protozero::ProtoDecoder fields(packet.as_bytes());
    const protozero::Field compressed = fields.FindField(TracePacket::kCompressedPacketsFieldNumber);
    if (compressed.valid()) {
      WrittenPacket written{true, {}};
      CHECK_EQ(Inflate(kZlibFraming, compressed.data(), compressed.size(), &written.content), compressed.size());
      packets.push_back(std::move(written));
    } else {
      packets.push_back({false, Bytes(begin, end)});
    }
    begin = end;
  }
  CHECK_EQ(trace.bytes_left(), 0u);
  return packets;
}

Bytes Joined(const std::vector<Bytes>& parts) {
  Bytes joined;
  for (const Bytes& part : parts) Append(&joined, part);
  return joined;
}

Bytes Joined(const std::vector<WrittenPacket>& packets) {
  Bytes joined;
  for (const WrittenPacket& packet : packets) Append(&joined, packet.content);
  return joined;
}

void Append(Bytes* target, const Bytes& more) { target->insert(target->end(), more.begin(), more.end()); }

TemporaryFolder::TemporaryFolder() {
  std::random_device random;
  const std::string name = "tracesmith-" + std::to_string(random()) + "-" + std::to_string(random());
  const std::filesystem::path path = std::filesystem::temp_directory_path() / name;
  CHECK(std::filesystem::create_directory(path));
  folder_ = path.generic_u8string();
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(std::filesystem::u8path(folder_), ignored);
}

bool Exists(const std::string& path) { return std::filesystem::exists(std::filesystem::u8path(path)); }

Bytes ReadFile(const std::string& path) {
  std::ifstream file(std::filesystem::u8path(path), std::ios::binary);
  CHECK(file.good());
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

}  // namespace tracesmith::test
