// Perfetto's own trace format (protos/perfetto/trace/trace.proto): a track descriptor for each process,
// thread and lane, and a packet for each beginning, end and event of a span. Names are written once and
// referred to by number; times are Unix nanoseconds, on the trace's clock.
#pragma once

#include <protozero/pbf_writer.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/convert/output_file.h"
#include "exporters/convert/timeline_sink.h"

namespace llmo::convert {

class PerfettoFormat : public TimelineFormat {
 public:
  // `output` outlives the format.
  explicit PerfettoFormat(OutputFile& output) : output_(output) {}

  std::string encode_span(const Span& span) override;
  std::string encode_event(const SpanEvent& event) override;
  void begin(const TrackTable& tracks, const Layout& layout, std::uint64_t first_unix_nanos) override;
  void begin_slice(const PlacedSlice& slice) override;
  void end_slice(std::uint32_t lane, std::uint64_t unix_nanos) override;
  void event(std::uint32_t lane, std::uint64_t unix_nanos, std::string_view body) override;
  void end() override {}

 private:
  using Names = std::map<std::string, std::uint64_t, std::less<>>;

  static std::uint64_t number_of(std::string_view name, Names& names);
  void put_name(protozero::pbf_writer& event, std::string_view name);
  void put_argument(protozero::pbf_writer& event, std::string_view name, const AttributeValue& value);
  void put_arguments(protozero::pbf_writer& event, const AttributeList& attributes);
  void write_packet(const std::string& packet);
  void write_event(std::uint64_t unix_nanos, const std::string& event);
  void write_clock(std::uint64_t first_unix_nanos);
  void write_names();
  void write_track(const std::string& descriptor);
  void write_process(std::uint64_t uuid, std::int32_t pid, const ProcessTrack& process);
  void write_thread(std::uint64_t uuid, std::int32_t pid, std::int32_t tid, const ThreadTrack& thread);
  void write_lane(std::uint64_t uuid, std::uint64_t thread_uuid, const ThreadTrack& thread,
                  std::uint32_t number);
  void write_tracks(const TrackTable& tracks, const Layout& layout);
  std::uint64_t track_of(std::uint32_t lane) const { return first_lane_ + lane; }

  OutputFile& output_;
  Names event_names_;
  Names argument_names_;
  std::uint64_t first_lane_ = 0;
};

}  // namespace llmo::convert
