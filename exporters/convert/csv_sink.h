// CSV (RFC 4180): a row a span, for spreadsheets and data frames.
//
// Lines end in CR LF; a cell with a comma, a quote, CR or LF in it is in quotes. A text that a spreadsheet
// would take for a formula (it begins with = + - @, a tab or CR) gets a ' in front: what spans hold came from
// somewhere else. Numbers are plain. The last column has all attributes, as JSON.
#pragma once

#include <string>

#include "exporters/convert/output_file.h"
#include "exporters/convert/span_sink.h"

namespace llmo::convert {

class CsvSink : public SpanSink {
 public:
  // Writes the line of column names. `output` outlives the sink.
  explicit CsvSink(OutputFile& output);

  void take(Span&& span) override;
  bool finish() override { return true; }

 private:
  OutputFile& output_;
  std::string row_;
};

}  // namespace llmo::convert
