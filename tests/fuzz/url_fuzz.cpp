// Parses and redacts arbitrary bytes as a URL. What comes out has to be printable, bounded, and a URL of the
// same place.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "shim/http/url.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  llmo::http::Url url;
  const bool parsed = llmo::http::parse_url(text, &url);
  const llmo::http::RedactedUrl redacted = llmo::http::redacted_url(text);
  demand(parsed || redacted.empty());
  for (const char byte : redacted.view()) demand(byte > ' ' && byte < 0x7f);
  if (redacted.empty() || redacted.size() + 3 > llmo::http::kMaxRedactedUrlSize) return 0;

  // A host with odd bytes grows when they are encoded, and is another one then.
  for (const char byte : url.host()) {
    if (byte <= ' ' || byte >= 0x7f) return 0;
  }
  llmo::http::Url again;
  demand(llmo::http::parse_url(redacted.view(), &again));
  demand(again.has_userinfo() == url.has_userinfo());
  demand(again.scheme() == url.scheme());
  demand(again.port() == url.port());
  // Redacted again it may lose more (encoded bytes make a word longer), never all.
  demand(!llmo::http::redacted_url(redacted.view()).empty());
  return 0;
}
