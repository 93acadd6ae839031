#include <perfetto.h>

#include <cstring>
#include <map>
#include <optional>
#include <unordered_map>

#include "check.h"
#include "decoded_trace.h"
#include "proto/newer_fields.h"

namespace tracesmith::test {
namespace {

namespace pb = perfetto::protos::pbzero;

void Require(bool condition, const char* message) {
  if (!condition) throw Failure(std::string("the trace is not good: ") + message);
}

// A message whose decoder stopped early has bytes that are no field.
template <typename Decoder>
struct Whole : Decoder {
  explicit Whole(protozero::ConstBytes bytes) : Decoder(bytes) {
    Require(this->bytes_left() == 0, "a message is malformed");
  }
};

// One kind of interned strings.
class Strings {
 public:
  void Define(uint64_t iid, std::string text) {
    Require(iid != 0, "an iid is 0");
    Require(texts_.emplace(iid, std::move(text)).second, "an iid is defined twice");
  }
  const std::string& operator[](uint64_t iid) const {
    const auto found = texts_.find(iid);
    Require(found != texts_.end(), "an iid is used before it is defined");
    return found->second;
  }

 private:
  std::unordered_map<uint64_t, std::string> texts_;
};

// What SEQ_INCREMENTAL_STATE_CLEARED makes a reader forget.
struct SequenceState {
  Strings names, categories, argument_names, argument_texts, functions, files;
  std::map<uint64_t, DecodedFrame> frames;
  std::map<uint64_t, std::vector<DecodedFrame>> call_stacks;
  uint32_t default_clock = 0;
};

class TraceReader {
 public:
  DecodedTrace Run(const std::vector<uint8_t>& bytes) {
    pb::Trace::Decoder trace(bytes.data(), bytes.size());
    Require(trace.bytes_left() == 0, "it does not end with a packet");
    for (auto packet = trace.packet(); packet; ++packet) Read(Whole<pb::TracePacket::Decoder>(*packet));
    return std::move(trace_);
  }

 private:
  void Read(const pb::TracePacket::Decoder& packet) {
    Require(packet.trusted_packet_sequence_id() != 0, "a packet has no sequence");
    const uint32_t flags = packet.sequence_flags();
    if ((flags & pb::TracePacket::SEQ_INCREMENTAL_STATE_CLEARED) != 0) state_.emplace();
    const bool needs_state = (flags & pb::TracePacket::SEQ_NEEDS_INCREMENTAL_STATE) != 0;
    Require(!needs_state || state_.has_value(), "a packet needs state that was never started");
    if (packet.has_trace_packet_defaults()) {
      Require(state_.has_value(), "defaults come before the state that holds them");
      state_->default_clock = pb::TracePacketDefaults::Decoder(packet.trace_packet_defaults()).timestamp_clock_id();
    }
    if (packet.has_clock_snapshot()) ReadClocks(pb::ClockSnapshot::Decoder(packet.clock_snapshot()));
    if (packet.has_interned_data()) ReadInterned(Whole<pb::InternedData::Decoder>(packet.interned_data()));
    if (packet.has_track_descriptor()) ReadTrack(Whole<pb::TrackDescriptor::Decoder>(packet.track_descriptor()));
    if (packet.has_track_event()) {
      DecodedEvent event;
      event.time = TimeOf(packet);
      Whole<pb::TrackEvent::Decoder> decoder(packet.track_event());
      needs_state_ = needs_state;
      ReadEvent(decoder, &event);
      trace_.events.push_back(std::move(event));
    }
  }

  void ReadClocks(const pb::ClockSnapshot::Decoder& snapshot) {
    uint64_t boot_time = 0;
    for (auto it = snapshot.clocks(); it; ++it) {
      const pb::ClockSnapshot::Clock::Decoder clock(*it);
      if (clock.clock_id() == pb::BUILTIN_CLOCK_BOOTTIME) boot_time = clock.timestamp();
      if (!clock.is_incremental()) continue;
      incremental_clock_ = clock.clock_id();
      incremental_time_ = clock.timestamp();
    }
    // Times of the two clocks are compared as they are, which holds only where they start together.
    Require(incremental_clock_ == 0 || incremental_time_ == boot_time, "the clocks do not start together");
  }

  uint64_t TimeOf(const pb::TracePacket::Decoder& packet) {
    Require(packet.has_timestamp(), "an event has no time");
    uint32_t clock = packet.timestamp_clock_id();
    if (clock == 0 && state_.has_value()) clock = state_->default_clock;
    if (clock == 0 || clock == pb::BUILTIN_CLOCK_BOOTTIME) return packet.timestamp();
    Require(clock == incremental_clock_, "an event has an unknown clock");
    incremental_time_ += packet.timestamp();
    return incremental_time_;
  }

