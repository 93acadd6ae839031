#pragma once

#include <cstdint>
#include <unordered_set>
#include <string>
#include <vector>

#include "filter/criteria.h"
#include "filter/windows.h"
#include "proto/message_writer.h"
#include "trim/flow_steps.h"
#include "trim/plan.h"
#include "trim/relative.h"
#include "trim/walker.h"

namespace tracesmith::trim {

// What went beside the events that a Plan counts; `flows_cut` are arrows of which one end stays.
struct RewriteCounts {
  uint64_t flows_cut = 0;
  uint64_t dropped_kernel_events = 0;
  uint64_t dropped_samples = 0;
  uint64_t dropped_stages = 0;
  uint64_t dropped_packets = 0;
};

// Writes the packets that stay, in the order of the file, so that each means what it meant. The twin of Rewriter in
// lib/trim: for the same input and options both write the same bytes.
class Rewriter {
 public:
  struct Options {
    ArgsKept args = ArgsKept::kAll;
    // Of arguments that kLean leaves out, and of the one that it leaves out where there is an arrow.
    std::unordered_set<std::string> unique_args;
    std::string arrow_arg;
    int64_t min_duration = 0;  // of GPU stage events
  };

  // `windows` is null where all of the time stays. Appends packets to `output`, as a trace has them.
  Rewriter(const Options& options, const Windows* windows, const Decisions& plan, Tracks& tracks, const Texts& texts,
           Walker& walker, std::vector<uint8_t>* output);

  // Whether the content of the next event must be read.
  bool NeedsEvent() const;
  void Add(const WalkedPacket& packet);
  RewriteCounts counts() const;

 private:
  // Another time and duration of an event at an edge.
  struct Cut {
    bool is_set = false;
    bool has_duration = false;
    int64_t time = 0;
    int64_t duration = 0;
  };

  void AddEvent(const WalkedPacket& packet);
  void AddStage(const WalkedPacket& packet);
  void AddBundle(const WalkedPacket& packet);
  void AddSamples(const WalkedPacket& packet);
  Cut CutOf(const WalkedPacket& packet, uint64_t index, uint8_t decision) const;
  void RewriteEvent(const WalkedPacket& packet, const Rebased& rebased, bool has_ids, uint8_t decision, const Cut& cut);
  bool KeepsArg(FieldReader annotation, const WalkedPacket& packet);
  bool IsUniqueArg(uint32_t name);
  void Keep(const WalkedPacket& packet);
  void Drop(const WalkedPacket& packet);
  void WriteState(const WalkedPacket& packet);
  void Write(const WalkedPacket& packet, const Rebased& rebased, bool is_absolute, const MessageWriter* content);
  void Emit(ByteSpan packet);
  std::string* damage() { return walker_.damage(); }

  const Options& options_;
  const Windows* windows_;
  const Decisions& plan_;
  const Texts& texts_;
  Walker& walker_;
  std::vector<uint8_t>* output_;
  RelativeValues relative_;
  FlowSteps flows_;
  RewriteCounts counts_;
  uint64_t events_ = 0;
  std::vector<int8_t> is_unique_;  // argument names by number; -1: not asked yet
  // Kept for their memory.
  std::vector<uint64_t> ids_;
  MessageWriter content_;
  MessageWriter packet_;
};

}  // namespace tracesmith::trim
