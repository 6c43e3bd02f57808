// Spans out of bytes, whatever they are: a kind is told by the first bytes.
//
//   {"resourceSpans":…}⏎{"resourceSpans":…}⏎     OTLP JSON, a request a line
//   {⏎  "resourceSpans": […                       the same over many lines, also several one after the other
//   0a 9c 01 0a …                                 OTLP protobuf: a request, or several, which make one
//
// Nothing is held in memory whole but a line, a span, or a ResourceSpans message of protobuf.
#pragma once

#include <memory>
#include <string>

#include "exporters/file/otlp_json_reader.h"
#include "exporters/input/byte_source.h"

namespace llmo::input {

// Takes spans of one kind out of a window of bytes.
class SpanParser {
 public:
  SpanParser() = default;
  SpanParser(const SpanParser&) = delete;
  SpanParser& operator=(const SpanParser&) = delete;
  virtual ~SpanParser() = default;

  // Hands over all that is whole by now. With `at_end` what is left is all there will ever be.
  virtual void read(bool at_end, const file::SpanCallback& take, file::ReadCounts& counts) = 0;

  // As SpanReader::problem().
  virtual std::string problem() const { return {}; }
};

class SpanReader {
 public:
  // Packed bytes are unpacked. Reads a little ahead.
  explicit SpanReader(std::unique_ptr<ByteSource> source);
  ~SpanReader();

  // Hands over all spans that are there by now. May be called again when there may be more: what was not
  // whole yet is taken up again. With `at_end` what is left is all there will ever be.
  void read(bool at_end, const file::SpanCallback& take, file::ReadCounts& counts);

  // Why not everything could be read, worded to follow a file's name and a colon; empty where it could.
  // Complete after the end.
  std::string problem() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace llmo::input
