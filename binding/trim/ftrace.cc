#include "trim/ftrace.h"

#include <array>
#include <vector>

#include "trim/fields.h"

namespace tracesmith::trim {
namespace {

// perfetto.protos.FtraceEventBundle.
constexpr uint32_t kEvent = 2;
constexpr uint32_t kCompactSched = 4;

// FtraceClock.FTRACE_CLOCK_MONO_RAW; 0 is the boot clock, the others are related by the bundle's own two times.
constexpr uint64_t kFtraceMonoRaw = 3;

// The fields of CompactSched by column: a time first, which counts from the one before, and then a value for each.
constexpr size_t kColumns = 13;
struct Table {
  uint32_t time;
  std::array<uint32_t, 5> others;  // 0: none
};
constexpr std::array<Table, 2> kTables = {{{1, {2, 3, 4, 6, 0}}, {7, {8, 9, 10, 11, 12}}}};

bool IsColumn(uint32_t field) { return field < kColumns && field != 0 && field != 5; }

// Turns the times of a bundle into those of the trace.
class BundleClock {
 public:
  BundleClock(const WalkedPacket& packet, Walker& walker) : walker_(walker), clocks_(packet.sequence->clocks()) {
    uint64_t clock = 0;
    uint64_t ftrace_time = 0;
    uint64_t boot_time = 0;
    bool has_ftrace_time = false;
    bool has_boot_time = false;
    FieldReader bundle(packet.facts->content, walker.damage());
    while (bundle.Next()) {
      if (bundle.field() == 5) clock = bundle.Integer();
      if (bundle.field() == 6) {
        ftrace_time = bundle.Integer();
        has_ftrace_time = true;
      }
      if (bundle.field() == 7) {
        boot_time = bundle.Integer();
        has_boot_time = true;
      }
    }
    if (clock == kFtraceMonoRaw) {
      clock_id_ = kMonotonicRaw;
    } else if (clock != 0 && has_ftrace_time && has_boot_time) {
      offset_ = Subtract(static_cast<int64_t>(boot_time), static_cast<int64_t>(ftrace_time));
    }
  }

  int64_t ToTrace(uint64_t time) const {
    const int64_t own = Add(static_cast<int64_t>(time), offset_);
    int64_t resolved = 0;
    const bool is_known = walker_.clocks().Resolve(static_cast<uint64_t>(own), clock_id_, &clocks_, &resolved);
    return is_known ? resolved : own;
  }

 private:
  const Walker& walker_;
  SequenceClocks& clocks_;
  uint64_t clock_id_ = kBoottime;
  int64_t offset_ = 0;
};

uint64_t TimeOfEvent(FieldReader event) {
  uint64_t time = 0;
  while (event.Next()) {
    if (event.field() == 1) time = event.Integer();
  }
  return time;
}

// A packed field; the bytes live as long as `content`.
void WritePacked(uint32_t field, const std::vector<uint64_t>& values, MessageWriter* written) {
  MessageWriter content;
  for (const uint64_t value : values) content.Varint(value);
  written->Data(field, content.span());
}

// Writes the rows of a CompactSched that stay. Returns how many do not.
uint64_t TrimCompact(FieldReader fields, const BundleClock& clock, const Windows& windows, MessageWriter* written) {
  std::array<std::vector<uint64_t>, kColumns> columns;
  std::array<bool, kColumns> is_there{};
  while (fields.Next()) {
    if (!IsColumn(fields.field())) {
      written->Raw(fields.raw());
      continue;
    }
    std::vector<uint64_t>& column = columns[fields.field()];
    is_there[fields.field()] = true;
    fields.Integers([&](uint64_t value) { column.push_back(value); });
  }
  uint64_t dropped = 0;
  for (const Table& table : kTables) {
    std::vector<bool> stays;
    std::vector<uint64_t> steps;
    uint64_t time = 0;
    uint64_t last = 0;
    for (const uint64_t step : columns[table.time]) {
      time += step;
      stays.push_back(windows.Has(clock.ToTrace(time)));
      if (!stays.back()) {
        ++dropped;
        continue;
      }
      steps.push_back(time - last);
      last = time;
    }
    if (steps.empty()) continue;
    WritePacked(table.time, steps, written);
    for (const uint32_t other : table.others) {
      if (!is_there[other]) continue;
      std::vector<uint64_t> left;
      for (size_t i = 0; i < columns[other].size() && i < stays.size(); ++i) {
        if (stays[i]) left.push_back(columns[other][i]);
      }
      WritePacked(other, left, written);
    }
  }
  return dropped;
}

}  // namespace

void ForEachBundleTime(const WalkedPacket& packet, Walker& walker, const std::function<void(int64_t)>& visit) {
  const BundleClock clock(packet, walker);
  FieldReader bundle(packet.facts->content, walker.damage());
  while (bundle.Next()) {
    if (bundle.field() == kEvent) visit(clock.ToTrace(TimeOfEvent(bundle.Message())));
    if (bundle.field() != kCompactSched) continue;
    for (const Table& table : kTables) {
      uint64_t time = 0;
      FieldReader columns = bundle.Message();
      while (columns.Next()) {
        if (columns.field() == table.time) columns.Integers([&](uint64_t step) { visit(clock.ToTrace(time += step)); });
      }
    }
  }
}

uint64_t TrimBundle(const WalkedPacket& packet, Walker& walker, const Windows& windows, MessageWriter* written) {
  const BundleClock clock(packet, walker);
  uint64_t dropped = 0;
  FieldReader bundle(packet.facts->content, walker.damage());
  while (bundle.Next()) {
    if (bundle.field() == kEvent) {
      if (windows.Has(clock.ToTrace(TimeOfEvent(bundle.Message())))) {
        written->Raw(bundle.raw());
      } else {
        ++dropped;
      }
    } else if (bundle.field() == kCompactSched) {
      MessageWriter compact;
      dropped += TrimCompact(bundle.Message(), clock, windows, &compact);
      written->Data(kCompactSched, compact.span());
    } else {
      written->Raw(bundle.raw());
    }
  }
  return dropped;
}

}  // namespace tracesmith::trim