  void ReadInterned(const pb::InternedData::Decoder& data) {
    Require(state_.has_value(), "interned data comes before the state that holds it");
    SequenceState& state = *state_;
    const auto read_names = [](auto it, auto tag, Strings* strings) {
      using Decoder = typename decltype(tag)::Decoder;
      for (; it; ++it) {
        const auto entry = Whole<Decoder>(*it);
        strings->Define(entry.iid(), entry.name().ToStdString());
      }
    };
    struct EventNames { using Decoder = pb::EventName::Decoder; };
    struct Categories { using Decoder = pb::EventCategory::Decoder; };
    struct ArgumentNames { using Decoder = pb::DebugAnnotationName::Decoder; };
    read_names(data.event_names(), EventNames(), &state.names);
    read_names(data.event_categories(), Categories(), &state.categories);
    read_names(data.debug_annotation_names(), ArgumentNames(), &state.argument_names);
    const auto read_texts = [](auto it, Strings* strings) {
      for (; it; ++it) {
        const auto entry = Whole<pb::InternedString::Decoder>(*it);
        strings->Define(entry.iid(), entry.str().ToStdString());
      }
    };
    read_texts(data.debug_annotation_string_values(), &state.argument_texts);
    read_texts(data.function_names(), &state.functions);
    read_texts(data.source_paths(), &state.files);
    for (auto it = data.frames(); it; ++it) {
      auto entry = Whole<pb::Frame::Decoder>(*it);
      DecodedFrame frame;
      if (entry.has_function_name_id()) frame.function = state.functions[entry.function_name_id()];
      const uint64_t file = entry.FindField(newer_fields::kFrameSourcePathIid).as_uint64();
      if (file != 0) frame.file = state.files[file];
      frame.line = entry.FindField(newer_fields::kFrameLineNumber).as_uint64();
      frame.address = entry.rel_pc();
      Require(state.frames.emplace(entry.iid(), frame).second, "a frame is defined twice");
    }
    for (auto it = data.callstacks(); it; ++it) {
      const auto entry = Whole<pb::Callstack::Decoder>(*it);
      std::vector<DecodedFrame> stack;
      for (auto frame = entry.frame_ids(); frame; ++frame) {
        Require(state.frames.count(*frame) != 0, "a call stack has an unknown frame");
        stack.push_back(state.frames.at(*frame));
      }
      Require(state.call_stacks.emplace(entry.iid(), std::move(stack)).second, "a call stack is defined twice");
    }
  }

  void ReadTrack(pb::TrackDescriptor::Decoder descriptor) {
    DecodedTrack track;
    track.uuid = descriptor.uuid();
    if (track.uuid == 0) {
      for (const uint32_t field : {newer_fields::kTrackDescriptorProcessOrdering, newer_fields::kTrackDescriptorThreadOrdering}) {
        Require(descriptor.FindField(field).as_uint64() == newer_fields::kOrderingExplicit, "the root orders nothing");
      }
      return;
    }
    if (descriptor.has_parent_uuid()) track.parent = TrackOf(descriptor.parent_uuid());
    const auto add = [&](const char* name, const std::string& value) { track.fields += name + ("=" + value + " "); };
    const auto add_number = [&](const char* name, int64_t value) { add(name, std::to_string(value)); };
    if (descriptor.has_name()) add("name", descriptor.name().ToStdString());
    if (descriptor.has_child_ordering()) add_number("child_ordering", descriptor.child_ordering());
    if (descriptor.has_sibling_order_rank()) add_number("sibling_order_rank", descriptor.sibling_order_rank());
    if (descriptor.has_process()) {
      const auto process = Whole<pb::ProcessDescriptor::Decoder>(descriptor.process());
      if (process.has_pid()) add_number("pid", process.pid());
      if (process.has_process_name()) add("process_name", process.process_name().ToStdString());
      if (process.has_legacy_sort_index()) add_number("sort_index", process.legacy_sort_index());
      for (auto label = process.process_labels(); label; ++label) add("label", (*label).ToStdString());
    }
    if (descriptor.has_thread()) {
      const auto thread = Whole<pb::ThreadDescriptor::Decoder>(descriptor.thread());
      if (thread.has_pid()) add_number("thread_pid", thread.pid());
      if (thread.has_tid()) add_number("tid", thread.tid());
      if (thread.has_thread_name()) add("thread_name", thread.thread_name().ToStdString());
      if (thread.has_legacy_sort_index()) add_number("sort_index", thread.legacy_sort_index());
    }
    if (descriptor.has_counter()) {
      const auto counter = Whole<pb::CounterDescriptor::Decoder>(descriptor.counter());
      add_number("counter_unit", counter.has_unit() ? counter.unit() : -1);
      if (counter.has_unit_name()) add("unit_name", counter.unit_name().ToStdString());
    }
    Require(track_of_uuid_.emplace(track.uuid, trace_.tracks.size()).second, "two tracks have one uuid");
    trace_.tracks.push_back(std::move(track));
  }

