// Reads arbitrary text as a traceparent and as a tracestate. What is accepted has to say the same when it is
// written and read again, and a tracestate that goes on the wire is one line.
#include "tests/fuzz/fuzz_input.h"

#include "shim/http/request_tag.h"
#include "shim/span/context.h"

namespace {

using namespace llmo;
using fuzz::demand;

void check_parent(std::string_view text) {
  const auto context = span::parse_traceparent(text);
  if (!context) return;
  demand(!context->empty() && (context->trace.high | context->trace.low) != 0);
  demand((context->flags & journal::kFlagParentRemote) != 0);
  const span::Traceparent written = span::format_traceparent(*context);
  const auto again = span::parse_traceparent({written.data(), written.size()});
  demand(again.has_value() && *again == *context);
}

void check_state(std::string_view text) {
  http::TaggedHeaders tagged({{1, 2}, 3, journal::kTraceFlagsMask}, text);
  std::size_t lines = 0;
  for (const curl_slist* line = tagged.in_front_of(nullptr, true); line != nullptr; line = line->next) {
    ++lines;
    const std::string_view header = line->data;
    demand(header.starts_with("traceparent: ") || header.starts_with("tracestate: "));
    for (const char byte : header) demand(byte >= ' ' && byte < 0x7f);
  }
  demand(lines == 1 || lines == 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check_parent(text);
  check_state(text);
  return 0;
}
