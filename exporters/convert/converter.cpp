#include "exporters/convert/converter.h"

#include "exporters/convert/chrome_format.h"
#include "exporters/convert/csv_sink.h"
#include "exporters/convert/otlp_sink.h"
#include "exporters/convert/perfetto_format.h"
#include "exporters/convert/timeline_sink.h"

namespace llmo::convert {
namespace {

template <typename Drawn>
std::unique_ptr<SpanSink> make_timeline(OutputFile& output) {
  auto sink = std::make_unique<TimelineSink>(std::make_unique<Drawn>(output));
  if (!sink->open(output.directory())) return nullptr;
  return sink;
}

}  // namespace

std::vector<FormatInfo> formats() {
  return {{Format::kOtlpJson, "otlp-json", true, false},
          {Format::kOtlpProtobuf, "otlp-protobuf", false, false},
          {Format::kPerfetto, "perfetto", false, true},
          {Format::kChrome, "chrome", true, true},
          {Format::kCsv, "csv", true, false}};
}

std::unique_ptr<SpanSink> make_sink(Format format, OutputFile& output) {
  switch (format) {
    case Format::kOtlpJson:
      return std::make_unique<OtlpSink>(OtlpEncoding::kJson, output);
    case Format::kOtlpProtobuf:
      return std::make_unique<OtlpSink>(OtlpEncoding::kProtobuf, output);
    case Format::kPerfetto:
      return make_timeline<PerfettoFormat>(output);
    case Format::kChrome:
      return make_timeline<ChromeFormat>(output);
    case Format::kCsv:
      break;
  }
  return std::make_unique<CsvSink>(output);
}

}  // namespace llmo::convert
