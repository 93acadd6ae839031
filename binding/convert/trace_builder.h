#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/bits.h"
#include "base/pod_vector.h"
#include "batch/batch_view.h"
#include "batch/layout.h"
#include "chrome_json/process_table.h"
#include "convert/compact_args.h"
#include "convert/event_record.h"
#include "convert/linker.h"
#include "convert/text_pool.h"
#include "profile/profile_writer.h"
#include "sorting/record_sorter.h"

namespace tracesmith {

// Problem: the encoder reads columns, see batch/layout.h. A RowBatch fills the columns of a batch row by row; it is the
// C++ twin of lib/batch/batch.ts. The caller begins a row, adds its attributes, begins the next, and encodes View() and
// calls Clear() when IsFull().
//
// It owns the columns; the pool is the caller's. One thread at a time may use it.
class RowBatch {
 public:
  explicit RowBatch(const TextPool& pool) : pool_(pool) {}

  void BeginRow(RowKind kind, uint8_t channel, uint32_t track, uint32_t name, uint32_t category, uint64_t time) {
    kind_.Add(static_cast<uint8_t>(kind));
    channel_.Add(channel);
    flags_.Add(kTimeIs64Bit);
    track_.Add(track);
    name_.Add(name);
    category_.Add(category);
    time_.Add(time);
    extent_.Add(0);
    attr_end_.Add(static_cast<uint32_t>(attr_head_.size()));
  }
  void SetLength(uint64_t length) {
    extent_[extent_.size() - 1] = length;
    flags_[flags_.size() - 1] = kTimeIs64Bit | kHasExtent | kExtentIs64Bit;
  }
  // Adds RowFlags to the last row.
  void AddFlags(uint8_t flags) { flags_[flags_.size() - 1] |= flags; }
  void SetValue(double value) {
    extent_[extent_.size() - 1] = BitsOf(value);
    flags_[flags_.size() - 1] = kTimeIs64Bit | kHasExtent;
  }
  // Add attributes to the last row.
  void Attribute(uint32_t key, AttrType type, uint64_t value) {
    attr_head_.Add(key << kKeyShift | static_cast<uint32_t>(type) | (type == AttrType::kDouble ? 0 : uint32_t{kIs64Bit}));
    attr_value_.Add(value);
    attr_end_[attr_end_.size() - 1] = static_cast<uint32_t>(attr_head_.size());
  }
  void Arguments(const uint8_t* begin, const uint8_t* end);

  // Return ids of the batch. They depend on nothing but the texts and their order, whereas the ids of the pool depend
  // on the threads that filled it. NewText() assigns a new id even if the text has one.
  uint32_t Text(CompactText text) {
    if (text.id != 0) return PoolText(text.id);
    const uint32_t id = KnownText(text.text);
    return id != 0 ? id : NewText(text.text);
  }
  uint32_t PoolText(uint32_t id) {
    if (id >= ids_.size()) ids_.resize(pool_.size() + 1);
    if (ids_[id] == 0) ids_[id] = KnownText(pool_[id]);
    return ids_[id] != 0 ? ids_[id] : NewText(pool_[id]);
  }
  uint32_t NewText(std::string_view text);

  size_t rows() const { return kind_.size(); }
  // Whether the batch should be encoded: it has many rows, or large ones.
  bool IsFull() const {
    return rows() >= kMaxRows || attr_head_.size() >= kMaxAttrs || text_bytes_.size() >= kMaxTextBytes;
  }

  BatchView View() const;
  // Removes all rows. Ids of texts stay valid, unless there are too many: then a new generation begins.
  void Clear();

 private:
  static constexpr size_t kMaxRows = 4096;
  static constexpr size_t kMaxAttrs = size_t{1} << 16;
  static constexpr size_t kMaxTextBytes = size_t{1} << 20;
  // Of all texts of a generation.
  static constexpr size_t kMaxIds = size_t{1} << 18;
  static constexpr size_t kMaxIdBytes = size_t{16} << 20;

  // Returns the id of a text in this generation, or assigns one; 0 if known_ is full.
  uint32_t KnownText(std::string_view text);

  const TextPool& pool_;
  PodVector<uint8_t> kind_, channel_, flags_;
  PodVector<uint32_t> track_, name_, category_, attr_end_;
  PodVector<uint64_t> time_, extent_;
  PodVector<uint32_t> attr_head_;
  PodVector<uint64_t> attr_value_;
  PodVector<uint8_t> text_bytes_;
  PodVector<uint32_t> text_end_;
  uint32_t generation_ = 0;
  uint32_t last_id_ = 0;
  size_t id_bytes_ = 0;
  std::unique_ptr<TextPool> known_ = std::make_unique<TextPool>();  // of this generation
  std::vector<uint32_t> known_ids_;                                 // by id of known_
  std::vector<uint32_t> ids_;                                       // by id of pool_
};

// Problem: events name tracks by pids, tids and ids, some of which Perfetto cannot have: 0 (the idle process), texts,
// and numbers beyond int32. A TrackMaker defines the tracks of a converted trace in a RowBatch, each when its first
// event needs it, and replaces such ids; the original id stays in the name or in a label.
//
// It owns nothing but its numbers of tracks. One thread at a time may use it.
class TrackMaker {
 public:
  // `gpu_names` by number of the GPU, as far as they are known. The batch and the table must outlive the maker.
  TrackMaker(RowBatch& batch, const ProcessTable& process_table, std::vector<std::string> gpu_names,
             GpuEvents gpu_events);

