// OTLP protobuf of any length, one ResourceSpans message in memory at a time.
//
// A request is nothing but ResourceSpans messages one after the other, so requests that follow each other are
// one, and each of its messages can be read as if it were alone.
#pragma once

#include <cstddef>

#include "exporters/input/byte_window.h"
#include "exporters/input/span_reader.h"

namespace llmo::input {

class ProtobufParser : public SpanParser {
 public:
  // `window` is the caller's and outlives this.
  explicit ProtobufParser(ByteWindow& window) : window_(window) {}

  void read(bool at_end, const file::SpanCallback& take, file::ReadCounts& counts) override;
  std::string problem() const override;

 private:
  bool skip();
  bool read_field(bool at_end, const file::SpanCallback& take, file::ReadCounts& counts);

  ByteWindow& window_;
  std::size_t skip_ = 0;  // bytes still to come that are not wanted
  bool too_large_ = false;
  bool cut_off_ = false;
  bool broken_ = false;  // no telling where the next field begins
};

}  // namespace llmo::input
