#pragma once

#include <perfetto.h>

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "../encoder/track_table.h"
#include "cpu_profiles.h"

namespace tracesmith {

// Writes the samples of CPU profiles as packets, each profile as a sequence of its own: a reader takes all
// samples of a sequence for those of one thread. The packets go before all others of the trace, so that the
// snapshot which says that the clock of samples is that of the events is the first of the trace: readers
// take none whose clocks go back. Times are whole microseconds, as the format has them.
class ProfileWriter {
 public:
  struct ThreadIds {
    int32_t pid;
    int32_t tid;
  };
  // `take` gets whole packets, and gives false where no more are wanted. The profiles must outlive this.
  using Take = std::function<bool(const uint8_t*, size_t)>;
  ProfileWriter(const CpuProfiles& profiles, Take take);

  // `ids_of` gives those of a thread of Identities. False: no more was wanted.
  bool Write(const std::function<ThreadIds(uint32_t)>& ids_of);

 private:
  struct Sequence {
    size_t next = 0;  // sample
    // By what they are in the profile; 0 for what was not written yet.
    std::vector<uint32_t> stack_of;  // by node
    std::unordered_map<uint32_t, uint32_t> frame_of;
    std::unordered_map<uint32_t, uint32_t> function_of;
    std::unordered_map<uint32_t, uint32_t> file_of;
    uint32_t stacks = 0;
  };
  // What a packet brings that the sequence has not had yet.
  struct News {
    std::vector<std::pair<uint32_t, uint32_t>> functions;  // iid and text
    std::vector<std::pair<uint32_t, uint32_t>> files;
    std::vector<uint32_t> frames;
    std::vector<uint32_t> stack_sizes;
    std::vector<uint32_t> stack_frames;
  };

  void WriteClocks();
  void WriteThread(size_t profile, ThreadIds ids);
  void WriteRun(size_t profile, int64_t until);
  void Intern(size_t profile, uint32_t node);
  uint32_t FrameIid(Sequence* sequence, uint32_t frame);
  void WriteNews(const Sequence& sequence, perfetto::protos::pbzero::TracePacket* packet);
  bool Flush();
  int64_t TimeOf(size_t profile, size_t sample) const { return profiles_.profiles()[profile].times[sample] / 1000; }

  const CpuProfiles& profiles_;
  Take take_;
  protozero::HeapBuffered<TraceMessage> trace_;
  size_t written_ = 0;  // roughly, since the last flush
  std::vector<Sequence> sequences_;
  News news_;
};

}  // namespace tracesmith
