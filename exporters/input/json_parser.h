// OTLP JSON, a request a line or over many lines.
#pragma once

#include <cstddef>

#include "exporters/input/byte_window.h"
#include "exporters/input/span_reader.h"

namespace llmo::input {

class JsonParser : public SpanParser {
 public:
  // `window` is the caller's and outlives this.
  explicit JsonParser(ByteWindow& window) : window_(window) {}

  void read(bool at_end, const file::SpanCallback& take, file::ReadCounts& counts) override;

 private:
  bool find_line(bool at_end);
  void read_document(const file::SpanCallback& take, file::ReadCounts& counts);

  ByteWindow& window_;
  std::size_t line_size_ = 0;
  std::size_t searched_ = 0;  // bytes of the window that hold no line end
  bool too_long_ = false;     // the line is; what is left of it is not wanted
  bool in_rubble_ = false;    // behind the damage of a document: until a line begins as a request does
};

}  // namespace llmo::input
