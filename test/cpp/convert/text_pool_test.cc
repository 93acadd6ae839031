// A text has one id, whichever threads ask for it, and none once it was refused.
#include "convert/text_pool.h"

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "check.h"

namespace tracesmith::test {
namespace {

std::string TextOf(size_t index) { return "text " + std::to_string(index) + std::string(index % 40, '.'); }

// What each thread got for each text, all of them asked for by every thread, in an order of its own.
std::vector<std::vector<uint32_t>> AskFromThreads(TextPool* pool, size_t texts, size_t threads) {
  std::vector<std::vector<uint32_t>> ids(threads, std::vector<uint32_t>(texts));
  std::atomic<size_t> ready{0};
  std::vector<std::thread> all;
  for (size_t thread = 0; thread < threads; ++thread) {
    all.emplace_back([&, thread] {
      std::vector<size_t> order(texts);
      for (size_t i = 0; i < texts; ++i) order[i] = i;
      std::shuffle(order.begin(), order.end(), std::mt19937(static_cast<uint32_t>(thread)));
      // So that all begin together.
      ++ready;
      while (ready != threads) std::this_thread::yield();
      for (const size_t text : order) ids[thread][text] = pool->IdOf(TextOf(text));
    });
  }
  for (std::thread& thread : all) thread.join();
  return ids;
}

TEST(TextsComeBack) {
  TextPool pool;
  const std::vector<std::string> texts = {"", "a", "b", "abcdefg", "abcdefgh",
                                          std::string(33, 'x'), std::string(TextPool::kMaxLength, 'y')};
  for (size_t i = 0; i < texts.size(); ++i) CHECK_EQ(pool.IdOf(texts[i]), i + 1);
  for (size_t i = 0; i < texts.size(); ++i) {
    CHECK_EQ(pool.IdOf(texts[i]), i + 1);
    CHECK_EQ(std::string(pool[static_cast<uint32_t>(i + 1)]), texts[i]);
    CHECK(pool.Is(static_cast<uint32_t>(i + 1), texts[i]));
    CHECK(!pool.Is(static_cast<uint32_t>(i + 1), texts[i] + "z"));
  }
  CHECK_EQ(pool.IdOf(std::string(TextPool::kMaxLength + 1, 'y')), 0u);
  CHECK_EQ(pool.size(), texts.size());
}

TEST(ThreadsAgreeOnIds) {
  constexpr size_t kTexts = 20'000;
  TextPool pool;
  const auto ids = AskFromThreads(&pool, kTexts, 4);
  CHECK_EQ(pool.size(), kTexts);
  for (size_t text = 0; text < kTexts; ++text) {
    for (const auto& of_thread : ids) CHECK_EQ(of_thread[text], ids[0][text]);
    CHECK_EQ(std::string(pool[ids[0][text]]), TextOf(text));
  }
}

TEST(ThreadsAgreeOnWhatIsRefused) {
  constexpr size_t kTexts = TextPool::kMaxTexts + 20'000;
  TextPool pool;
  const auto ids = AskFromThreads(&pool, kTexts, 3);
  CHECK_EQ(pool.size(), TextPool::kMaxTexts);
  size_t refused = 0;
  for (size_t text = 0; text < kTexts; ++text) {
    for (const auto& of_thread : ids) CHECK_EQ(of_thread[text], ids[0][text]);
    CHECK_EQ(pool.IdOf(TextOf(text)), ids[0][text]);
    refused += ids[0][text] == 0 ? 1 : 0;
    if (ids[0][text] != 0) CHECK_EQ(std::string(pool[ids[0][text]]), TextOf(text));
  }
  CHECK_EQ(refused, kTexts - TextPool::kMaxTexts);
}

TEST(LongTextsFillItToo) {
  TextPool pool;
  size_t kept = 0;
  for (size_t i = 0; i < 20'000; ++i) {
    if (pool.IdOf(std::to_string(i) + std::string(900, 'x')) != 0) ++kept;
  }
  CHECK(kept > 5000 && kept < 20'000);
  CHECK_EQ(pool.size(), kept);
  CHECK_EQ(pool.IdOf("short"), 0u);
}

}  // namespace
}  // namespace tracesmith::test
