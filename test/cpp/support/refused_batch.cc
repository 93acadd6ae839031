#include "refused_batch.h"

#include "check.h"
#include "decoded_trace.h"
#include "encoded_trace.h"

namespace tracesmith::test {
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

    EventTable table;
    CHECK_EQ(table.Append(batches.first.View()).message(), "");
    const Status status = table.Append(bad.View());
    CHECK_EQ(status.message().substr(0, message.size()), message);
    CHECK_EQ(table.events().size(), 1u);
    CHECK_EQ(table.attrs().size(), 1u);
    CHECK_EQ(table.tracks().size(), 2u);
    CHECK_EQ(table.strings().size(), batches.first.text_end.size());

    // What the bad batch may have left behind must not show: byte by byte the trace without it.
    WholeTrace disturbed;
    CHECK_EQ(disturbed.encoder.Append(batches.first.View()).message(), "");
    CHECK(!disturbed.encoder.Append(bad.View()).ok());
    CHECK_EQ(disturbed.encoder.Append(batches.second.View()).message(), "");
    WholeTrace undisturbed;
    CHECK_EQ(undisturbed.encoder.Append(batches.first.View()).message(), "");
    CHECK_EQ(undisturbed.encoder.Append(batches.second.View()).message(), "");
    CHECK(disturbed.Finish() == undisturbed.Finish());
  });
}

void CheckTaken(const Change& change) {
  BatchSequence batches;
  change(batches.second);
  WholeTrace trace;
  CHECK_EQ(trace.encoder.Append(batches.first.View()).message(), "");
  CHECK_EQ(trace.encoder.Append(batches.second.View()).message(), "");
  DecodeTrace(trace.Finish());
}

}  // namespace tracesmith::test
