// What is kept from one request of a handle to the next, and when it is not.
#include <catch2/catch.hpp>
#include <string>

#include "shim/http/request_plan.h"
#include "tests/unit/genai_attributes.h"
#include "tests/unit/http_fake_curl.h"

namespace llmo::http {
namespace {

void set(HandleOptions& options, CURLoption option, const void* argument) {
  options.note(option, const_cast<void*>(argument));
}

std::shared_ptr<const RequestPlan> plan_of(const HandleOptions& options) {
  return plan_request(options.url(), options.method(), &options);
}

std::string full_url(const RequestPlan& plan) { return genai::attributes_of(plan.facts)["url.full"]; }

TEST_CASE("a request that is made again is not looked at again", "[http][plan]") {
  HandleOptions options;
  set(options, CURLOPT_URL, "https://api.openai.com/v1/models");
  const auto first = plan_of(options);
  set(options, CURLOPT_URL, std::string("https://api.openai.com/v1/models").c_str());
  CHECK(plan_of(options) == first);
  const HandleOptions copy = options;  // as curl_easy_duphandle() makes one
  CHECK(plan_of(copy) == first);
}

TEST_CASE("a new URL, scheme or method is a new request", "[http][plan]") {
  HandleOptions options;
  set(options, CURLOPT_URL, "api.openai.com/v1/chat/completions");
  const auto first = plan_of(options);
  CHECK(full_url(*first) == "http://api.openai.com/v1/chat/completions");
  CHECK(first->match.provider.empty());

  set(options, CURLOPT_DEFAULT_PROTOCOL, "https");
  CHECK(full_url(*plan_of(options)) == "https://api.openai.com/v1/chat/completions");
  set(options, CURLOPT_POSTFIELDS, "{}");
  CHECK(plan_of(options)->match.provider == "openai");
  set(options, CURLOPT_CUSTOMREQUEST, "DELETE");
  CHECK(plan_of(options)->method == "DELETE");
  set(options, CURLOPT_CUSTOMREQUEST, nullptr);
  set(options, CURLOPT_URL, "https://example.org/");
  CHECK(plan_of(options)->host == "example.org");
  CHECK(full_url(*first) == "http://api.openai.com/v1/chat/completions");
}

TEST_CASE("a reset handle keeps nothing of its last request", "[http][plan]") {
  HandleOptions options;
  set(options, CURLOPT_URL, "https://example.org/");
  const auto first = plan_of(options);
  options = {};
  CHECK(options.last_plan == nullptr);
  CHECK(full_url(*first) == "https://example.org/");
}

TEST_CASE("where headers decide, they are looked at each time", "[http][plan]") {
  HandleOptions options;
  set(options, CURLOPT_URL, "https://proxy.example.org/v1/messages");
  set(options, CURLOPT_POSTFIELDS, "{}");
  CHECK(plan_of(options)->match.provider.empty());
  test::HeaderLines lines({"anthropic-version: 2023-06-01"});
  set(options, CURLOPT_HTTPHEADER, lines.list());
  CHECK(plan_of(options)->match.provider == "anthropic");
  set(options, CURLOPT_HTTPHEADER, nullptr);
  CHECK(plan_of(options)->match.provider.empty());
}

TEST_CASE("the signature in a URL is found, and not kept for the next URL", "[http][plan]") {
  HandleOptions options;
  set(options, CURLOPT_URL, "https://bucket.s3.amazonaws.com/key?X-Amz-Signature=abc");
  CHECK(plan_of(options)->is_signed);
  set(options, CURLOPT_URL, "https://bucket.s3.amazonaws.com/key");
  CHECK_FALSE(plan_of(options)->is_signed);
}

TEST_CASE("what is no HTTP request has a plan that says so", "[http][plan]") {
  for (const char* const url : {"ftp://example.org/a", "file:///etc/hosts", "ftp.example.org/a"}) {
    INFO(url);
    CHECK_FALSE(plan_request(url, "GET", nullptr)->is_http);
  }
  CHECK(plan_request("http:///", "GET", nullptr)->is_http);
  CHECK(plan_request("http:///", "GET", nullptr)->host.empty());
}

}  // namespace
}  // namespace llmo::http
