// OTLP JSON lines (a request a line, as trace files have them) and OTLP protobuf (one request in all, written
// piece by piece).
#pragma once

#include <cstddef>
#include <vector>

#include "exporters/convert/output_file.h"
#include "exporters/convert/span_sink.h"

namespace llmo::convert {

enum class OtlpEncoding { kJson, kProtobuf };

class OtlpSink : public SpanSink {
 public:
  // `output` outlives the sink.
  OtlpSink(OtlpEncoding encoding, OutputFile& output) : encoding_(encoding), output_(output) {}

  void take(Span&& span) override;
  bool finish() override;

 private:
  void write_batch();

  OtlpEncoding encoding_;
  OutputFile& output_;
  std::vector<Span> batch_;
};

}  // namespace llmo::convert