  size_t TrackOf(uint64_t uuid) const {
    const auto found = track_of_uuid_.find(uuid);
    Require(found != track_of_uuid_.end(), "a track is used before its descriptor");
    return found->second;
  }

  SequenceState& State() {
    Require(needs_state_, "an event uses interned data and does not say so");
    return *state_;
  }

  void ReadEvent(pb::TrackEvent::Decoder& decoder, DecodedEvent* event) {
    event->type = static_cast<DecodedEvent::Type>(decoder.type());
    event->track = TrackOf(decoder.track_uuid());
    Require(!(decoder.has_name() && decoder.has_name_iid()), "an event has two names");
    if (decoder.has_name()) event->name = decoder.name().ToStdString();
    if (decoder.has_name_iid()) event->name = State().names[decoder.name_iid()];
    for (auto it = decoder.categories(); it; ++it) event->categories.push_back((*it).ToStdString());
    for (auto it = decoder.category_iids(); it; ++it) event->categories.push_back(State().categories[*it]);
    for (auto it = decoder.debug_annotations(); it; ++it) event->arguments.push_back(ReadArgument(*it));
    for (auto it = decoder.flow_ids(); it; ++it) event->flows.push_back(*it);
    for (auto it = decoder.terminating_flow_ids(); it; ++it) event->terminating_flows.push_back(*it);
    const uint64_t call_stack = decoder.FindField(newer_fields::kTrackEventCallstackIid).as_uint64();
    if (call_stack != 0) {
      Require(State().call_stacks.count(call_stack) != 0, "an event has an unknown call stack");
      event->has_call_stack = true;
      event->call_stack = State().call_stacks.at(call_stack);
    }
    if (decoder.has_counter_value()) SetInteger(decoder.counter_value(), event);
    if (decoder.has_double_counter_value()) SetDouble(decoder.double_counter_value(), event);
  }

  static void SetInteger(int64_t value, DecodedEvent* event) {
    event->counter = DecodedEvent::Counter::kInteger;
    event->counter_bits = static_cast<uint64_t>(value);
  }

  static void SetDouble(double value, DecodedEvent* event) {
    constexpr double kMaxSafe = 9007199254740992.0;
    if (value >= -kMaxSafe && value <= kMaxSafe && value == static_cast<double>(static_cast<int64_t>(value))) {
      return SetInteger(static_cast<int64_t>(value), event);
    }
    event->counter = DecodedEvent::Counter::kDouble;
    std::memcpy(&event->counter_bits, &value, sizeof(value));
  }

  DecodedArgument ReadArgument(protozero::ConstBytes bytes) {
    const auto decoder = Whole<pb::DebugAnnotation::Decoder>(bytes);
    DecodedArgument argument;
    if (decoder.has_name()) argument.name = decoder.name().ToStdString();
    if (decoder.has_name_iid()) argument.name = State().argument_names[decoder.name_iid()];
    int values = 0;
    const auto set = [&](bool present, ValueType type, uint64_t value) {
      if (!present) return;
      ++values;
      argument.type = type;
      argument.bits = value;
    };
    const double number = decoder.double_value();
    uint64_t number_bits;
    std::memcpy(&number_bits, &number, sizeof(number));
    set(decoder.has_bool_value(), ValueType::kBool, decoder.bool_value() ? 1 : 0);
    set(decoder.has_uint_value(), ValueType::kUint, decoder.uint_value());
    set(decoder.has_int_value(), ValueType::kInt, static_cast<uint64_t>(decoder.int_value()));
    set(decoder.has_double_value(), ValueType::kDouble, number_bits);
    set(decoder.has_pointer_value(), ValueType::kPointer, decoder.pointer_value());
    set(decoder.has_string_value(), ValueType::kString, 0);
    set(decoder.has_string_value_iid(), ValueType::kString, 0);
    if (decoder.has_string_value()) argument.text = decoder.string_value().ToStdString();
    if (decoder.has_string_value_iid()) argument.text = State().argument_texts[decoder.string_value_iid()];
    set(decoder.has_dict_entries(), ValueType::kDict, 0);
    set(decoder.has_array_values(), ValueType::kArray, 0);
    Require(values <= 1, "an argument has two values");
    for (auto it = decoder.dict_entries(); it; ++it) argument.children.push_back(ReadArgument(*it));
    for (auto it = decoder.array_values(); it; ++it) argument.children.push_back(ReadArgument(*it));
    return argument;
  }

  DecodedTrace trace_;
  std::optional<SequenceState> state_;
  std::unordered_map<uint64_t, size_t> track_of_uuid_;
  uint32_t incremental_clock_ = 0;
  uint64_t incremental_time_ = 0;
  bool needs_state_ = false;  // of the packet that is being read
};

}  // namespace

DecodedTrace DecodeTrace(const std::vector<uint8_t>& bytes) { return TraceReader().Run(bytes); }

}  // namespace tracesmith::test
