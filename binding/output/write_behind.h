#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "output/packet_output.h"
#include "proto/packet_sink.h"

namespace tracesmith {

// To write packets, or to compress them, takes about as long as to encode them. WriteBehind does it on a thread of its own:
// it collects packets in buffers, and while the encoder fills the next one, the thread passes the full ones to the output.
// The packets reach the output in their order. If too many buffers wait, Append waits.
//
// Where buffers end depends on the packets alone. The output belongs to the caller, and is the thread's until Pause() or
// Drain() returns. One thread at a time calls this. A thread runs only between a full buffer and the next of these calls.
class WriteBehind : public PacketSink {
 public:
  // `written` is called after each write, by the thread that wrote: the output is that thread's meanwhile.
  WriteBehind(PacketOutput& output, std::function<void()> written) : output_(output), written_(std::move(written)) {}
  ~WriteBehind() override;

  void Append(const uint8_t* packets, size_t size) override;
  // Passes the full buffers to the output, and ends the thread.
  void Pause();
  // Passes everything to the output, and ends the thread.
  void Drain();

 private:
  void HandOver();
  void Run();
  void Write(std::vector<uint8_t>& packets);

  PacketOutput& output_;
  std::function<void()> written_;
  std::vector<uint8_t> filling_;
  std::thread thread_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<uint8_t>> full_;  // the first one is being written
  std::vector<std::vector<uint8_t>> spare_;
  bool is_ending_ = false;
};

}  // namespace tracesmith
