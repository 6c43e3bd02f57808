// Collects spans for a format that draws them on tracks (timeline.h).
//
// Where a span goes is known when all of them are. Until then what it says waits on disk, already in the
// format's own terms, and 60 bytes a span in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporters/convert/span_sink.h"
#include "exporters/convert/spool.h"
#include "exporters/convert/timeline.h"
#include "exporters/convert/tracks.h"

namespace llmo::convert {

struct ArrowEnd {
  std::uint64_t id = 0;  // of both ends, not 0
  std::uint64_t unix_nanos = 0;
  std::uint32_t slice = 0;
};

struct PlacedSlice {
  std::uint32_t lane = 0;
  std::uint64_t start_unix_nanos = 0;
  std::uint64_t end_unix_nanos = 0;
  std::string_view body;  // what encode_span() gave
  std::span<const ArrowEnd> leaving;
  std::span<const ArrowEnd> arriving;
};

class TimelineFormat {
 public:
  TimelineFormat() = default;
  TimelineFormat(const TimelineFormat&) = delete;
  TimelineFormat& operator=(const TimelineFormat&) = delete;
  virtual ~TimelineFormat() = default;

  // First, of all spans: what goes with the slice, and with each event of it.
  virtual std::string encode_span(const Span& span) = 0;
  virtual std::string encode_event(const SpanEvent& event) = 0;

  // Then once, and all that follow in the order of time.
  virtual void begin(const TrackTable& tracks, const Layout& layout, std::uint64_t first_unix_nanos) = 0;
  virtual void begin_slice(const PlacedSlice& slice) = 0;
  virtual void end_slice(std::uint32_t lane, std::uint64_t unix_nanos) = 0;
  // Of the slice that began last.
  virtual void event(std::uint32_t lane, std::uint64_t unix_nanos, std::string_view body) = 0;
  virtual void end() = 0;
};

class TimelineSink : public SpanSink {
 public:
  explicit TimelineSink(std::unique_ptr<TimelineFormat> format) : format_(std::move(format)) {}

  // `directory`: where there is room for what waits. Returns false with errno.
  bool open(const std::string& directory) { return spool_.open(directory); }

  void take(Span&& span) override;
  bool finish() override;

 private:
  struct Arrows;
  void write(const Layout& layout);
  void write_slice(std::uint32_t slice, std::uint32_t lane, const Arrows& arrows);

  std::unique_ptr<TimelineFormat> format_;
  Spool spool_;
  TrackTable tracks_;
  std::vector<Slice> slices_;
  std::vector<SliceLink> links_;
};

}  // namespace llmo::convert
