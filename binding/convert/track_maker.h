#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "chrome_json/identities.h"
#include "convert/row_batch.h"

namespace tracesmith {

// Defines the tracks of a converted trace, when the first event needs them, or for all that metadata
// names. Ids that Perfetto has no place for (0, which means the idle process, texts, what is beyond int32)
// are replaced; the original stays in the name or in a label.
class TrackMaker {
 public:
  // `gpu_names` by number, as far as they are known. All must outlive the maker.
  TrackMaker(RowBatch& batch, const Identities& identities, std::vector<std::string> gpu_names, GpuEvents gpu_events);

  // All processes and threads, but for GPUs and their streams.
  void DefineAll();

  uint32_t OfThread(uint32_t thread);
  // What the thread is called in the native trace, also where it stands for a stream and has no such track.
  struct NativeIds {
    int64_t pid;
    int64_t tid;
  };
  NativeIds IdsOfThread(uint32_t thread);
  uint32_t OfProcess(uint32_t process);
  uint32_t Global();
  // Below a process, or, where it is kNone, below none.
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t Async(uint64_t key, uint32_t process, uint32_t name);
  uint32_t Counter(uint64_t key, uint32_t process, uint32_t name);

 private:
  uint32_t Define(TrackKind kind, uint32_t parent, uint32_t name);
  uint32_t DefineGpu(uint32_t process, int64_t number);
  uint32_t DefineStream(uint32_t thread);
  void DefineThread(uint32_t thread);
  void Property(TrackProperty property, int64_t value);
  void Property(TrackProperty property, std::string_view text);
  uint32_t TextOrNone(const std::string& text) { return text.empty() ? 0 : batch_.NewText(text); }
  int64_t PidOf(uint32_t process);
  int64_t TidOf(uint32_t thread);
  int64_t Substitute();

  RowBatch& batch_;
  const Identities& identities_;
  std::vector<std::string> gpu_names_;
  GpuEvents gpu_events_;
  uint32_t tracks_ = 0;
  std::vector<uint32_t> of_process_;  // kNone: not defined
  std::vector<uint32_t> of_thread_;
  std::vector<int64_t> pids_;  // 0: not chosen
  std::vector<int64_t> tids_;
  uint32_t global_ = kNone;
  std::unordered_map<uint64_t, uint32_t> of_key_;
  std::unordered_set<int64_t> used_ids_;
  int64_t next_substitute_;
};

}  // namespace tracesmith
