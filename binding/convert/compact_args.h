#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "batch/layout.h"
#include "base/pod_vector.h"
#include "chrome_json/json_text.h"
#include "convert/text_pool.h"

namespace tracesmith {

// Numbers in a record, as varints.
namespace compact {

constexpr size_t kMaxVarInt = 10;

inline uint8_t* PutVarInt(uint8_t* at, uint64_t value) {
  for (; value >= 128; value >>= 7) *at++ = static_cast<uint8_t>(value | 128);
  *at++ = static_cast<uint8_t>(value);
  return at;
}

// Moves behind the number.
inline uint64_t ReadVarInt(const uint8_t** at) {
  uint64_t value = 0;
  unsigned shift = 0;
  uint8_t byte;
  do {
    byte = *(*at)++;
    value |= uint64_t{byte & 127u} << shift;
    shift += 7;
  } while (byte >= 128);
  return value;
}

// Zigzag: small numbers of both signs become small.
inline uint64_t FromSigned(int64_t value) {
  return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
}
inline uint64_t ToSigned(uint64_t value) { return value >> 1 ^ (0 - (value & 1)); }

}  // namespace compact

// Problem: arguments are most of a trace, and are kept until it is sorted. An ArgRecorder is the sink of an EventReader
// that writes the arguments of events in a compact form, one event behind the other.
//
// An argument is a varint with the type in its lower five bits and above them 0 for no key, 1 for a key that follows as
// a text, or the key's id plus one; then the value. A text is its id in the pool, or 0 and its size and bytes.
//
// It owns the bytes; the pool is the caller's. One thread at a time may use it.
class ArgRecorder {
 public:
  explicit ArgRecorder(TextPool& texts) : texts_(texts) {}

  // Forgets the arguments of this event.
  void Reset() {
    bytes_.Truncate(begin_);
    open_.Truncate(0);
    last_key_ = 0;
  }
  // The arguments of this event.
  const uint8_t* data() const { return bytes_.begin() + begin_; }
  size_t size() const { return bytes_.size() - begin_; }
  // Makes room for other bytes in front of them.
  uint8_t* InsertInFront(size_t size) {
    const size_t old_size = this->size();
    bytes_.Extend(size);
    uint8_t* at = bytes_.begin() + begin_;
    std::memmove(at + size, at, old_size);
    return at;
  }
  // Puts other bytes in the place of the arguments.
  void Replace(const uint8_t* bytes, size_t size) {
    Reset();
    std::memcpy(bytes_.Extend(size), bytes, size);
  }
  // Begins the next event; returns the position of this one in all bytes.
  size_t Keep() { return std::exchange(begin_, bytes_.size()); }
  // Swaps all bytes with those of the caller, and continues behind them.
  void ExchangeBytes(PodVector<uint8_t>* bytes) {
    std::swap(bytes_, *bytes);
    begin_ = bytes_.size();
  }

  void Int(std::string_view key, int64_t value) { Number(key, AttrType::kInt, compact::FromSigned(value)); }
  void Uint(std::string_view key, uint64_t value) { Number(key, AttrType::kUint, value); }
  void Bool(std::string_view key, bool value) { Number(key, AttrType::kBool, value ? 1 : 0); }
  void Double(std::string_view key, double value) {
    Head(key, AttrType::kDouble);
    std::memcpy(bytes_.Extend(sizeof(value)), &value, sizeof(value));
  }
  void Text(std::string_view key, std::string_view value) {
    Head(key, AttrType::kText);
    PutText(value);
  }
  // Without the blanks between its tokens.
  void JsonText(std::string_view key, std::string_view json) {
    compact_.Truncate(0);
    compact_.Reserve(json.size());
    bool in_string = false;
    for (size_t i = 0; i < json.size(); ++i) {
      const char character = json[i];
      if (character == '"') in_string = !in_string;
      if (!in_string && IsJsonSpace(static_cast<uint8_t>(character))) continue;
      compact_.Add(character);
      if (in_string && character == '\\' && i + 1 < json.size()) compact_.Add(json[++i]);
    }
    Text(key, {compact_.begin(), compact_.size()});
  }
  void Null(std::string_view) {}
  void BeginDict(std::string_view key) { Begin(key, AttrType::kDict); }
  void EndDict() { End("{}"); }
  void BeginArray(std::string_view key) { Begin(key, AttrType::kArray); }
  void EndArray() { End("[]"); }

 private:
  struct Open {
    size_t head;
    size_t content;
    AttrType type;
  };

