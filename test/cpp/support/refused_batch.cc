#include "refused_batch.h"

#include "check.h"
#include "decoded_trace.h"
#include "encoder/trace_encoder.h"

namespace tracesmith::test {
namespace {

std::vector<uint8_t> Encoded(TraceEncoder& encoder) {
  encoder.Finish();
  std::vector<uint8_t> bytes(encoder.size());
  CHECK_EQ(encoder.Read(0, bytes.data(), bytes.size()), bytes.size());
  return bytes;
}

}  // namespace

BatchSequence::BatchSequence() {
  BatchBuilder builder;
  builder.Plain("track");
  builder.Counter("counter");
  builder.Instant(0, 5, "already there", "category").TextArg("key", "text");
  first = builder.Take();

  builder.Slice(0, 10, 20, "slice", "new category").TextArg("key", "new text");
  builder.BeginDict("dict").Int("inner", 1).End();
  builder.LaunchArg(Launch()).Stack({{"function", "file.py", 3, 0x1234}}).Bool("bool", true).Int("int", -4);
  builder.Instant(0, 15, "instant").Double("double", 0.5).Uint("uint", 7).Pointer("pointer", 0x1000);
  builder.Sample(1, 12, 1.5);
  builder.Plain("later track", 0);
  second = builder.Take();
}

uint32_t Beyond(const Columns& second) {
  return static_cast<uint32_t>(BatchSequence().first.text_end.size() + second.text_end.size() + 1);
}

void CheckRefused(const std::string& message, const Change& change) {
  Within("with the column " + message, [&] {
    const BatchSequence batches;
    Columns bad = batches.second;
    change(bad);

    EventStore store;
    CHECK_EQ(store.Append(batches.first.View()).message(), "");
    const Status status = store.Append(bad.View());
    CHECK_EQ(status.message().substr(0, message.size()), message);
    CHECK_EQ(store.events().size(), 1u);
    CHECK_EQ(store.attrs().size(), 1u);
    CHECK_EQ(store.tracks().size(), 2u);
    CHECK_EQ(store.strings().size(), batches.first.text_end.size());

    // What the bad batch may have left behind must not show: byte by byte the trace without it.
    TraceEncoder disturbed;
    CHECK_EQ(disturbed.Append(batches.first.View()).message(), "");
    CHECK(!disturbed.Append(bad.View()).ok());
    CHECK_EQ(disturbed.Append(batches.second.View()).message(), "");
    TraceEncoder undisturbed;
    CHECK_EQ(undisturbed.Append(batches.first.View()).message(), "");
    CHECK_EQ(undisturbed.Append(batches.second.View()).message(), "");
    CHECK(Encoded(disturbed) == Encoded(undisturbed));
  });
}

void CheckTaken(const Change& change) {
  BatchSequence batches;
  change(batches.second);
  TraceEncoder encoder;
  CHECK_EQ(encoder.Append(batches.first.View()).message(), "");
  CHECK_EQ(encoder.Append(batches.second.View()).message(), "");
  DecodeTrace(Encoded(encoder));
}

}  // namespace tracesmith::test
