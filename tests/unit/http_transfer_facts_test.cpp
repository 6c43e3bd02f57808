// What libcurl's answers become on a span.
#include <catch2/catch.hpp>
#include <memory>

#include "shim/http/curl_errors.h"
#include "shim/http/response_headers.h"
#include "shim/http/transfer_facts.h"
#include "tests/unit/genai_attributes.h"
#include "tests/unit/http_fake_curl.h"

namespace llmo::http {
namespace {

using genai::Attributes;
using test::FakeHandle;

Attributes facts_of(FakeHandle& handle, CURLcode result, std::string_view url = "http://a.example/") {
  const CurlApi api = test::fake_curl_api();
  const auto draft = std::make_unique<journal::SpanDraft>();
  write_transfer(TransferInfo(api, handle.curl()), api, result, url, draft.get());
  return genai::attributes_of(*draft);
}

bool has(const Attributes& attributes, const std::string& key) { return attributes.contains(key); }

TEST_CASE("a plain answer is no error", "[http][facts]") {
  FakeHandle handle;
  handle.numbers = {{CURLINFO_RESPONSE_CODE, 200},
                    {CURLINFO_HTTP_VERSION, CURL_HTTP_VERSION_2_0},
                    {CURLINFO_PRIMARY_PORT, 8443},
                    {CURLINFO_NUM_CONNECTS, 1}};
  handle.sizes = {{CURLINFO_SIZE_DOWNLOAD_T, 591},      {CURLINFO_SIZE_UPLOAD_T, 37},
                  {CURLINFO_NAMELOOKUP_TIME_T, 1'000},  {CURLINFO_CONNECT_TIME_T, 3'000},
                  {CURLINFO_APPCONNECT_TIME_T, 10'000}, {CURLINFO_STARTTRANSFER_TIME_T, 250'000},
                  {CURLINFO_TOTAL_TIME_T, 1'500'000}};
  handle.texts = {{CURLINFO_PRIMARY_IP, "192.0.2.1"}};
  const Attributes facts = facts_of(handle, CURLE_OK);
  CHECK(facts.at("http.response.status_code") == "200");
  CHECK(facts.at("network.protocol.version") == "2");
  CHECK(facts.at("http.response.body.size") == "591");
  CHECK(facts.at("http.request.body.size") == "37");
  CHECK(facts.at("network.peer.address") == "192.0.2.1");
  CHECK(facts.at("network.peer.port") == "8443");
  CHECK(facts.at("llmobserve.http.dns_seconds") == "0.001");
  CHECK(facts.at("llmobserve.http.connect_seconds") == "0.002");
  CHECK(facts.at("llmobserve.http.tls_seconds") == "0.007");
  CHECK(facts.at("llmobserve.http.first_byte_seconds") == "0.25");
  CHECK(facts.at("llmobserve.http.total_seconds") == "1.5");
  CHECK_FALSE(has(facts, "error.type"));
  CHECK_FALSE(has(facts, "status"));
  CHECK_FALSE(has(facts, "http.request.resend_count"));
}

TEST_CASE("a status from 400 on is an error named by its number, without a message", "[http][facts]") {
  FakeHandle handle;
  handle.numbers[CURLINFO_RESPONSE_CODE] = 429;
  const Attributes facts = facts_of(handle, CURLE_OK);
  CHECK(facts.at("error.type") == "429");
  CHECK(facts.at("status") == "2 ");
  handle.numbers[CURLINFO_RESPONSE_CODE] = 399;
  CHECK_FALSE(has(facts_of(handle, CURLE_OK), "status"));
}

TEST_CASE("a transfer that fails is an error named by its curl code", "[http][facts]") {
  FakeHandle handle;
  const Attributes facts = facts_of(handle, CURLE_COULDNT_CONNECT);
  CHECK(facts.at("error.type") == "CURLE_COULDNT_CONNECT");
  CHECK(facts.at("llmobserve.curl.error") == "CURLE_COULDNT_CONNECT");
  CHECK(facts.at("status") == "2 what libcurl says");
  CHECK_FALSE(has(facts, "http.response.status_code"));
  CHECK_FALSE(has(facts, "http.response.body.size"));

  CHECK(facts_of(handle, CURLE_OPERATION_TIMEDOUT).at("error.type") == "timeout");
  CHECK(facts_of(handle, CURLE_OPERATION_TIMEDOUT).at("llmobserve.curl.error") == "CURLE_OPERATION_TIMEDOUT");
  CHECK(facts_of(handle, CURLE_OBSOLETE40).at("error.type") == "CURLE_UNKNOWN");

  handle.numbers[CURLINFO_RESPONSE_CODE] = 200;  // the answer began, then broke off
  CHECK(facts_of(handle, CURLE_PARTIAL_FILE).at("error.type") == "CURLE_PARTIAL_FILE");
}

TEST_CASE("a transfer that a progress callback gave up is no error", "[http][facts]") {
  FakeHandle handle;
  handle.numbers[CURLINFO_RESPONSE_CODE] = 200;
  const Attributes facts = facts_of(handle, CURLE_ABORTED_BY_CALLBACK);
  CHECK(facts.at("llmobserve.curl.error") == "CURLE_ABORTED_BY_CALLBACK");
  CHECK_FALSE(has(facts, "error.type"));
  CHECK_FALSE(has(facts, "status"));
  handle.numbers[CURLINFO_RESPONSE_CODE] = 500;
  CHECK(facts_of(handle, CURLE_ABORTED_BY_CALLBACK).at("error.type") == "500");
}

TEST_CASE("a transfer that libcurl refused to begin has none of the facts of the one before",
          "[http][facts]") {
  FakeHandle handle;
  handle.numbers[CURLINFO_RESPONSE_CODE] = 200;
  const Attributes facts = facts_of(handle, CURLE_FAILED_INIT);
  CHECK(facts.at("error.type") == "CURLE_FAILED_INIT");
  CHECK_FALSE(has(facts, "http.response.status_code"));
}

TEST_CASE("chosen response headers are kept and no others", "[http][facts]") {
  FakeHandle handle;
  handle.numbers[CURLINFO_RESPONSE_CODE] = 429;
  handle.headers = {{"retry-after", "2"},
                    {"anthropic-ratelimit-tokens-remaining", "0"},
                    {"set-cookie", "session=secret"},
                    {"authorization", "secret"}};
  const Attributes facts = facts_of(handle, CURLE_OK);
  CHECK(facts.at("http.response.header.retry-after") == "[2]");
  CHECK(facts.at("http.response.header.anthropic-ratelimit-tokens-remaining") == "[0]");
  for (const auto& [key, value] : facts) CHECK(value.find("secret") == value.npos);
}

TEST_CASE("an answer whose headers did not pass by is asked for a few, an error for all", "[http][facts]") {
  FakeHandle handle;
  handle.numbers[CURLINFO_RESPONSE_CODE] = 200;
  handle.headers = {{"x-request-id", "r"}, {"x-ratelimit-limit", "5"}};
  CHECK(facts_of(handle, CURLE_OK).at("http.response.header.x-request-id") == "[r]");
  CHECK_FALSE(has(facts_of(handle, CURLE_OK), "http.response.header.x-ratelimit-limit"));
  handle.numbers[CURLINFO_RESPONSE_CODE] = 500;
  CHECK(facts_of(handle, CURLE_OK).at("http.response.header.x-ratelimit-limit") == "[5]");
}

TEST_CASE("a redirect is counted and its end is named, without secrets", "[http][facts]") {
  FakeHandle handle;
  handle.numbers = {{CURLINFO_RESPONSE_CODE, 200}, {CURLINFO_REDIRECT_COUNT, 2}};
  handle.texts = {{CURLINFO_EFFECTIVE_URL, "http://user:pass@b.example/c?sig=s"}};
  const Attributes facts = facts_of(handle, CURLE_OK);
  CHECK(facts.at("http.request.resend_count") == "2");
  CHECK(facts.at("llmobserve.http.effective_url") == "http://REDACTED:REDACTED@b.example/c?sig=REDACTED");
}

TEST_CASE("a connection that was used again has no connect phases", "[http][facts]") {
  FakeHandle handle;
  handle.sizes = {{CURLINFO_NAMELOOKUP_TIME_T, 20}, {CURLINFO_CONNECT_TIME_T, 30}};
  const Attributes facts = facts_of(handle, CURLE_OK);
  CHECK_FALSE(has(facts, "llmobserve.http.dns_seconds"));
  CHECK_FALSE(has(facts, "llmobserve.http.connect_seconds"));
}

bool keeps(std::string_view header) {
  char lower_name[kMaxHeaderName];
  return !find_kept_header(header, lower_name).name.empty();
}

TEST_CASE("the quota headers of every provider are kept, in any case", "[http][facts]") {
  for (const std::string_view name : {"Retry-After",
                                      "retry-after-ms",
                                      "X-RateLimit-Limit",
                                      "x-ratelimit-remaining-requests",
                                      "x-ratelimit-reset-tokens",
                                      "x-ratelimit-limit-project-tokens",
                                      "x-ratelimit-remaining-tokens-minute",
                                      "x-ratelimit-limit-requests-day",
                                      "x-ratelimit-limit-tokens-cache-adjusted-prompt",
                                      "x-ratelimit-tokens-query-cost",
                                      "ratelimitbysize-query-cost",
                                      "x-ratelimitbysize-remaining-minute",
                                      "x-tokenlimit-remaining",
                                      "x-tokenlimit-limit-dynamic",
                                      "anthropic-ratelimit-input-tokens-reset",
                                      "anthropic-ratelimit-unified-status",
                                      "anthropic-priority-output-tokens-limit",
                                      "RateLimit-Policy",
                                      "x-trial-endpoint-call-remaining",
                                      "x-amzn-bedrock-invocation-latency"}) {
    INFO(name);
    CHECK(keeps(name));
  }
  char lower_name[kMaxHeaderName];
  CHECK(find_kept_header("X-Request-ID", lower_name).name == "x-request-id");
}

TEST_CASE("what identifies or authorises is not kept, however it is named", "[http][facts]") {
  for (const std::string_view name : {"",
                                      "a",
                                      "set-cookie",
                                      "authorization",
                                      "openai-organization",
                                      "openai-project",
                                      "anthropic-organization-id",
                                      "anthropic-workspace-id",
                                      "x-ratelimit-user",
                                      "x-ratelimit-limit-key",
                                      "x-ratelimit-",
                                      "x-ratelimit-limit-",
                                      "ratelimit-",
                                      "x-ratelimit-limit--tokens",
                                      "x-api-key",
                                      "x-litellm-key-spend",
                                      "x-amz-security-token",
                                      "retry-after-",
                                      "xretry-after",
                                      "x-ms-client-request-id"}) {
    INFO(name);
    CHECK_FALSE(keeps(name));
  }
  CHECK_FALSE(keeps("x-ratelimit" + std::string(1000, '-')));
}

Attributes written(const ResponseHeaders& headers) {
  journal::SpanDraft draft;
  headers.write(&draft);
  return genai::attributes_of(draft);
}

TEST_CASE("headers are kept from the lines of the last response alone", "[http][facts]") {
  ResponseHeaders headers;
  for (const std::string_view line :
       {"HTTP/1.1 302 Found\r\n", "Retry-After: 7\r\n", "x-request-id: first\r\n", "\r\n", "HTTP/2 200\r\n",
        "X-Request-ID:  second \r\n", "RateLimit-Policy: a\r\n", "date: today\r\n", "ratelimit-policy: b\r\n",
        "no header\r\n", "x-ratelimit-limit:\r\n", ":\r\n", "\r\n"}) {
    headers.note_line(line);
  }
  CHECK(written(headers) == Attributes{{"http.response.header.x-request-id", "[second]"},
                                       {"http.response.header.ratelimit-policy", "[a|b]"}});
}

TEST_CASE("a line that is delivered again counts once", "[http][facts]") {
  ResponseHeaders headers;
  headers.note_line("HTTP/1.1 200 OK\r\n");
  for (int times = 0; times < 3; ++times) {
    if (times > 0) headers.forget_line();
    headers.note_line("retry-after: 1\r\n");
  }
  CHECK(written(headers).at("http.response.header.retry-after") == "[1]");
}

TEST_CASE("headers without end take no more memory", "[http][facts]") {
  ResponseHeaders headers;
  for (int number = 0; number < 10'000; ++number) {
    headers.note_line("x-request-id: " + std::string(static_cast<std::size_t>(number), 'x') + "\r\n");
  }
  const std::string list = written(headers).at("http.response.header.x-request-id");
  CHECK(list.size() < 2000);
}

TEST_CASE("every error code of this libcurl has a name of its own", "[http][facts]") {
  CHECK(curl_error_name(CURLE_LOGIN_DENIED) == "CURLE_LOGIN_DENIED");
  CHECK(curl_error_name(static_cast<CURLcode>(100)) == "CURLE_TOO_LARGE");
  CHECK(curl_error_name(CURLE_OBSOLETE40) == "CURLE_UNKNOWN");
  CHECK(curl_error_name(CURLE_OK) == "CURLE_UNKNOWN");
  CHECK(curl_error_name(static_cast<CURLcode>(127)) == "CURLE_UNKNOWN");
}

TEST_CASE("a URL that was never set says nothing about the transfer before", "[http][facts]") {
  FakeHandle handle;
  handle.numbers[CURLINFO_RESPONSE_CODE] = 200;
  CHECK_FALSE(has(facts_of(handle, CURLE_URL_MALFORMAT, ""), "http.response.status_code"));
  // A redirect to a URL that nobody can read.
  CHECK(has(facts_of(handle, CURLE_URL_MALFORMAT), "http.response.status_code"));
}

TEST_CASE("a libcurl without curl_easy_header is asked for none", "[http][facts]") {
  CurlApi api = test::fake_curl_api();
  api.easy_header = nullptr;
  api.easy_nextheader = nullptr;
  FakeHandle handle;
  handle.headers = {{"retry-after", "2"}};
  CHECK(TransferInfo(api, handle.curl()).header("retry-after").empty());
  CHECK(TransferInfo(api, handle.curl()).next_header(nullptr) == nullptr);
}

TEST_CASE("a method that no standard knows is called by another name", "[http][facts]") {
  const auto draft = std::make_unique<journal::SpanDraft>();
  CHECK(write_method("PATCH", draft.get()) == "PATCH");
  CHECK(genai::attributes_of(*draft).at("http.request.method") == "PATCH");
  const auto other = std::make_unique<journal::SpanDraft>();
  CHECK(write_method("get", other.get()) == "HTTP");
  CHECK(genai::attributes_of(*other).at("http.request.method") == "_OTHER");
  CHECK(genai::attributes_of(*other).at("http.request.method_original") == "get");
}

}  // namespace
}  // namespace llmo::http