  void Begin(std::string_view key, AttrType type) {
    const size_t head = bytes_.size();
    Head(key, type);
    open_.Add({head, bytes_.size(), type});
  }
  // An empty array or object is no argument; but as an element of an array it must count for the indexes of the
  // elements behind it, so it becomes JSON.
  void End(std::string_view empty) {
    const Open ended = open_[open_.size() - 1];
    open_.Truncate(open_.size() - 1);
    const bool is_element = !open_.empty() && open_[open_.size() - 1].type == AttrType::kArray;
    if (ended.content != bytes_.size() || !is_element) return Head({}, AttrType::kEnd);
    bytes_.Truncate(ended.head);
    Head({}, AttrType::kJson);
    PutText(empty);
  }
  void Number(std::string_view key, AttrType type, uint64_t value) {
    Head(key, type);
    PutVarInt(value);
  }
  void Head(std::string_view key, AttrType type) {
    if (key.data() == nullptr) return PutVarInt(static_cast<uint64_t>(type));
    const uint32_t id = KeyId(key);
    PutVarInt((uint64_t{id == 0 ? 1 : id + 1} << 5) | static_cast<uint64_t>(type));
    if (id == 0) PutBytes(key);
  }
  // Keys mostly follow each other as they did before, and comparing a text is faster than looking it up.
  uint32_t KeyId(std::string_view key) {
    uint32_t& follower = followers_[(last_key_ * 8 + key.size()) % kFollowers];
    if (follower == 0 || !texts_.Is(follower, key)) follower = texts_.IdOf(key);
    return last_key_ = follower;
  }
  void PutText(std::string_view text) {
    const uint32_t id = texts_.IdOf(text);
    PutVarInt(id);
    if (id == 0) PutBytes(text);
  }
  void PutVarInt(uint64_t value) {
    const size_t size = bytes_.size();
    uint8_t* at = bytes_.Extend(compact::kMaxVarInt);
    bytes_.Truncate(size + static_cast<size_t>(compact::PutVarInt(at, value) - at));
  }
  void PutBytes(std::string_view text) {
    PutVarInt(text.size());
    if (!text.empty()) std::memcpy(bytes_.Extend(text.size()), text.data(), text.size());
  }

  static constexpr size_t kFollowers = 512;

  TextPool& texts_;
  uint32_t last_key_ = 0;
  uint32_t followers_[kFollowers] = {};  // ids, by the id of the key before and the length; 0: none
  PodVector<uint8_t> bytes_;
  size_t begin_ = 0;  // of this event
  PodVector<Open> open_;
  PodVector<char> compact_;
};

// A text in a record: an id of the pool, or the text itself.
struct CompactText {
  uint32_t id;
  std::string_view text;  // if the id is 0
};

inline std::string_view TextIn(const TextPool& texts, const CompactText& text) {
  return text.id != 0 ? texts[text.id] : text.text;
}

struct CompactArg {
  AttrType type = AttrType::kEnd;
  CompactText key{};   // none if the id is 0 and the text has no data
  CompactText text{};  // of kText and kJson
  uint64_t value = 0;  // of all other types: the bits; 0 for arrays, objects and their ends
};

// Reads the arguments of an ArgRecorder.
class ArgCursor {
 public:
  ArgCursor(const uint8_t* begin, const uint8_t* end) : at_(begin), end_(end) {}

  // Behind the last argument that was read.
  const uint8_t* at() const { return at_; }

  bool Next(CompactArg* arg) {
    if (at_ == end_) return false;
    const uint64_t head = compact::ReadVarInt(&at_);
    arg->type = static_cast<AttrType>(head & 31);
    arg->key = ReadText(head >> 5);
    switch (arg->type) {
      case AttrType::kText:
      case AttrType::kJson:
        arg->text = ReadText(compact::ReadVarInt(&at_) + 1);
        break;
      case AttrType::kDouble:
        std::memcpy(&arg->value, at_, sizeof(arg->value));
        at_ += sizeof(arg->value);
        break;
      case AttrType::kDict:
      case AttrType::kArray:
      case AttrType::kEnd:
        arg->value = 0;
        break;
      case AttrType::kInt:
        arg->value = compact::ToSigned(compact::ReadVarInt(&at_));
        break;
      default:
        arg->value = compact::ReadVarInt(&at_);
    }
    return true;
  }

 private:
  // `number` is 0 for no text, 1 for a text that follows, or an id plus one.
  CompactText ReadText(uint64_t number) {
    if (number != 1) return {number == 0 ? 0 : static_cast<uint32_t>(number - 1), {}};
    const auto size = static_cast<size_t>(compact::ReadVarInt(&at_));
    const std::string_view text(reinterpret_cast<const char*>(at_), size);
    at_ += size;
    return {0, text};
  }

  const uint8_t* at_;
  const uint8_t* end_;
};

}  // namespace tracesmith
