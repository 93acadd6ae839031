// What is worked on at the same time is collected in order, and whatever ends a pipeline ends it whole.
#include "base/ordered_pipeline.h"

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "check.h"

namespace tracesmith::test {
namespace {

// Sees to it that what must not run at a time does not.
class Alone {
 public:
  explicit Alone(std::atomic<int>* inside) : inside_(inside) { CHECK_EQ(++*inside_, 1); }
  ~Alone() { --*inside_; }

 private:
  std::atomic<int>* inside_;
};

// Numbers go through, some of which take longer than others.
std::vector<uint64_t> Squares(uint64_t count, size_t threads) {
  std::vector<uint64_t> pieces(threads);
  std::vector<uint64_t> results;
  std::atomic<int> reading{0};
  std::atomic<int> collecting{0};
  std::vector<std::atomic<int>> working(threads);
  uint64_t next = 0;
  OrderedPipeline pipeline({[&](size_t slot) {
                              const Alone alone(&reading);
                              if (next == count) return false;
                              pieces[slot] = next++;
                              return true;
                            },
                            [&](size_t slot) {
                              const Alone alone(&working[slot]);
                              const uint64_t number = pieces[slot];
                              for (uint64_t i = 0; i < number * 7 % 5; ++i) std::this_thread::yield();
                              pieces[slot] = number * number;
                            },
                            [&](size_t slot) {
                              const Alone alone(&collecting);
                              results.push_back(pieces[slot]);
                              return true;
                            }});
  pipeline.Run(threads);
  return results;
}

TEST(PiecesAreCollectedInOrder) {
  for (const size_t threads : {1u, 2u, 3u, 8u}) {
    for (const uint64_t count : {0u, 1u, 3u, 500u}) {
      Within(std::to_string(threads) + " threads", [&] {
        const std::vector<uint64_t> squares = Squares(count, threads);
        CHECK_EQ(squares.size(), count);
        for (uint64_t i = 0; i < count; ++i) CHECK_EQ(squares[i], i * i);
      });
    }
  }
}

// Where it did not, this would wait for ever.
TEST(TwoPiecesAreWorkedOnAtATime) {
  std::promise<void> begun[2];
  size_t next = 0;
  size_t collected = 0;
  OrderedPipeline pipeline({[&](size_t) { return next++ < 2; },
                            [&](size_t slot) {
                              begun[slot].set_value();
                              begun[1 - slot].get_future().wait();
                            },
                            [&](size_t) { return ++collected > 0; }});
  pipeline.Run(2);
  CHECK_EQ(collected, 2u);
}

std::string WhatIsThrown(size_t threads, const char* stage) {
  const auto throw_in = [&](const std::string& here, size_t piece) {
    if (here == stage && piece == 20) throw std::runtime_error(here);
  };
  size_t next = 0;
  std::vector<size_t> pieces(4);
  OrderedPipeline pipeline({[&](size_t slot) {
                              throw_in("read", next);
                              pieces[slot] = next++;
                              return true;  // it never ends by itself
                            },
                            [&](size_t slot) { throw_in("work", pieces[slot]); },
                            [&](size_t slot) {
                              throw_in("collect", pieces[slot]);
                              CHECK(pieces[slot] < 20);
                              return true;
                            }});
  try {
    pipeline.Run(threads);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "nothing";
}

TEST(ExceptionsReachTheCaller) {
  for (const size_t threads : {1u, 2u, 4u}) {
    for (const char* stage : {"read", "work", "collect"}) CHECK_EQ(WhatIsThrown(threads, stage), std::string(stage));
  }
}

TEST(NothingGoesOnOnceNoMoreIsWanted) {
  for (const size_t threads : {1u, 2u, 4u}) {
    size_t read = 0;
    size_t collected = 0;
    OrderedPipeline pipeline(
        {[&](size_t) { return ++read > 0; }, [](size_t) {}, [&](size_t) { return ++collected < 10; }});
    pipeline.Run(threads);
    CHECK_EQ(collected, 10u);
    CHECK(read >= 10 && read <= 14);
  }
}

}  // namespace
}  // namespace tracesmith::test
