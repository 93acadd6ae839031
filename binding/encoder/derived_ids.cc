#include "encoder/derived_ids.h"

#include <cstddef>

namespace tracesmith {
namespace {

// FNV-1a.
class Hash {
 public:
  void Add(std::string_view text) {
    for (const char byte : text) state_ = (state_ ^ static_cast<uint8_t>(byte)) * kPrime;
    Add(text.size());
  }
  void Add(uint64_t number) {
    for (int i = 0; i < 64; i += 8) state_ = (state_ ^ (number >> i & 0xff)) * kPrime;
  }
  // FNV leaves the bits of the last bytes close to each other.
  uint64_t value() const {
    const uint64_t mixed = (state_ ^ state_ >> 32) * 0x9e3779b97f4a7c15;
    return mixed ^ mixed >> 29;
  }

 private:
  static constexpr uint64_t kPrime = 0x100000001b3;
  uint64_t state_ = 0xcbf29ce484222325;
};

}  // namespace

uint64_t DerivedIds::OfProcess(int64_t pid, std::string_view name) {
  constexpr uint64_t kLeast = uint64_t{1} << 40;
  Hash hash;
  hash.Add(static_cast<uint64_t>(pid));
  hash.Add(name);
  return kLeast + hash.value() % kLeast;
}

uint64_t DerivedIds::HashOf(const EventTable& table, uint32_t seed) {
  Hash hash;
  hash.Add(seed);
  const auto text = [&](uint64_t id) { return id == 0 ? std::string_view() : table.strings()[static_cast<uint32_t>(id)]; };
  // Tracks behind the first event may come in a later batch, and when a batch is sent may depend on time.
  size_t tracks = table.tracks().size();
  if (!table.events().empty()) {
    const Event& first = table.events()[0];
    hash.Add(first.time);
    hash.Add(static_cast<uint64_t>(first.kind));
    hash.Add(text(first.name));
    tracks = first.track + size_t{1};
  }
  for (size_t t = 0; t < tracks; ++t) {
    const Track& track = table.tracks()[t];
    hash.Add(text(track.name));
    for (uint32_t i = track.attr_begin; i < track.attr_end; ++i) {
      const Attr& attr = table.attrs()[i];
      hash.Add(attr.key);
      if (attr.type == AttrType::kText) hash.Add(text(attr.value));
      else hash.Add(attr.value);
    }
  }
  return hash.value();
}

}  // namespace tracesmith
