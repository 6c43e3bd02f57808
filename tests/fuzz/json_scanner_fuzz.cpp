// Feeds arbitrary bytes to the JSON scanner and to the facts that are built on it, whole and cut in two, and
// demands the same result for both. The first byte says where to cut, the second which API it is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "shim/genai/body_facts.h"
#include "tests/unit/genai_attributes.h"

namespace {

using namespace llmo;
using namespace llmo::genai;

constexpr std::string_view kApis[][2] = {{"api.openai.com", "/v1/chat/completions"},
                                         {"api.openai.com", "/v1/responses"},
                                         {"api.anthropic.com", "/v1/messages"},
                                         {"docs-a1.svc.us.pinecone.io", "/query"}};

Attributes request_of(const ApiMatch& match, std::string_view query, std::string_view first,
                      std::string_view second) {
  RequestFacts facts;
  facts.begin(match, query);
  facts.feed(first);
  facts.feed(second);
  journal::SpanDraft draft;
  facts.write(&draft);
  return attributes_of(draft);
}

Attributes response_of(const ApiMatch& match, std::string_view first, std::string_view second, int status) {
  ResponseFacts facts;
  facts.begin(match, {.content_type = {}, .content_encoding = {}, .http_status = status});
  facts.feed(first);
  facts.feed(second);
  facts.finish(true);
  journal::SpanDraft draft;
  facts.write(&draft);
  Attributes found = attributes_of(draft);
  found["chunks"] = std::to_string(facts.chunks()) + (facts.content_started() ? "+" : "");
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view body{reinterpret_cast<const char*>(data) + 2, size - 2};
  const auto& api = kApis[data[1] % std::size(kApis)];
  const int status = (data[1] & 0x80) != 0 ? 400 : 200;
  const ApiMatch match =
      match_api({.method = "POST", .host = api[0], .path = api[1], .query = {}, .headers = {}});
  const std::size_t cut = body.empty() ? 0 : data[0] * body.size() / 256;
  const std::string_view first = body.substr(0, cut);
  const std::string_view second = body.substr(cut);
  // The body serves as the query too, uncut both times.
  if (request_of(match, body, body, {}) != request_of(match, body, first, second)) std::abort();
  if (response_of(match, body, {}, status) != response_of(match, first, second, status)) std::abort();
  return 0;
}
