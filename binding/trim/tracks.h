#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/flat_map.h"
#include "proto/field_reader.h"

namespace tracesmith::trim {

// The process and thread that a track lies in.
struct Owner {
  bool has_pid = false;
  bool has_tid = false;
  int64_t pid = 0;
  int64_t tid = 0;
  std::string process;
  std::string thread;
};

// The tracks of a trace, each with a number: those that descriptors name by a uuid, and those that older events name by
// a thread or an id. The twin of Tracks in lib/trim.
class Tracks {
 public:
  uint32_t OfUuid(uint64_t uuid);
  // Of a thread that events without a uuid belong to.
  uint32_t OfThread(int64_t pid, int64_t tid);
  // Of anything else that has a name. It lies in the process, unless `pid` is null.
  uint32_t OfText(const std::string& text, const int64_t* pid);
  size_t size() const { return tracks_.size(); }

  // These learn from a TrackDescriptor, ProcessDescriptor or ThreadDescriptor.
  void Learn(ByteSpan descriptor, std::string* damage);
  void LearnProcess(ByteSpan descriptor, std::string* damage);
  void LearnThread(ByteSpan descriptor, std::string* damage);

  // Whether the values of a counter are differences from the one before.
  bool IsIncremental(uint32_t track) const;
  // The caller must not ask before all descriptors were read.
  Owner OwnerOf(uint32_t track) const;

 private:
  struct Descriptor {
    bool has_parent = false;
    bool has_pid = false;
    bool has_tid = false;
    bool is_incremental = false;
    uint64_t uuid = 0;
    uint64_t parent = 0;
    int64_t pid = 0;
    int64_t tid = 0;
    ByteSpan process_name;
    ByteSpan thread_name;
  };
  struct Track {
    bool has_uuid = false;
    bool has_pid = false;
    bool has_tid = false;
    uint64_t uuid = 0;
    int64_t pid = 0;
    int64_t tid = 0;
  };

  static void ReadProcess(FieldReader fields, Descriptor* found);
  static void ReadThread(FieldReader fields, Descriptor* found);
  void LearnNames(const Descriptor& found);
  static std::string ThreadKey(int64_t pid, int64_t tid) { return std::to_string(pid) + ' ' + std::to_string(tid); }

  std::vector<Track> tracks_;
  FlatMap<uint32_t> by_uuid_;
  std::unordered_map<std::string, uint32_t> by_text_;
  FlatMap<Descriptor> descriptors_;
  std::unordered_map<int64_t, std::string> process_names_;
  std::unordered_map<std::string, std::string> thread_names_;
};

}  // namespace tracesmith::trim
