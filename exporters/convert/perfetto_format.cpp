// The numbers below are those of perfetto's protos/perfetto/trace: trace_packet.proto, clock_snapshot.proto,
// interned_data/interned_data.proto, track_event/{track_event,track_descriptor,debug_annotation}.proto and
// the descriptors of processes and threads beside them.
#include "exporters/convert/perfetto_format.h"

#include <variant>

#include "exporters/convert/attribute_text.h"
#include "exporters/span/hex_id.h"

namespace llmo::convert {
namespace {

using protozero::pbf_writer;

namespace trace {
constexpr std::uint32_t kPacket = 1;
}

namespace packet {
constexpr std::uint32_t kClockSnapshot = 6;
constexpr std::uint32_t kTimestamp = 8;
constexpr std::uint32_t kSequence = 10;
constexpr std::uint32_t kTrackEvent = 11;
constexpr std::uint32_t kInternedData = 12;
constexpr std::uint32_t kSequenceFlags = 13;
constexpr std::uint32_t kTrackDescriptor = 60;

constexpr std::uint32_t kStateCleared = 1;  // sequence flags
constexpr std::uint32_t kNeedsState = 2;
}  // namespace packet

namespace clock {
constexpr std::uint32_t kClocks = 1;
constexpr std::uint32_t kId = 1;
constexpr std::uint32_t kTimestamp = 2;

constexpr std::uint32_t kRealtime = 1;
constexpr std::uint32_t kBoottime = 6;  // what packets and the trace go by unless they say otherwise
}  // namespace clock

namespace interned {
constexpr std::uint32_t kCategories = 1;
constexpr std::uint32_t kEventNames = 2;
constexpr std::uint32_t kArgumentNames = 3;

constexpr std::uint32_t kNumber = 1;  // of each entry
constexpr std::uint32_t kName = 2;
}  // namespace interned

namespace track {
constexpr std::uint32_t kUuid = 1;
constexpr std::uint32_t kName = 2;
constexpr std::uint32_t kProcess = 3;
constexpr std::uint32_t kThread = 4;
constexpr std::uint32_t kParent = 5;
constexpr std::uint32_t kChildOrdering = 11;
constexpr std::uint32_t kRank = 12;

constexpr std::int32_t kExplicit = 3;  // child ordering
constexpr std::uint32_t kPid = 1;      // of processes and threads
constexpr std::uint32_t kTid = 2;
constexpr std::uint32_t kThreadName = 5;
constexpr std::uint32_t kProcessName = 6;
}  // namespace track

namespace event {
constexpr std::uint32_t kCategoryNumbers = 3;
constexpr std::uint32_t kArguments = 4;
constexpr std::uint32_t kType = 9;
constexpr std::uint32_t kNameNumber = 10;
constexpr std::uint32_t kTrack = 11;
constexpr std::uint32_t kName = 23;
constexpr std::uint32_t kFlows = 47;
constexpr std::uint32_t kEndingFlows = 48;

constexpr std::int32_t kBegin = 1;
constexpr std::int32_t kEnd = 2;
constexpr std::int32_t kInstant = 3;
}  // namespace event

namespace argument {
constexpr std::uint32_t kNameNumber = 1;
constexpr std::uint32_t kBool = 2;
constexpr std::uint32_t kInt = 4;
constexpr std::uint32_t kDouble = 5;
constexpr std::uint32_t kString = 6;
constexpr std::uint32_t kName = 10;
constexpr std::uint32_t kArray = 12;
}  // namespace argument

constexpr std::uint32_t kOurSequence = 1;

// Names that others made up need not repeat: those beyond this many are written where they are used.
constexpr std::size_t kMostNames = 1 << 16;

// By SpanKind, from 1 on.
constexpr std::uint32_t kEventCategory = static_cast<std::uint32_t>(SpanKind::kConsumer) + 2;

std::uint32_t category_of(SpanKind kind) { return static_cast<std::uint32_t>(kind) + 1; }

std::string_view category_name(std::uint32_t category) {
  if (category == kEventCategory) return "event";
  const auto kind = static_cast<SpanKind>(category - 1);
  return kind == SpanKind::kUnspecified ? "span" : kind_name(kind);
}

struct ArgumentValue {
  pbf_writer& out;

