// The formats that traces are converted to.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/convert/output_file.h"
#include "exporters/convert/span_sink.h"

namespace llmo::convert {

enum class Format { kOtlpJson, kOtlpProtobuf, kPerfetto, kChrome, kCsv };

struct FormatInfo {
  Format format;
  std::string_view name;  // as it is typed
  bool is_text;
  bool minds_doubles;  // a span that comes twice is written once, whatever the sink is given
};
std::vector<FormatInfo> formats();

// `output` is open and outlives the sink. Null, with errno, where there is no room to work in.
std::unique_ptr<SpanSink> make_sink(Format format, OutputFile& output);

}  // namespace llmo::convert
