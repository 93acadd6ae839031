#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "batch_bytes.h"
#include "check.h"
#include "encoded_trace.h"
#include "fuzz_input.h"
#include "output_support.h"
#include "stream/encoding_stream.h"
#include "targets.h"

namespace tracesmith::test {
namespace {

constexpr size_t kMostBatches = 8;

// Returns the trace of the batches, and takes those that are refused out of the list.
Bytes Encode(size_t window, bool flushes, std::vector<Columns>* batches) {
  PacketMemory memory;
  std::unique_ptr<TraceEncoder> encoder;
  StreamTraceEncoder* stream = nullptr;
  if (window == 0) {
    encoder = std::make_unique<WholeTraceEncoder>(memory);
  } else {
    encoder.reset(stream = new StreamTraceEncoder(memory, window));
  }
  std::vector<Columns> accepted;
  for (Columns& batch : *batches) {
    const Status status = encoder->Append(batch.View());
    if (status.ok()) {
      accepted.push_back(std::move(batch));
    } else {
      CHECK(status.message().find("]: expected ") != std::string::npos);
    }
    if (flushes && status.ok() && stream != nullptr) stream->FlushWindow();
  }
  encoder->Finish();
  *batches = std::move(accepted);
  return BytesOf(memory);
}

// The same by way of a queue; a batch that is refused ends it.
Bytes EncodeElsewhere(size_t window, Compression compression, const std::vector<Columns>& batches) {
  EncodingStream::Options options;
  options.window = window;
  EncodingStream stream(options, std::make_unique<PacketOutput>(compression, 1));
  for (const Columns& batch : batches) stream.Push(batch.View());
  stream.Push(EncodingStream::Task::kFinish);
  stream.WorkUntilFinished();
  const std::optional<StreamFailure> failure = stream.failure();
  if (failure) throw Failure("a batch that an encoder took is refused by a stream: " + failure->message);
  Bytes bytes;
  for (const Bytes& chunk : stream.TakeChunks()) Append(&bytes, chunk);
  return compression == Compression::kGzip ? Joined(GzipMembers(bytes)) : bytes;
}

}  // namespace

void FuzzBatches(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const uint8_t mode = input.Byte();
  const size_t window = mode % 4 == 0 ? 0 : 1 + input.Byte();
  std::vector<Columns> batches;
  while (!input.empty() && batches.size() < kMostBatches) batches.push_back(ReadBatch(&input));

  const bool flushes = mode % 4 == 2;
  const Bytes bytes = Encode(window, flushes, &batches);
  CHECK(Joined(WrittenPackets(bytes)) == bytes);
  // A batch that is refused leaves nothing behind.
  CHECK(Encode(window, flushes, &batches) == bytes);
  if (flushes) return;
  const auto compression = static_cast<Compression>(mode / 4 % 3);
  CHECK(Joined(WrittenPackets(EncodeElsewhere(window, compression, batches))) == bytes);
}

}  // namespace tracesmith::test
