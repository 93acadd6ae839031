#include "profile/cpu_profiles.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "check.h"
#include "chrome_json/event_reader.h"
#include "chrome_json/text_scanner.h"
#include "chrome_json/json_cursor.h"

namespace tracesmith::test {
namespace {

struct ArgSink : NullSink {
  void Reset() {}
};

// A text that comes `piece` bytes at a time.
TextSource PiecesOf(const std::string& text, size_t piece) {
  return [&text, piece, at = size_t{0}](uint8_t* to, size_t capacity) mutable {
    const size_t count = std::min({piece, capacity, text.size() - at});
    std::memcpy(to, text.data() + at, count);
    at += count;
    return count;
  };
}

// The profiles as lines of "pid/tid", then samples as "ns:outer>inner".
std::string Show(const CpuProfiles& profiles, const ProcessTable& process_table) {
  std::string text;
  for (const CpuProfile& profile : profiles.profiles()) {
    const ProcessTable::Thread& thread = process_table.threads()[profile.thread];
    text += process_table.processes()[thread.process].id.text + "/" + thread.id.text;
    for (size_t i = 0; i < profile.times.size(); ++i) {
      std::string stack;
      for (uint32_t at = profile.sampled[i]; at != kNoNode; at = profile.nodes[at].parent) {
        const ProfileFrame& frame = profiles.frame(profile.nodes[at].frame);
        std::string shown(profiles.text(frame.function));
        if (frame.file != 0) shown += "@" + std::string(profiles.text(frame.file));
        if (frame.line != 0) shown += ":" + std::to_string(frame.line);
        stack = shown + (stack.empty() ? "" : ">" + stack);
      }
      text += " " + std::to_string(profile.times[i]) + "=" + stack;
    }
    text += "\n";
  }
  for (const Finding& finding : profiles.findings().list()) {
    text += std::string(finding.reason) + " x" + std::to_string(finding.count) + "\n";
  }
  return text;
}

std::string ReadFile(const std::string& text, size_t piece = SIZE_MAX) {
  ProcessTable process_table;
  CpuProfiles profiles(process_table);
  JsonCursor json(PiecesOf(text, piece));
  const bool has_nodes = profiles.ReadFile(&json, "a.cpuprofile");
  profiles.Finish();
  return has_nodes ? Show(profiles, process_table) : "no nodes";
}

std::string ReadProfileEvents(const std::string& events) {
  ProcessTable process_table;
  CpuProfiles profiles(process_table);
  const std::string text = "[" + events + "]";
  TextScanner scanner(
      [source = PiecesOf(text, SIZE_MAX)](uint8_t* to, size_t capacity) mutable { return source(to, capacity); },
      TextScanner::Options());
  EventReader reader;
  ArgSink sink;
  TextBlock block;
  std::string refused;
  while (scanner.Next(&block)) {
    reader.Read(block, &sink, [&](const ChromeEvent& event) {
      if (!profiles.AddEvent(event)) refused += "refused " + std::string(event.name) + "\n";
    });
  }
  profiles.Finish();
  return refused + Show(profiles, process_table);
}

std::string ProfileEvent(const std::string& name, int tid, int ts, const std::string& id, const std::string& data) {
  return "{\"ph\":\"P\",\"pid\":7,\"tid\":" + std::to_string(tid) + ",\"ts\":" + std::to_string(ts) + ",\"id\":\"" + id +
         "\",\"name\":\"" + name + "\",\"args\":{\"data\":" + data + "}}";
}

std::string Chunk(int ts, const std::string& id, const std::string& nodes, const std::string& samples,
                  const std::string& deltas) {
  return ProfileEvent("ProfileChunk", 99, ts, id,
               "{\"cpuProfile\":{\"nodes\":[" + nodes + "],\"samples\":[" + samples + "]},\"timeDeltas\":[" + deltas +
                   "],\"lines\":[0]}");
}

std::string Node(int id, const std::string& name, const std::string& more) {
  return "{\"id\":" + std::to_string(id) + ",\"callFrame\":{\"functionName\":\"" + name + "\"}" + more + "}";
}

TEST(AFileIsReadInPiecesOfAnySize) {
  const std::string text =
      "\n {\"nodes\":[{\"id\":1,\"callFrame\":{\"functionName\":\"(root)\",\"url\":\"\",\"lineNumber\":-1},\"children\":[2]},"
      "{\"id\":2,\"callFrame\":{\"functionName\":\"\",\"scriptId\":\"5\",\"url\":\"file:///\\u00e4 \\\"b\\\".js\",\"lineNumber\":0},"
      "\"positionTicks\":[{\"line\":1,\"ticks\":[2]}],\"children\":[3]}," +
      Node(3, "f", "") + "],\"startTime\":1000,\"endTime\":2000,\"x\":{\"a\":[\"]\"]},\"samples\":[1,3,2],\"timeDeltas\":[5,100.5,-50]}";
  for (const size_t piece : {size_t{1}, size_t{7}, SIZE_MAX}) {
    CHECK_EQ(ReadFile(text, piece),
             "1/1 1005000=(root) 1055500=(root)>(anonymous)@file:///\xc3\xa4 \"b\".js:1"
             " 1105500=(root)>(anonymous)@file:///\xc3\xa4 \"b\".js:1>f\n");
  }
}

TEST(KeysOfAFileMayComeInAnyOrder) {
  CHECK_EQ(ReadFile("{\"timeDeltas\":[1,2],\"samples\":[1,1],\"startTime\":10,\"nodes\":[" + Node(1, "f", "") + "]}"),
           "1/1 11000=f 13000=f\n");
}

TEST(ADamagedFileIsReadAsFarAsItGoes) {
  const std::string text = "{\"nodes\":[" + Node(1, "f", "") + "],\"startTime\":10,\"samples\":[1,1,1],\"timeDeltas\":[1,2,3]}";
  for (size_t size = 0; size < text.size(); ++size) ReadFile(text.substr(0, size), 3);
  CHECK_EQ(ReadFile(text.substr(0, text.size() - 4)),
           "1/1 11000=f 13000=f 13000=f\n"
           "samples without timeDeltas: at the time of the one before x1\n"
           "the text ends before the profile does x1\n");
  CHECK_EQ(ReadFile("{\"nodes\":[5,{\"id\":{}},:],\"samples\":[:,}]"), "no nodes");
}

TEST(ChunksBelongToTheThreadOfTheirProfile) {
  CHECK_EQ(ReadProfileEvents(ProfileEvent("Profile", 8, 100, "0x1", "{\"startTime\":100}") + "," +
                             ProfileEvent("Profile", 9, 100, "0x2", "{\"startTime\":101}") + "," +
                             Chunk(200, "0x2", Node(1, "b", ""), "1", "9") + "," +
                             Chunk(300, "0x1", Node(1, "a", "") + "," + Node(2, "aa", ",\"parent\":1"), "1,2", "10,20") + "," +
                             Chunk(400, "0x1", Node(3, "aaa", ",\"parent\":2"), "3", "5")),
           "7/8 110000=a 130000=a>aa 135000=a>aa>aaa\n"
           "7/9 110000=b\n");
}

TEST(ChunksMayComeInAnyOrder) {
  CHECK_EQ(ReadProfileEvents(Chunk(400, "1", Node(2, "b", ",\"parent\":1"), "2", "5") + "," +
                             Chunk(300, "1", Node(1, "a", ""), "1", "10") + "," + ProfileEvent("Profile", 8, 100, "1", "{\"startTime\":100}")),
           "7/8 110000=a 115000=a>b\n");
}

TEST(AProfileInOneEventIsRead) {
  CHECK_EQ(ReadProfileEvents(ProfileEvent("CpuProfile", 8, 500, "1",
                                          "{\"startTime\":100,\"cpuProfile\":{\"nodes\":[" + Node(1, "a", "") +
                                "],\"samples\":[1],\"timeDeltas\":[1]}}") +
                      "," + ProfileEvent("Sample", 8, 1, "1", "{}")),
           "refused Sample\n7/8 101000=a\n");
}

TEST(WhatFitsNothingIsNoted) {
  CHECK_EQ(ReadProfileEvents(Chunk(300, "1", Node(1, "a", ",\"parent\":2") + "," + Node(2, "b", ",\"parent\":1"), "1,77,2,2", "1,1,-400000,1")),
           "7/99 301000=b>a\n"
           "a CPU profile without startTime: it begins with its first event x1\n"
           "chunks of a CPU profile without its beginning: the thread is that of the first x1\n"
           "nodes that call each other in a circle x1\n"
           "a sample below 0 x2\n"
           "a sample of an unknown node x1\n");
}

TEST(TheBeginningTellsProfilesFromTraces) {
  const auto is_profile = [](const std::string& text) {
    return CpuProfiles::IsProfile(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  };
  CHECK_EQ(is_profile("\n{ \"nodes\": ["), true);
  CHECK_EQ(is_profile("{\"title\":\"x\",\"startTime\":1,\"endTime\":2,\"samples\":[1,2"), true);
  CHECK_EQ(is_profile("{\"traceEvents\":[{\"nodes\":["), false);
  CHECK_EQ(is_profile("{\"samples\":[],\"traceEvents\":["), false);
  CHECK_EQ(is_profile("{\"a\":1}"), false);
  CHECK_EQ(is_profile("[{\"nodes\":["), false);
  CHECK_EQ(is_profile(""), false);
}

}  // namespace
}  // namespace tracesmith::test
