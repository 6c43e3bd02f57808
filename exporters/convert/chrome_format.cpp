#include "exporters/convert/chrome_format.h"

#include <fmt/format.h>

#include "exporters/convert/attribute_text.h"
#include "exporters/span/hex_id.h"
#include "exporters/span/json_values.h"
#include "exporters/span/resource.h"
#include "exporters/span/version.h"

namespace llmo::convert {
namespace {

std::string quoted(std::string_view text) {
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  put_text(out, text);
  return {buffer.GetString(), buffer.GetSize()};
}

void put_member(JsonWriter& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  put_key(out, key);
  put_text(out, value);
}

void put_ids(JsonWriter& out, const Span& span) {
  put_member(out, "trace_id", hex_id(span.trace_id));
  put_member(out, "span_id", hex_id(span.span_id));
  if (span.parent_span_id != 0) put_member(out, "parent_span_id", hex_id(span.parent_span_id));
}

std::string arguments_of(const Span& span) {
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  out.StartObject();
  put_members(out, span.attributes);
  put_member(out, "status", status_name(span.status));
  put_member(out, "status_message", span.status_message);
  put_ids(out, span);
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string metadata(std::string_view what, std::int32_t pid, std::int32_t tid, std::string_view arguments) {
  return fmt::format(R"({{"ph":"M","name":"{}","pid":{},"tid":{},"args":{{{}}}}})", what, pid, tid,
                     arguments);
}

}  // namespace

// The rest of an event from its name on: what stands before it depends on the track.
std::string ChromeFormat::encode_span(const Span& span) {
  // The colour is chrome://tracing's; Perfetto does not mind.
  const char* const colour = span.status == StatusCode::kError ? R"("cname":"terrible",)" : "";
  return fmt::format(R"("name":{},"cat":{},{}"args":{}}})", quoted(span.name),
                     quoted(span.kind == SpanKind::kUnspecified ? "span" : kind_name(span.kind)), colour,
                     arguments_of(span));
}

std::string ChromeFormat::encode_event(const SpanEvent& event) {
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  out.StartObject();
  put_members(out, event.attributes);
  out.EndObject();
  return fmt::format(R"("name":{},"cat":"event","s":"t","args":{}}})", quoted(event.name),
                     std::string_view(buffer.GetString(), buffer.GetSize()));
}

void ChromeFormat::put(std::string_view json) {
  output_.write(any_ ? ",\n" : "\n");
  output_.write(json);
  any_ = true;
}

void ChromeFormat::put_metadata(const TrackTable& tracks, const Layout& layout) {
  const TrackNumbers numbers = number_tracks(tracks, layout);
  for (std::size_t i = 0; i < numbers.pids.size(); ++i) {
    const ProcessTrack& process = tracks.processes()[i];
    put(metadata("process_name", numbers.pids[i], 0, "\"name\":" + quoted(process.name)));
    put(metadata("process_sort_index", numbers.pids[i], 0, fmt::format("\"sort_index\":{}", i)));
  }
  for (std::size_t i = 0; i < layout.lane.size(); ++i) {
    const ThreadTrack& thread = tracks.threads()[layout.lane[i].thread];
    places_.push_back({numbers.pids[thread.process], numbers.tids[i]});
    put(metadata("thread_name", places_[i].pid, places_[i].tid,
                 "\"name\":" + quoted(lane_name(thread, layout.lane[i].number))));
    // A thread's lanes stay together.
    const std::uint64_t rank = std::uint64_t{layout.lane[i].thread} * 1000 + layout.lane[i].number;
    put(metadata("thread_sort_index", places_[i].pid, places_[i].tid,
                 fmt::format("\"sort_index\":{}", rank)));
  }
}

void ChromeFormat::begin(const TrackTable& tracks, const Layout& layout, std::uint64_t first_unix_nanos) {
  first_unix_nanos_ = first_unix_nanos;
  output_.write(fmt::format(R"({{"displayTimeUnit":"ns","otherData":{{"producer":"llmobserve {}",)"
                            R"("first_unix_nanos":"{}","first_time":"{}"}},"traceEvents":[)",
                            kVersion, first_unix_nanos, iso8601(first_unix_nanos, 9)));
  put_metadata(tracks, layout);
}

// An event of a span may lie before all spans.
std::string ChromeFormat::time_of(std::uint64_t unix_nanos) const {
  const bool before = unix_nanos < first_unix_nanos_;
  const std::uint64_t nanos = before ? first_unix_nanos_ - unix_nanos : unix_nanos - first_unix_nanos_;
  return fmt::format("{}{}.{:03}", before ? "-" : "", nanos / 1000, nanos % 1000);
}

void ChromeFormat::put_arrow_end(const ArrowEnd& end, std::uint32_t lane, bool leaves) {
  put(fmt::format(R"({{"ph":"{}","id":{},"ts":{},"pid":{},"tid":{},"name":"to","cat":"flow"{}}})",
                  leaves ? 's' : 'f', end.id, time_of(end.unix_nanos), places_[lane].pid, places_[lane].tid,
                  leaves ? "" : R"(,"bp":"e")"));
}

void ChromeFormat::begin_slice(const PlacedSlice& slice) {
  const std::uint64_t nanos = slice.end_unix_nanos - slice.start_unix_nanos;
  put(fmt::format(R"({{"ph":"X","ts":{},"dur":{}.{:03},"pid":{},"tid":{},{})",
                  time_of(slice.start_unix_nanos), nanos / 1000, nanos % 1000, places_[slice.lane].pid,
                  places_[slice.lane].tid, slice.body));
  for (const ArrowEnd& end : slice.leaving) put_arrow_end(end, slice.lane, true);
  for (const ArrowEnd& end : slice.arriving) put_arrow_end(end, slice.lane, false);
}

void ChromeFormat::event(std::uint32_t lane, std::uint64_t unix_nanos, std::string_view body) {
  put(fmt::format(R"({{"ph":"i","ts":{},"pid":{},"tid":{},{})", time_of(unix_nanos), places_[lane].pid,
                  places_[lane].tid, body));
}

void ChromeFormat::end() { output_.write("\n]}\n"); }

}  // namespace llmo::convert
