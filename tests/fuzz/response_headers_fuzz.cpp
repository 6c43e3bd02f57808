// Delivers arbitrary lines as the headers of a response. What is kept is bounded, comes from those lines, and
// is of a header whose name says that it is about time, quota or the number of a request.
#include "tests/fuzz/fuzz_input.h"

#include <string>

#include "shim/http/response_headers.h"
#include "tests/unit/genai_attributes.h"

namespace {

using namespace llmo;
using fuzz::demand;

constexpr std::string_view kKeyBegin = "http.response.header.";
constexpr std::string_view kNever[] = {"cookie",     "auth",      "organization",
                                       "project-id", "workspace", "account"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  http::ResponseHeaders headers;
  while (!text.empty()) {
    const std::string_view line = fuzz::take_line(&text);
    headers.note_line(line);
    // As after a pause; a status line is delivered once.
    if (!line.starts_with("HTTP/") && line.ends_with('!')) headers.forget_line();
  }
  journal::SpanDraft draft;
  headers.write(&draft);
  demand(draft.dropped() == 0 && draft.record_size() < 8192);
  for (const auto& [key, value] : genai::attributes_of(draft)) {
    demand(key.starts_with(kKeyBegin) && key.size() <= kKeyBegin.size() + http::kMaxHeaderName);
    for (const std::string_view word : kNever) demand(key.find(word) == key.npos);
  }
  return 0;
}
