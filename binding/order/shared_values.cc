#include "order/shared_values.h"

#include <tuple>
#include <utility>

namespace tracesmith {
namespace {

// Many more than traces have that are not made to have many.
constexpr size_t kLarge = 65'536;
// A power of two; more places than most traces have configurations.
constexpr size_t kRecentLaunches = 1024;

}  // namespace

size_t LaunchHash::operator()(const LaunchWords& words) const {
  // Independent multiplications run side by side, where a chain such as FNV's would wait for each.
  static_assert(kLaunchWords == 9);
  const auto pair = [&](size_t i) { return words[i] | (uint64_t{words[i + 1]} << 32); };
  const uint64_t hash = (pair(0) * 0x9e3779b97f4a7c15) ^ (pair(2) * 0xc2b2ae3d27d4eb4f) ^
                        (pair(4) * 0x165667b19e3779f9) ^ (pair(6) * 0x27d4eb2f165667c5) ^
                        (words[8] * 0x85ebca77c2b2ae63);
  return static_cast<size_t>(hash ^ (hash >> 29));
}

bool Frame::operator<(const Frame& other) const {
  return std::tie(function_name, file_name, line, address) <
         std::tie(other.function_name, other.file_name, other.line, other.address);
}

uint32_t SharedValues::AddLaunch(const LaunchWords& words) {
  // A table without collision handling in front of the map answers nearly always, and in one look.
  if (recent_launches_.empty()) recent_launches_.resize(kRecentLaunches);
  RecentLaunch& recent = recent_launches_[LaunchHash()(words) % kRecentLaunches];
  if (recent.index_plus_one != 0 && recent.words == words) return recent.index_plus_one - 1;
  const auto [entry, is_new] = launch_indices_.try_emplace(words, static_cast<uint32_t>(launches_.size()));
  if (is_new) launches_.push_back(words);
  recent = {words, entry->second + 1};
  return entry->second;
}

uint32_t SharedValues::AddFrame(const Frame& frame) {
  const auto [entry, is_new] = frame_indices_.try_emplace(frame, static_cast<uint32_t>(frames_.size()));
  if (is_new) frames_.push_back(frame);
  return entry->second;
}

uint32_t SharedValues::AddCallStack(CallStack stack) {
  const auto [entry, is_new] = call_stack_indices_.try_emplace(stack, static_cast<uint32_t>(call_stacks_.size()));
  if (is_new) call_stacks_.push_back(std::move(stack));
  return entry->second;
}

bool SharedValues::IsLarge() const {
  return launches_.size() > kLarge || frames_.size() > kLarge || call_stacks_.size() > kLarge;
}

}  // namespace tracesmith
