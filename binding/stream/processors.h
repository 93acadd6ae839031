#pragma once

namespace tracesmith {

// The processor that the calling thread runs on, kNoProcessor where the system does not tell.
constexpr int kNoProcessor = -1;
int CurrentProcessor();

// Moves the calling thread to another processor if it runs on that one, and there is another one that it may run on.
// It can be moved back at any time. For threads that work beside each other: a system that has just woken one, or packs
// threads as virtual machines do, may leave both on one processor for milliseconds while another idles.
void LeaveProcessor(int processor);

}  // namespace tracesmith
