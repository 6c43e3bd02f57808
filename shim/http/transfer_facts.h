// What libcurl can tell about a transfer that is over, as span attributes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shim/http/curl_api.h"
#include "shim/http/response_headers.h"
#include "shim/journal/span_draft.h"

namespace llmo::http {

// `network.protocol.version` for a value of CURLINFO_HTTP_VERSION: `1.0`, `1.1`, `2`, `3`; empty for others.
std::string_view protocol_version(long version);

// Writes a method as the conventions ask: a known one as http.request.method, any other as `_OTHER` with the
// original beside it. Returns the span name for a request that nothing more is known of: the method, `HTTP`
// for others.
std::string_view write_method(std::string_view method, journal::SpanDraft* draft);

// Asks libcurl's getinfo questions of one handle. Each answer that libcurl refuses is the empty value.
class TransferInfo {
 public:
  TransferInfo(const CurlApi& api, CURL* curl) : api_(api), curl_(curl) {}

  long number(CURLINFO info) const;
  std::int64_t size(CURLINFO info) const;  // also times, in microseconds
  // Owned by libcurl, until its next call on the handle.
  std::string_view text(CURLINFO info) const;
  // The value of a response header of the last response; empty where there is none or libcurl is too old to
  // ask.
  std::string_view header(const char* name) const;
  // The last response's header after `previous` (nullptr: the first); nullptr behind the last one, and where
  // libcurl is too old to ask. Owned by libcurl, which fills the same structure at the next call.
  curl_header* next_header(curl_header* previous) const;

 private:
  const CurlApi& api_;
  CURL* const curl_;
};

// Status, protocol, sizes, peer, redirects, phase times, chosen response headers, and what they and `result`
// mean for the span's status. `original_url` is the (redacted) URL of url.full; `headers` are those that
// passed by; nullptr where they passed unseen, and libcurl is asked for them.
void write_transfer(const TransferInfo& info, const CurlApi& api, CURLcode result,
                    std::string_view original_url, const ResponseHeaders* headers, journal::SpanDraft* draft);

inline void write_transfer(const TransferInfo& info, const CurlApi& api, CURLcode result,
                           std::string_view original_url, journal::SpanDraft* draft) {
  write_transfer(info, api, result, original_url, nullptr, draft);
}

}  // namespace llmo::http
