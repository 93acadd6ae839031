#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "batch_bytes.h"
#include "check.h"
#include "encoder/trace_encoder.h"
#include "fuzz_input.h"
#include "output_support.h"
#include "stream/encoding_stream.h"
#include "targets.h"

namespace tracesmith::test {
namespace {

constexpr size_t kMostBatches = 8;

void TakeOutput(TraceEncoder* encoder, Bytes* bytes) {
  for (const Bytes& piece : encoder->TakeOutput()) Append(bytes, piece);
}

// What comes of the batches; those that are refused are taken out of the list.
Bytes Encode(size_t window, size_t ahead_from, bool flushes, std::vector<Columns>* batches) {
  TraceEncoder encoder(window, ClockReading(), ahead_from);
  Bytes bytes;
  std::vector<Columns> accepted;
  for (Columns& batch : *batches) {
    const Status status = encoder.Append(batch.View());
    if (status.ok()) {
      accepted.push_back(std::move(batch));
    } else {
      CHECK(status.message().find("]: expected ") != std::string::npos);
    }
    if (window == 0) continue;
    if (flushes && status.ok()) encoder.FlushWindow();
    TakeOutput(&encoder, &bytes);
  }
  encoder.Finish();
  TakeOutput(&encoder, &bytes);
  *batches = std::move(accepted);
  return bytes;
}

// The same by way of queues; what is refused ends it.
Bytes EncodeElsewhere(size_t window, Compression compression, const std::vector<Columns>& batches) {
  EncodingStream stream(window, ClockReading(), std::make_unique<PacketOutput>(compression, 1), "the stream");
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
  const size_t ahead_from = mode % 32 < 16 ? TraceEncoder::kAheadFrom : 0;
  const Bytes bytes = Encode(window, ahead_from, flushes, &batches);
  CHECK(Joined(WrittenPackets(bytes)) == bytes);
  // A batch that is refused leaves nothing behind.
  CHECK(Encode(window, ahead_from, flushes, &batches) == bytes);
  if (window == 0 || flushes || ahead_from == 0) return;
  const auto compression = static_cast<Compression>(mode / 4 % 3);
  CHECK(Joined(WrittenPackets(EncodeElsewhere(window, compression, batches))) == bytes);
}

}  // namespace tracesmith::test
