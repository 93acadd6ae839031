#include "trim/tracks.h"

namespace tracesmith::trim {
namespace {

// A chain of parents that is longer is taken for a circle.
constexpr int kMaxDepth = 64;

}  // namespace

uint32_t Tracks::OfUuid(uint64_t uuid) {
  const auto next = static_cast<uint32_t>(tracks_.size());
  uint32_t& track = by_uuid_[uuid];  // 0 or the number behind
  if (track == 0) {
    Track& added = tracks_.emplace_back();
    added.has_uuid = true;
    added.uuid = uuid;
    track = next + 1;
  }
  return track - 1;
}

uint32_t Tracks::OfThread(int64_t pid, int64_t tid) {
  const uint32_t track = OfText("thread " + ThreadKey(pid, tid), &pid);
  tracks_[track].has_tid = true;
  tracks_[track].tid = tid;
  return track;
}

uint32_t Tracks::OfText(const std::string& text, const int64_t* pid) {
  const auto [found, is_new] = by_text_.try_emplace(text, static_cast<uint32_t>(tracks_.size()));
  if (is_new) {
    Track& track = tracks_.emplace_back();
    track.has_pid = pid != nullptr;
    if (pid != nullptr) track.pid = *pid;
  }
  return found->second;
}

void Tracks::ReadProcess(FieldReader fields, Descriptor* found) {
  while (fields.Next()) {
    if (fields.field() == 1) {
      found->pid = fields.Signed();
      found->has_pid = true;
    } else if (fields.field() == 6) {
      found->process_name = fields.Data();
    }
  }
}

void Tracks::ReadThread(FieldReader fields, Descriptor* found) {
  while (fields.Next()) {
    if (fields.field() == 1) {
      found->pid = fields.Signed();
      found->has_pid = true;
    } else if (fields.field() == 2) {
      found->tid = fields.Signed();
      found->has_tid = true;
    } else if (fields.field() == 5) {
      found->thread_name = fields.Data();
    }
  }
}

void Tracks::Learn(ByteSpan descriptor, std::string* damage) {
  Descriptor found;
  bool has_counter = false;
  FieldReader fields(descriptor, damage);
  while (fields.Next()) {
    switch (fields.field()) {
      case 1:
        found.uuid = fields.Integer();
        break;
      case 3:
        ReadProcess(fields.Message(), &found);
        break;
      case 4:
        ReadThread(fields.Message(), &found);
        break;
      case 5:
        found.parent = fields.Integer();
        found.has_parent = true;
        break;
      case 8: {
        FieldReader counter = fields.Message();
        while (counter.Next()) {
          if (counter.field() != 5) continue;
          found.is_incremental = counter.Integer() != 0;
          has_counter = true;
        }
        break;
      }
    }
  }
  LearnNames(found);
  // What a later descriptor leaves out stays as it was.
  Descriptor& known = descriptors_[found.uuid];
  if (found.has_parent) {
    known.parent = found.parent;
    known.has_parent = true;
  }
  if (found.has_pid) {
    known.pid = found.pid;
    known.has_pid = true;
  }
  if (found.has_tid) {
    known.tid = found.tid;
    known.has_tid = true;
  }
  if (has_counter) known.is_incremental = found.is_incremental;
}

void Tracks::LearnProcess(ByteSpan descriptor, std::string* damage) {
  Descriptor found;
  ReadProcess(FieldReader(descriptor, damage), &found);
  LearnNames(found);
}

void Tracks::LearnThread(ByteSpan descriptor, std::string* damage) {
  Descriptor found;
  ReadThread(FieldReader(descriptor, damage), &found);
  LearnNames(found);
}

void Tracks::LearnNames(const Descriptor& found) {
  if (!found.has_pid) return;
  if (found.process_name.size() != 0) process_names_[found.pid] = found.process_name.text();
  if (found.has_tid && found.thread_name.size() != 0) {
    thread_names_[ThreadKey(found.pid, found.tid)] = found.thread_name.text();
  }
}

bool Tracks::IsIncremental(uint32_t track) const {
  if (!tracks_[track].has_uuid) return false;
  const Descriptor* const found = descriptors_.Find(tracks_[track].uuid);
  return found != nullptr && found->is_incremental;
}

Owner Tracks::OwnerOf(uint32_t number) const {
  const Track& track = tracks_[number];
  Owner owner;
  owner.has_pid = track.has_pid;
  owner.pid = track.pid;
  owner.has_tid = track.has_tid;
  owner.tid = track.tid;
  const Descriptor* at = track.has_uuid ? descriptors_.Find(track.uuid) : nullptr;
  for (int depth = 0; at != nullptr && depth < kMaxDepth; ++depth) {
    if (at->has_tid && !owner.has_tid) {
      owner.tid = at->tid;
      owner.has_tid = true;
    }
    if (at->has_pid) {
      owner.pid = at->pid;
      owner.has_pid = true;
      break;
    }
    at = at->has_parent ? descriptors_.Find(at->parent) : nullptr;
  }
  if (!owner.has_pid) return Owner();
  const auto process = process_names_.find(owner.pid);
  if (process != process_names_.end()) owner.process = process->second;
  if (!owner.has_tid) return owner;
  const auto thread = thread_names_.find(ThreadKey(owner.pid, owner.tid));
  if (thread != thread_names_.end()) owner.thread = thread->second;
  return owner;
}

}  // namespace tracesmith::trim
