#include "stream/processors.h"

#ifdef __linux__
#include <sched.h>
#endif

namespace tracesmith {

#ifdef __linux__

int CurrentProcessor() { return sched_getcpu(); }

void LeaveProcessor(int processor) {
  if (processor == kNoProcessor || sched_getcpu() != processor) return;
  // Fails where there are more processors than a set holds: the thread stays where it is.
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return;
  cpu_set_t others = allowed;
  CPU_CLR(static_cast<unsigned>(processor), &others);
  if (CPU_COUNT(&others) != 0 && sched_setaffinity(0, sizeof(others), &others) == 0) {
    sched_setaffinity(0, sizeof(allowed), &allowed);
  }
}

#else

int CurrentProcessor() { return kNoProcessor; }

void LeaveProcessor(int) {}

#endif

}  // namespace tracesmith
