// Reads arbitrary bytes as an OTLP protobuf request. What was read can be written, and is then read as it
// was.
#include "tests/fuzz/fuzz_input.h"

#include <string>
#include <utility>
#include <vector>

#include "exporters/file/otlp_json_writer.h"
#include "exporters/otlp/protobuf_reader.h"
#include "exporters/otlp/protobuf_writer.h"

namespace {

using namespace llmo;
using fuzz::demand;

std::vector<Span> read(std::string_view bytes, file::ReadCounts& counts) {
  std::vector<Span> spans;
  const bool whole = otlp::read_otlp_protobuf(
      bytes, [&](Span&& span) { spans.push_back(std::move(span)); }, counts);
  demand(whole == (counts.damaged_lines == 0));
  demand(counts.spans == spans.size());
  return spans;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  file::ReadCounts counts;
  const std::vector<Span> spans = read(fuzz::text_of(data, size), counts);
  for (const Span& span : spans) {
    demand(span.span_id != 0 && span.trace_id != TraceId{});
    demand(!span.name.empty() && span.end_unix_nanos >= span.start_unix_nanos);
  }
  if (spans.empty()) return 0;
  std::string bytes;
  otlp::append_otlp_protobuf(spans, bytes);
  file::ReadCounts again;
  const std::vector<Span> back = read(bytes, again);
  demand(again.damaged_lines == 0 && again.damaged_spans == 0);
  demand(file::to_otlp_json(back) == file::to_otlp_json(spans));
  return 0;
}
