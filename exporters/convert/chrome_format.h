// Chrome's trace event format, JSON (document "Trace Event Format", as chrome://tracing and Perfetto read
// it): complete events with their spans' attributes, instants for span events, flow events for arrows,
// metadata for names.
//
// Times are microseconds after the first span, with three digits for the nanoseconds: as readers take them
// for doubles, counted from 1970 they would lose them. `otherData` says when that was.
#pragma once

#include <string>
#include <string_view>

#include "exporters/convert/output_file.h"
#include "exporters/convert/timeline_sink.h"

namespace llmo::convert {

class ChromeFormat : public TimelineFormat {
 public:
  // `output` outlives the format.
  explicit ChromeFormat(OutputFile& output) : output_(output) {}

  std::string encode_span(const Span& span) override;
  std::string encode_event(const SpanEvent& event) override;
  void begin(const TrackTable& tracks, const Layout& layout, std::uint64_t first_unix_nanos) override;
  void begin_slice(const PlacedSlice& slice) override;
  void end_slice(std::uint32_t, std::uint64_t) override {}
  void event(std::uint32_t lane, std::uint64_t unix_nanos, std::string_view body) override;
  void end() override;

 private:
  struct Place {
    std::int32_t pid;
    std::int32_t tid;
  };
  void put(std::string_view json);
  void put_metadata(const TrackTable& tracks, const Layout& layout);
  void put_arrow_end(const ArrowEnd& end, std::uint32_t lane, bool leaves);
  std::string time_of(std::uint64_t unix_nanos) const;

  OutputFile& output_;
  std::vector<Place> places_;  // of each lane
  std::uint64_t first_unix_nanos_ = 0;
  bool any_ = false;
};

}  // namespace llmo::convert
