// Reads arbitrary bytes as what a receiver of OTLP answers: the body, and the value of Retry-After.
#include "tests/fuzz/fuzz_input.h"

#include <algorithm>
#include <string>

#include "exporters/net/printable.h"
#include "exporters/net/redaction.h"
#include "exporters/net/retry.h"
#include "exporters/otlp/otlp_answer.h"

namespace {

using namespace llmo;
using fuzz::demand;

// A terminal and a log take it as it is.
void demand_harmless(const std::string& shown) {
  demand(shown.size() <= net::kMostShown + 3);
  demand(std::all_of(shown.begin(), shown.end(), [](char c) { return c >= ' ' && c < 0x7f; }));
}

void demand_without(const std::string& secret, const std::string& text) {
  demand(text.find(secret) == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const net::Redaction redacted("http://me@host/?token=hush", {{"api-key", "Bearer hush hush-hush"}});
  const std::string_view text = fuzz::text_of(data, size);

  const otlp::ExportAnswer answer = otlp::read_export_answer(text);
  demand(answer.message.size() <= text.size());
  demand(answer.readable || (answer.rejected_spans == 0 && answer.message.empty()));
  demand_harmless(net::printable(answer.message));

  const std::string why = otlp::read_failure_message(text);
  demand(why.size() <= text.size());
  const std::string clean = redacted(why);
  demand_without("hush", clean);
  demand_harmless(net::printable(clean));

  const auto delay = net::parse_retry_after(text, 1'700'000'000);
  demand(!delay || (delay->count() >= 0 && *delay <= std::chrono::hours(24)));
  return 0;
}
