// Reads arbitrary bytes as a trace file. A damaged line hands over nothing.
#include "tests/fuzz/fuzz_input.h"

#include "exporters/file/otlp_json_reader.h"

namespace {

using namespace llmo;
using fuzz::demand;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  while (!text.empty()) {
    const std::string_view line = fuzz::take_line(&text);
    file::ReadCounts counts;
    std::uint64_t spans = 0;
    const bool read = file::read_otlp_json_line(
        line, [&](Span&&) { ++spans; }, counts);
    demand(counts.spans == spans);
    demand(counts.lines + counts.damaged_lines <= 1);
    demand(read || spans == 0);
  }
  return 0;
}