  void operator()(const std::string& value) const { out.add_string(argument::kString, value); }
  void operator()(bool value) const { out.add_bool(argument::kBool, value); }
  void operator()(std::int64_t value) const { out.add_int64(argument::kInt, value); }
  void operator()(double value) const { out.add_double(argument::kDouble, value); }
  void operator()(const std::vector<std::string>& values) const {
    for (const std::string& value : values) {
      pbf_writer element(out, argument::kArray);
      element.add_string(argument::kString, value);
    }
  }
};

void put_interned(pbf_writer& data, std::uint32_t field, std::uint64_t number, std::string_view name) {
  pbf_writer entry(data, field);
  entry.add_uint64(interned::kNumber, number);
  entry.add_string(interned::kName, name.data(), name.size());
}

}  // namespace

// 0: there are too many already.
std::uint64_t PerfettoFormat::number_of(std::string_view name, Names& names) {
  if (const auto found = names.find(name); found != names.end()) return found->second;
  if (names.size() >= kMostNames) return 0;
  return names.emplace(std::string(name), names.size() + 1).first->second;
}

void PerfettoFormat::put_name(pbf_writer& out, std::string_view name) {
  if (const std::uint64_t number = number_of(name, event_names_)) {
    out.add_uint64(event::kNameNumber, number);
  } else {
    out.add_string(event::kName, name.data(), name.size());
  }
}

void PerfettoFormat::put_argument(pbf_writer& out, std::string_view name, const AttributeValue& value) {
  pbf_writer entry(out, event::kArguments);
  if (const std::uint64_t number = number_of(name, argument_names_)) {
    entry.add_uint64(argument::kNameNumber, number);
  } else {
    entry.add_string(argument::kName, name.data(), name.size());
  }
  std::visit(ArgumentValue{entry}, value);
}

void PerfettoFormat::put_arguments(pbf_writer& out, const AttributeList& attributes) {
  for (const Attribute& attribute : attributes) {
    put_argument(out, std::string_view(attribute.key), attribute.value);
  }
}

std::string PerfettoFormat::encode_span(const Span& span) {
  std::string bytes;
  pbf_writer out(bytes);
  out.add_enum(event::kType, event::kBegin);
  out.add_uint64(event::kCategoryNumbers, category_of(span.kind));
  put_name(out, span.name);
  put_arguments(out, span.attributes);
  if (span.status != StatusCode::kUnset) put_argument(out, "status", std::string(status_name(span.status)));
  if (!span.status_message.empty()) put_argument(out, "status_message", span.status_message);
  put_argument(out, "trace_id", hex_id(span.trace_id));
  put_argument(out, "span_id", hex_id(span.span_id));
  if (span.parent_span_id != 0) put_argument(out, "parent_span_id", hex_id(span.parent_span_id));
  return bytes;
}

std::string PerfettoFormat::encode_event(const SpanEvent& from) {
  std::string bytes;
  pbf_writer out(bytes);
  out.add_enum(event::kType, event::kInstant);
  out.add_uint64(event::kCategoryNumbers, kEventCategory);
  put_name(out, from.name);
  put_arguments(out, from.attributes);
  return bytes;
}

void PerfettoFormat::write_packet(const std::string& bytes) {
  std::string framed;
  pbf_writer(framed).add_message(trace::kPacket, bytes);
  output_.write(framed);
}

void PerfettoFormat::write_event(std::uint64_t unix_nanos, const std::string& bytes) {
  std::string packet;
  pbf_writer out(packet);
  out.add_uint64(packet::kTimestamp, unix_nanos);
  out.add_uint32(packet::kSequence, kOurSequence);
  out.add_uint32(packet::kSequenceFlags, packet::kNeedsState);
  out.add_message(packet::kTrackEvent, bytes);
  write_packet(packet);
}

// The trace's clock shows Unix time.
void PerfettoFormat::write_clock(std::uint64_t first_unix_nanos) {
  std::string bytes;
  pbf_writer out(bytes);
  out.add_uint32(packet::kSequence, kOurSequence);
  pbf_writer snapshot(out, packet::kClockSnapshot);
  for (const std::uint32_t id : {clock::kRealtime, clock::kBoottime}) {
    pbf_writer entry(snapshot, clock::kClocks);
    entry.add_uint32(clock::kId, id);
    entry.add_uint64(clock::kTimestamp, first_unix_nanos);
  }
  snapshot.commit();
  write_packet(bytes);
}

void PerfettoFormat::write_names() {
  std::string data;
  pbf_writer out(data);
  for (std::uint32_t category = 1; category <= kEventCategory; ++category) {
    put_interned(out, interned::kCategories, category, category_name(category));
  }
  for (const auto& [name, number] : event_names_) put_interned(out, interned::kEventNames, number, name);
  for (const auto& [name, number] : argument_names_)
    put_interned(out, interned::kArgumentNames, number, name);
  std::string bytes;
  pbf_writer packet(bytes);
  packet.add_uint32(packet::kSequence, kOurSequence);
  packet.add_uint32(packet::kSequenceFlags, packet::kStateCleared | packet::kNeedsState);
  packet.add_message(packet::kInternedData, data);
  write_packet(bytes);
}

void PerfettoFormat::write_track(const std::string& descriptor) {
  std::string bytes;
  pbf_writer out(bytes);
  out.add_uint32(packet::kSequence, kOurSequence);
  out.add_message(packet::kTrackDescriptor, descriptor);
  write_packet(bytes);
}

void PerfettoFormat::write_process(std::uint64_t uuid, std::int32_t pid, const ProcessTrack& process) {
  std::string descriptor;
  pbf_writer out(descriptor);
  out.add_uint64(track::kUuid, uuid);
  {
    pbf_writer named(out, track::kProcess);
    named.add_int32(track::kPid, pid);
    named.add_string(track::kProcessName, process.name);
  }
  write_track(descriptor);
}

void PerfettoFormat::write_thread(std::uint64_t uuid, std::int32_t pid, std::int32_t tid,
                                  const ThreadTrack& thread) {
  std::string descriptor;
  pbf_writer out(descriptor);
  out.add_uint64(track::kUuid, uuid);
  out.add_uint64(track::kParent, thread.process + 1);
  out.add_enum(track::kChildOrdering, track::kExplicit);
  {
    pbf_writer named(out, track::kThread);
    named.add_int32(track::kPid, pid);
    named.add_int32(track::kTid, tid);
    named.add_string(track::kThreadName, lane_name(thread, 0));
  }
  write_track(descriptor);
}

void PerfettoFormat::write_lane(std::uint64_t uuid, std::uint64_t thread_uuid, const ThreadTrack& thread,
                                std::uint32_t number) {
  std::string descriptor;
  pbf_writer out(descriptor);
  out.add_uint64(track::kUuid, uuid);
  out.add_string(track::kName, lane_name(thread, number));
  out.add_uint64(track::kParent, thread_uuid);
  out.add_int32(track::kRank, static_cast<std::int32_t>(number));
  write_track(descriptor);
}

// Processes have the numbers from 1 on, then come the lanes. A thread's first lane is the thread; its others
// are below it.
void PerfettoFormat::write_tracks(const TrackTable& tracks, const Layout& layout) {
  const TrackNumbers numbers = number_tracks(tracks, layout);
  first_lane_ = numbers.pids.size() + 1;
  for (std::size_t i = 0; i < numbers.pids.size(); ++i) {
    write_process(i + 1, numbers.pids[i], tracks.processes()[i]);
  }
  std::vector<std::uint64_t> thread_uuids(tracks.threads().size());
  for (std::uint32_t lane = 0; lane < layout.lane.size(); ++lane) {
    const auto [index, number] = layout.lane[lane];
    const ThreadTrack& thread = tracks.threads()[index];
    if (number == 0) {
      thread_uuids[index] = track_of(lane);
      write_thread(track_of(lane), numbers.pids[thread.process], numbers.tids[lane], thread);
    } else {
      write_lane(track_of(lane), thread_uuids[index], thread, number);
    }
  }
}

void PerfettoFormat::begin(const TrackTable& tracks, const Layout& layout, std::uint64_t first_unix_nanos) {
  write_clock(first_unix_nanos);
  write_names();
  write_tracks(tracks, layout);
}

void PerfettoFormat::begin_slice(const PlacedSlice& slice) {
  std::string bytes(slice.body);
  pbf_writer out(bytes);
  out.add_uint64(event::kTrack, track_of(slice.lane));
  for (const ArrowEnd& end : slice.leaving) out.add_fixed64(event::kFlows, end.id);
  for (const ArrowEnd& end : slice.arriving) out.add_fixed64(event::kEndingFlows, end.id);
  write_event(slice.start_unix_nanos, bytes);
}

void PerfettoFormat::end_slice(std::uint32_t lane, std::uint64_t unix_nanos) {
  std::string bytes;
  pbf_writer out(bytes);
  out.add_enum(event::kType, event::kEnd);
  out.add_uint64(event::kTrack, track_of(lane));
  write_event(unix_nanos, bytes);
}

void PerfettoFormat::event(std::uint32_t lane, std::uint64_t unix_nanos, std::string_view body) {
  std::string bytes(body);
  pbf_writer(bytes).add_uint64(event::kTrack, track_of(lane));
  write_event(unix_nanos, bytes);
}

}  // namespace llmo::convert
