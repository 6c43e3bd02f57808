// The words for what libcurl reports, and which of its answers are kept.
#include "shim/http/transfer_facts.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "shim/http/url.h"

namespace llmo::http {
namespace {

using journal::SpanDraft;
using journal::SpanStatus;

struct CodeName {
  CURLcode code;
  std::string_view name;
};

// Those that an HTTP transfer can end with.
#define LLMO_CODE(code) \
  CodeName { code, #code }
constexpr CodeName kCodes[] = {
    LLMO_CODE(CURLE_UNSUPPORTED_PROTOCOL),
    LLMO_CODE(CURLE_FAILED_INIT),
    LLMO_CODE(CURLE_URL_MALFORMAT),
    LLMO_CODE(CURLE_NOT_BUILT_IN),
    LLMO_CODE(CURLE_COULDNT_RESOLVE_PROXY),
    LLMO_CODE(CURLE_COULDNT_RESOLVE_HOST),
    LLMO_CODE(CURLE_COULDNT_CONNECT),
    LLMO_CODE(CURLE_WEIRD_SERVER_REPLY),
    LLMO_CODE(CURLE_HTTP2),
    LLMO_CODE(CURLE_PARTIAL_FILE),
    LLMO_CODE(CURLE_HTTP_RETURNED_ERROR),
    LLMO_CODE(CURLE_WRITE_ERROR),
    LLMO_CODE(CURLE_UPLOAD_FAILED),
    LLMO_CODE(CURLE_READ_ERROR),
    LLMO_CODE(CURLE_OUT_OF_MEMORY),
    LLMO_CODE(CURLE_OPERATION_TIMEDOUT),
    LLMO_CODE(CURLE_RANGE_ERROR),
    LLMO_CODE(CURLE_HTTP_POST_ERROR),
    LLMO_CODE(CURLE_SSL_CONNECT_ERROR),
    LLMO_CODE(CURLE_BAD_DOWNLOAD_RESUME),
    LLMO_CODE(CURLE_FUNCTION_NOT_FOUND),
    LLMO_CODE(CURLE_ABORTED_BY_CALLBACK),
    LLMO_CODE(CURLE_BAD_FUNCTION_ARGUMENT),
    LLMO_CODE(CURLE_INTERFACE_FAILED),
    LLMO_CODE(CURLE_TOO_MANY_REDIRECTS),
    LLMO_CODE(CURLE_UNKNOWN_OPTION),
    LLMO_CODE(CURLE_SETOPT_OPTION_SYNTAX),
    LLMO_CODE(CURLE_GOT_NOTHING),
    LLMO_CODE(CURLE_SSL_ENGINE_NOTFOUND),
    LLMO_CODE(CURLE_SSL_ENGINE_SETFAILED),
    LLMO_CODE(CURLE_SEND_ERROR),
    LLMO_CODE(CURLE_RECV_ERROR),
    LLMO_CODE(CURLE_SSL_CERTPROBLEM),
    LLMO_CODE(CURLE_SSL_CIPHER),
    LLMO_CODE(CURLE_PEER_FAILED_VERIFICATION),
    LLMO_CODE(CURLE_BAD_CONTENT_ENCODING),
    LLMO_CODE(CURLE_FILESIZE_EXCEEDED),
    LLMO_CODE(CURLE_USE_SSL_FAILED),
    LLMO_CODE(CURLE_SEND_FAIL_REWIND),
    LLMO_CODE(CURLE_SSL_ENGINE_INITFAILED),
    LLMO_CODE(CURLE_SSL_CACERT_BADFILE),
    LLMO_CODE(CURLE_SSL_SHUTDOWN_FAILED),
    LLMO_CODE(CURLE_AGAIN),
    LLMO_CODE(CURLE_SSL_CRL_BADFILE),
    LLMO_CODE(CURLE_SSL_ISSUER_ERROR),
    LLMO_CODE(CURLE_NO_CONNECTION_AVAILABLE),
    LLMO_CODE(CURLE_SSL_PINNEDPUBKEYNOTMATCH),
    LLMO_CODE(CURLE_SSL_INVALIDCERTSTATUS),
    LLMO_CODE(CURLE_HTTP2_STREAM),
    LLMO_CODE(CURLE_RECURSIVE_API_CALL),
    LLMO_CODE(CURLE_AUTH_ERROR),
    LLMO_CODE(CURLE_HTTP3),
    LLMO_CODE(CURLE_QUIC_CONNECT_ERROR),
    LLMO_CODE(CURLE_PROXY),
    LLMO_CODE(CURLE_SSL_CLIENTCERT),
    LLMO_CODE(CURLE_UNRECOVERABLE_POLL),
};
#undef LLMO_CODE

// RFC 9110 9, RFC 5789 and the QUERY method, in the case that they are sent in.
constexpr std::string_view kMethods[] = {"GET",   "POST",    "PUT",   "DELETE",  "HEAD",
                                         "PATCH", "OPTIONS", "TRACE", "CONNECT", "QUERY"};

// Response headers that become `http.response.header.<name>`. Chosen one by one: how long to wait, how much
// of a quota is left, and the number under which a provider finds the request. Never anything that identifies
// or authorises.
constexpr const char* kResponseHeaders[] = {
    "retry-after",
    "retry-after-ms",
    "request-id",
    "x-request-id",
    "openai-processing-ms",
    "x-ratelimit-limit-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-requests",
    "x-ratelimit-reset-tokens",
    "anthropic-ratelimit-requests-limit",
    "anthropic-ratelimit-requests-remaining",
    "anthropic-ratelimit-requests-reset",
    "anthropic-ratelimit-tokens-limit",
    "anthropic-ratelimit-tokens-remaining",
    "anthropic-ratelimit-tokens-reset",
    "anthropic-ratelimit-input-tokens-limit",
    "anthropic-ratelimit-input-tokens-remaining",
    "anthropic-ratelimit-input-tokens-reset",
    "anthropic-ratelimit-output-tokens-limit",
    "anthropic-ratelimit-output-tokens-remaining",
    "anthropic-ratelimit-output-tokens-reset",
};

void write_headers(const TransferInfo& info, SpanDraft* draft) {
  for (const char* const name : kResponseHeaders) {
    const std::string_view value = info.header(name);
    if (value.empty()) continue;
    const std::string key = std::string("http.response.header.") + name;
    draft->add_strings(key, {&value, 1});
  }
}

void write_peer(const TransferInfo& info, SpanDraft* draft) {
  const std::string_view address = info.text(CURLINFO_PRIMARY_IP);
  if (address.empty()) return;
  draft->add("network.peer.address", address);
  draft->add_int("network.peer.port", info.number(CURLINFO_PRIMARY_PORT));
}

// libcurl counts every phase from the start; what belongs to one phase alone is the difference. A phase that
// did not take place (a connection was reused, no TLS) is left out.
void write_times(const TransferInfo& info, SpanDraft* draft) {
  const std::int64_t dns = info.size(CURLINFO_NAMELOOKUP_TIME_T);
  const std::int64_t connect = info.size(CURLINFO_CONNECT_TIME_T);
  const std::int64_t tls = info.size(CURLINFO_APPCONNECT_TIME_T);
  const bool connected = info.number(CURLINFO_NUM_CONNECTS) > 0;
  const auto add = [draft](std::string_view key, std::int64_t micros) {
    if (micros > 0) draft->add_double(key, static_cast<double>(micros) / 1e6);
  };
  if (connected) {
    add("llmobserve.http.dns_seconds", dns);
    add("llmobserve.http.connect_seconds", connect - dns);
    add("llmobserve.http.tls_seconds", tls - connect);
  }
  add("llmobserve.http.first_byte_seconds", info.size(CURLINFO_STARTTRANSFER_TIME_T));
  add("llmobserve.http.total_seconds", info.size(CURLINFO_TOTAL_TIME_T));
}

void write_response(const TransferInfo& info, long status, SpanDraft* draft) {
  if (status > 0) {
    draft->add_int("http.response.status_code", status);
    draft->add_int("http.response.body.size", info.size(CURLINFO_SIZE_DOWNLOAD_T));
    const std::string_view version = protocol_version(info.number(CURLINFO_HTTP_VERSION));
    if (!version.empty()) draft->add("network.protocol.version", version);
    write_headers(info, draft);
  }
  const std::int64_t sent = info.size(CURLINFO_SIZE_UPLOAD_T);
  if (sent > 0) draft->add_int("http.request.body.size", sent);
}

void write_redirects(const TransferInfo& info, std::string_view original_url, SpanDraft* draft) {
  const long redirects = info.number(CURLINFO_REDIRECT_COUNT);
  if (redirects <= 0) return;
  draft->add_int("http.request.resend_count", redirects);
  const RedactedUrl final_url = redacted_url(info.text(CURLINFO_EFFECTIVE_URL));
  if (!final_url.empty() && final_url.view() != original_url) {
    draft->add("llmobserve.http.effective_url", final_url.view());
  }
}

// An HTTP status says it all, so it comes with no message; a transport error comes with libcurl's fixed text
// for its code, never with the text of CURLOPT_ERRORBUFFER, which quotes hosts, URLs and certificates.
void write_outcome(const CurlApi& api, CURLcode result, long status, SpanDraft* draft) {
  if (result != CURLE_OK) draft->add("llmobserve.curl.error", curl_error_name(result));
  if (status >= 400) {
    char text[24];
    const auto end = std::to_chars(std::begin(text), std::end(text), status).ptr;
    draft->add("error.type", {text, static_cast<std::size_t>(end - text)});
    draft->set_status(SpanStatus::kError);
  } else if (result != CURLE_OK) {
    const char* const message = api.easy_strerror(result);
    draft->add("error.type", error_type_of(result));
    draft->set_status(SpanStatus::kError, message == nullptr ? std::string_view{} : message);
  }
}

}  // namespace

std::string_view curl_error_name(CURLcode code) {
  const auto* const found = std::find_if(std::begin(kCodes), std::end(kCodes),
                                         [&](const CodeName& row) { return row.code == code; });
  return found == std::end(kCodes) ? std::string_view("CURLE_UNKNOWN") : found->name;
}

std::string_view error_type_of(CURLcode code) {
  return code == CURLE_OPERATION_TIMEDOUT ? std::string_view("timeout") : curl_error_name(code);
}

std::string_view protocol_version(long version) {
  switch (version) {
    case CURL_HTTP_VERSION_1_0:
      return "1.0";
    case CURL_HTTP_VERSION_1_1:
      return "1.1";
    case CURL_HTTP_VERSION_2_0:
      return "2";
    case CURL_HTTP_VERSION_3:
      return "3";
    default:
      return {};
  }
}

std::string_view write_method(std::string_view method, SpanDraft* draft) {
  const auto* const known = std::find(std::begin(kMethods), std::end(kMethods), method);
  if (known != std::end(kMethods)) {
    draft->add("http.request.method", *known);
    return *known;
  }
  draft->add("http.request.method", "_OTHER");
  draft->add("http.request.method_original", method);
  return "HTTP";
}

long TransferInfo::number(CURLINFO info) const {
  long value = 0;
  return api_.easy_getinfo(curl_, info, &value) == CURLE_OK ? value : 0;
}

std::int64_t TransferInfo::size(CURLINFO info) const {
  curl_off_t value = 0;
  return api_.easy_getinfo(curl_, info, &value) == CURLE_OK ? value : 0;
}

std::string_view TransferInfo::text(CURLINFO info) const {
  const char* value = nullptr;
  if (api_.easy_getinfo(curl_, info, &value) != CURLE_OK || value == nullptr) return {};
  return value;
}

std::string_view TransferInfo::header(const char* name) const {
  curl_header* found = nullptr;
  if (api_.easy_header == nullptr) return {};
  if (api_.easy_header(curl_, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return {};
  return found->value;
}

void write_transfer(const TransferInfo& info, const CurlApi& api, CURLcode result,
                    std::string_view original_url, SpanDraft* draft) {
  // libcurl did not even begin: what it would answer is about an earlier transfer.
  if (result == CURLE_FAILED_INIT || result == CURLE_RECURSIVE_API_CALL)
    return write_outcome(api, result, 0, draft);
  const long status = info.number(CURLINFO_RESPONSE_CODE);
  write_response(info, status, draft);
  write_peer(info, draft);
  write_redirects(info, original_url, draft);
  write_times(info, draft);
  write_outcome(api, result, status, draft);
}

}  // namespace llmo::http
