// The words for what libcurl reports, and which of its answers are kept.
#include "shim/http/transfer_facts.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "shim/http/curl_errors.h"
#include "shim/http/response_headers.h"
#include "shim/http/url.h"

namespace llmo::http {
namespace {

using journal::SpanDraft;
using journal::SpanStatus;

// RFC 9110 9, RFC 5789 and the QUERY method, in the case that they are sent in.
constexpr std::string_view kMethods[] = {"GET",   "POST",    "PUT",   "DELETE",  "HEAD",
                                         "PATCH", "OPTIONS", "TRACE", "CONNECT", "QUERY"};

// Where the headers did not pass by, libcurl is asked for them, and takes its time: it compares each header
// with all others. So only an error, which is rare and where they tell most, is asked for all that it has,
// and any other answer for a few.
constexpr int kMaxHeadersSeen = 64;
constexpr const char* kFewHeaders[] = {"retry-after", "request-id", "x-request-id"};

void write_headers(const TransferInfo& info, long status, SpanDraft* draft) {
  ResponseHeaders headers;
  if (status < 400) {
    for (const char* const name : kFewHeaders) headers.note(name, info.header(name));
  } else {
    curl_header* header = info.next_header(nullptr);
    for (int seen = 0; header != nullptr && seen < kMaxHeadersSeen; ++seen) {
      headers.note(header->name, header->value);
      header = info.next_header(header);
    }
  }
  headers.write(draft);
}

void write_peer(const TransferInfo& info, SpanDraft* draft) {
  const std::string_view address = info.text(CURLINFO_PRIMARY_IP);
  if (address.empty()) return;
  draft->add("network.peer.address", address);
  draft->add_int("network.peer.port", info.number(CURLINFO_PRIMARY_PORT));
}

// libcurl counts every phase from the start of its request; what belongs to one phase alone is the
// difference. A phase that did not take place (a connection was reused, no TLS) is left out. Over redirects
// libcurl adds each phase up.
void write_times(const TransferInfo& info, SpanDraft* draft) {
  const auto add = [draft](std::string_view key, std::int64_t micros) {
    if (micros > 0) draft->add_double(key, static_cast<double>(micros) / 1e6);
  };
  if (info.number(CURLINFO_NUM_CONNECTS) > 0) {
    const std::int64_t dns = info.size(CURLINFO_NAMELOOKUP_TIME_T);
    const std::int64_t connect = info.size(CURLINFO_CONNECT_TIME_T);
    const std::int64_t tls = info.size(CURLINFO_APPCONNECT_TIME_T);
    add("llmobserve.http.dns_seconds", dns);
    add("llmobserve.http.connect_seconds", connect - dns);
    add("llmobserve.http.tls_seconds", tls - connect);
  }
  add("llmobserve.http.first_byte_seconds", info.size(CURLINFO_STARTTRANSFER_TIME_T));
  add("llmobserve.http.total_seconds", info.size(CURLINFO_TOTAL_TIME_T));
}

// False where libcurl gave up before it began: what it would answer is about an earlier transfer.
bool has_begun(CURLcode result, std::string_view original_url) {
  const bool no_url = result == CURLE_URL_MALFORMAT && original_url.empty();
  return result != CURLE_FAILED_INIT && result != CURLE_RECURSIVE_API_CALL && !no_url;
}

void write_response(const TransferInfo& info, long status, const ResponseHeaders* headers, SpanDraft* draft) {
  if (status > 0) {
    draft->add_int("http.response.status_code", status);
    draft->add_int("http.response.body.size", info.size(CURLINFO_SIZE_DOWNLOAD_T));
    const std::string_view version = protocol_version(info.number(CURLINFO_HTTP_VERSION));
    if (!version.empty()) draft->add("network.protocol.version", version);
    if (headers != nullptr) {
      headers->write(draft);
    } else {
      write_headers(info, status, draft);
    }
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

// What the application itself gave up is no fault: the span's end says `cancelled`.
bool is_error(CURLcode result) { return result != CURLE_OK && result != CURLE_ABORTED_BY_CALLBACK; }

// An HTTP status says it all, so it comes with no message; a transport error comes with libcurl's fixed text
// for its code, never with the text of CURLOPT_ERRORBUFFER, which quotes hosts, URLs and certificates.
void write_outcome(const CurlApi& api, CURLcode result, long status, SpanDraft* draft) {
  if (result != CURLE_OK) draft->add("llmobserve.curl.error", curl_error_name(result));
  if (status >= 400) {
    char text[24];
    const auto end = std::to_chars(std::begin(text), std::end(text), status).ptr;
    draft->add("error.type", {text, static_cast<std::size_t>(end - text)});
    draft->set_status(SpanStatus::kError);
  } else if (is_error(result)) {
    const char* const message = api.easy_strerror(result);
    draft->add("error.type", error_type_of(result));
    draft->set_status(SpanStatus::kError, message == nullptr ? std::string_view{} : message);
  }
}

}  // namespace

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

curl_header* TransferInfo::next_header(curl_header* previous) const {
  return api_.easy_nextheader == nullptr ? nullptr : api_.easy_nextheader(curl_, CURLH_HEADER, -1, previous);
}

void write_transfer(const TransferInfo& info, const CurlApi& api, CURLcode result,
                    std::string_view original_url, const ResponseHeaders* headers, SpanDraft* draft) {
  if (!has_begun(result, original_url)) return write_outcome(api, result, 0, draft);
  const long status = info.number(CURLINFO_RESPONSE_CODE);
  write_response(info, status, headers, draft);
  write_peer(info, draft);
  write_redirects(info, original_url, draft);
  write_times(info, draft);
  write_outcome(api, result, status, draft);
}

}  // namespace llmo::http