  // Defines all processes and threads, but of GPUs only those with work, in the order that the file asks for, since
  // viewers show them in the order of their definitions; and no streams.
  void DefineAll();

  // Return the track of a thread or process of the table, and define it if necessary.
  uint32_t OfThread(uint32_t thread);
  uint32_t OfProcess(uint32_t process);
  // The ids of the thread in the native trace, even if it stands for a stream and has no such track.
  ThreadIds IdsOfThread(uint32_t thread);
  // The track of global instants.
  uint32_t Global();
  // Return the track of this key, below a process, or below none if `process` is kNone.
  static constexpr uint32_t kNone = AsyncProcesses::kSeveral;
  uint32_t Async(uint64_t key, uint32_t process, uint32_t name) {
    return Keyed(TrackKind::kPlain, key, process, name);
  }
  // The name of the unit may be empty.
  uint32_t Counter(uint64_t key, uint32_t process, uint32_t name, std::string_view unit) {
    return Keyed(TrackKind::kCounter, ~key, process, name, unit);
  }

 private:
  uint32_t Keyed(TrackKind kind, uint64_t key, uint32_t process, uint32_t name, std::string_view unit = {});
  uint32_t Define(TrackKind kind, uint32_t parent, uint32_t name);
  void DefineGpus();
  uint32_t DefineGpu(uint32_t process, int64_t number);
  uint32_t DefineStream(uint32_t thread);
  void Property(TrackProperty property, int64_t value);
  void Property(TrackProperty property, std::string_view text);
  // Returns the text with the name or, if a native trace cannot have it, the id, with its kind before a number; 0 for
  // none.
  uint32_t NameOf(const ProcessTable::Entry& entry, const char* kind);
  // Returns the native id, which it chooses at the first call.
  int64_t NativeId(const ProcessTable::Id& id, int64_t* chosen);
  int64_t PidOf(uint32_t process) { return NativeId(process_table_.processes()[process].id, &pids_[process]); }
  int64_t TidOf(uint32_t thread) { return NativeId(process_table_.threads()[thread].id, &tids_[thread]); }

  RowBatch& batch_;
  const ProcessTable& process_table_;
  std::vector<std::string> gpu_names_;
  GpuEvents gpu_events_;
  uint32_t tracks_ = 0;
  std::vector<uint32_t> of_process_;  // kNone: not defined yet
  std::vector<uint32_t> of_thread_;
  std::vector<int64_t> pids_;  // native ids; 0: not chosen yet
  std::vector<int64_t> tids_;
  uint32_t global_ = kNone;
  std::unordered_map<uint64_t, uint32_t> of_key_;
  std::unordered_set<int64_t> used_ids_;
  int64_t next_substitute_ = 1'000'000'000;
};

// Problem: what is known of an event lies in two sorted lists, its record and its links. A TraceBuilder reads both side
// by side, writes rows, and outputs them in batches.
//
// All of its parameters must outlive it. One thread at a time may use it.
class TraceBuilder {
 public:
  // `output` returns false to stop.
  using Output = std::function<bool(const BatchView&)>;
  TraceBuilder(RowBatch& batch, TrackMaker& tracks, RecordSorter& links, const AsyncProcesses& async_processes,
               uint64_t origin, Output output)
      : batch_(batch),
        tracks_(tracks),
        links_(links),
        async_processes_(async_processes),
        origin_(origin),
        output_(std::move(output)) {}

  // Adds an argument of the whole trace, as an ArgRecorder wrote it.
  void AddMetadata(const uint8_t* begin, const uint8_t* end);

  // Adds the next record in order. Both return false if the output has stopped.
  bool Add(const Record& record);
  bool Finish() { return Flush(); }

 private:
  void AddRow(RowKind kind, const EventView& event);
  void AddLinks();
  bool Flush();
  uint32_t NameOf(const EventView& event) { return event.head.has_name() ? batch_.Text(event.name) : 0; }
  uint32_t CategoryOf(const EventView& event) { return event.head.has_category() ? batch_.Text(event.category) : 0; }
  uint32_t TrackOf(const EventRecord& event, uint32_t name);

  RowBatch& batch_;
  TrackMaker& tracks_;
  RecordSorter& links_;
  const AsyncProcesses& async_processes_;
  const uint64_t origin_;  // of EventView
  Output output_;
  uint64_t next_slice_ = 0;
  bool keeps_place_ = false;  // the last slice
  Record link_{};  // the next one
  bool has_link_ = links_.Next(&link_);
};

}  // namespace tracesmith
