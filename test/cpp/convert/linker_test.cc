// Begins find their ends, and flows their slices, as Perfetto's importer of JSON has it.
#include "convert/linker.h"

#include <algorithm>
#include <string>
#include <vector>

#include "check.h"

namespace tracesmith::test {
namespace {

constexpr uint64_t kA = 1, kB = 2, kNone = 0;  // ids of names

struct Links {
  struct End {
    uint64_t slice;
    uint64_t length;
    bool operator==(const End& other) const { return slice == other.slice && length == other.length; }
  };
  struct Arrow {
    uint64_t from;
    uint64_t to;
    bool operator==(const Arrow& other) const { return from == other.from && to == other.to; }
  };
  std::vector<End> ends;
  std::vector<Arrow> arrows;
  uint64_t unmatched = 0;
  uint64_t undrawn = 0;
};

// Records of one thread and more, in order.
class Trace {
 public:
  Trace& Complete(uint64_t time, uint64_t duration, uint32_t thread = 0) {
    return Add(RecordKind::kComplete, time, duration, 0, thread);
  }
  Trace& Begin(uint64_t time, uint64_t name) { return Add(RecordKind::kBegin, time, kNone, name, 0); }
  Trace& End(uint64_t time, uint64_t name) { return Add(RecordKind::kEnd, time, kNone, name, 0); }
  Trace& Flow(RecordKind kind, uint64_t time, uint64_t key, uint32_t thread = 0) { return Add(kind, time, 0, key, thread); }

  Links Link() {
    const RecordSorter::Options options{size_t{1} << 20, "./", false};
    RecordSorter links(options);
    TextPool texts;
    CHECK_EQ(texts.IdOf("a"), kA);
    CHECK_EQ(texts.IdOf("b"), kB);
    Linker linker(links, texts, options, 0);
    for (const auto& [time, event] : records_) {
      linker.Add({{time, 0}, reinterpret_cast<const uint8_t*>(&event), sizeof(event)});
    }
    CHECK(linker.Finish().ok());
    CHECK(links.Finish().ok());
    Links found;
    std::vector<std::pair<uint64_t, uint64_t>> flows;  // id and slice
    Record record;
    while (links.Next(&record)) {
      LinkRecord link;
      std::memcpy(&link, record.data, sizeof(link));
      if (link.kind == LinkRecord::Kind::kEnd) {
        found.ends.push_back({record.key.time, link.length});
      } else {
        flows.emplace_back(link.flow_id, record.key.time);
      }
    }
    std::sort(flows.begin(), flows.end());
    for (size_t i = 0; i + 1 < flows.size(); i += 2) found.arrows.push_back({flows[i].second, flows[i + 1].second});
    found.unmatched = linker.unmatched();
    found.undrawn = linker.arrows().undrawn();
    return found;
  }

 private:
  Trace& Add(RecordKind kind, uint64_t time, uint64_t duration, uint64_t key, uint32_t thread) {
    EventRecord event{};
    event.kind = kind;
    event.duration = duration;
    event.owner = thread;
    if (kind == RecordKind::kBegin || kind == RecordKind::kEnd) {
      event.name_id = static_cast<uint32_t>(key);
      event.flags = key == kNone ? 0 : kHasName;
    } else {
      event.key = key;
    }
    records_.emplace_back(time, event);
    return *this;
  }

  std::vector<std::pair<uint64_t, EventRecord>> records_;
};

TEST(AnEndClosesTheLatestThatMatches) {
  const Links links = Trace().Begin(1, kA).Begin(2, kB).End(5, kA).End(7, kNone).End(9, kA).Link();
  CHECK(links.ends == (std::vector<Links::End>{{0, 4}, {1, 5}}));
  CHECK_EQ(links.unmatched, 1u);
}

// Where ends are sorted before begins of their time.
TEST(AnEndBeforeItsBeginAtOneTimeIsASliceOfNoLength) {
  const Links links = Trace().Begin(1, kA).End(5, kB).Begin(5, kB).End(6, kA).Link();
  CHECK(links.ends == (std::vector<Links::End>{{0, 5}, {1, 0}}));
  CHECK_EQ(links.unmatched, 0u);
}

TEST(FlowsBindToTheSliceAround) {
  const Links links = Trace()
                          .Complete(10, 10)
                          .Flow(RecordKind::kFlowStart, 10, 5)
                          .Complete(12, 3)
                          .Flow(RecordKind::kFlowStart, 14, 6)
                          .Flow(RecordKind::kFlowStart, 16, 7)
                          .Complete(30, 5, 1)
                          .Flow(RecordKind::kFlowEnd, 30, 5, 1)
                          .Flow(RecordKind::kFlowEnd, 31, 6, 1)
                          .Flow(RecordKind::kFlowEnd, 32, 7, 1)
                          .Flow(RecordKind::kFlowEnd, 40, 5, 1)
                          .Link();
  std::vector<Links::Arrow> arrows = links.arrows;
  std::sort(arrows.begin(), arrows.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
  CHECK(arrows == (std::vector<Links::Arrow>{{0, 2}, {0, 2}, {1, 2}}));
  CHECK_EQ(links.undrawn, 1u);
}

TEST(AnEndWithoutABindingPointBindsToTheNextSlice) {
  const Links links = Trace()
                          .Complete(10, 10)
                          .Flow(RecordKind::kFlowStart, 11, 5)
                          .Flow(RecordKind::kFlowEndNext, 20, 5, 1)
                          .Complete(30, 5, 1)
                          .Link();
  CHECK(links.arrows == (std::vector<Links::Arrow>{{0, 1}}));
}

TEST(AFlowGoesOnFromItsSteps) {
  const Links links = Trace()
                          .Complete(10, 5)
                          .Flow(RecordKind::kFlowStart, 11, 5)
                          .Complete(20, 5)
                          .Flow(RecordKind::kFlowStep, 21, 5)
                          .Complete(30, 5)
                          .Flow(RecordKind::kFlowEnd, 31, 5)
                          .Complete(40, 5)
                          .Flow(RecordKind::kFlowEnd, 41, 5)
                          .Flow(RecordKind::kFlowStart, 42, 5)
                          .Link();
  CHECK(links.arrows == (std::vector<Links::Arrow>{{0, 1}, {1, 2}, {1, 3}}));
  CHECK_EQ(links.undrawn, 1u);
}

}  // namespace
}  // namespace tracesmith::test
