// Which requests carry a traceparent, and in what list of headers.
#include <catch2/catch.hpp>
#include <string>

#include "shim/http/request_tag.h"
#include "shim/http/url.h"
#include "tests/unit/http_fake_curl.h"

namespace llmo::http {
namespace {

using test::HeaderLines;
using test::lines_of;
using Lines = std::vector<std::string>;

constexpr span::SpanContext kContext{.trace = {0x0af7651916cd43dd, 0x8448eb211c80319c},
                                     .span = 0xb7ad6b7169203331,
                                     .flags = journal::kFlagSampled};
constexpr const char* kLine = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

bool refused(std::vector<std::string> headers, const std::string& text = "https://api.example.org/v1/chat") {
  HeaderLines lines(std::move(headers));
  HandleOptions options;
  options.note(CURLOPT_HTTPHEADER, lines.list());
  Url url;
  REQUIRE(parse_url(text, &url));
  return must_not_be_tagged(options, query_is_signed(url.query()));
}

TEST_CASE("LLMOBSERVE_TAG_REQUESTS takes true, false and globs of hosts", "[http][tag]") {
  CHECK(TagRule("true").allows("api.openai.com"));
  CHECK_FALSE(TagRule("false").allows("api.openai.com"));
  CHECK(TagRule(" *.example.org , localhost ").allows("a.example.org"));
  CHECK(TagRule("*.example.org,localhost").allows("localhost"));
  CHECK_FALSE(TagRule("*.example.org,localhost").allows("api.openai.com"));
  CHECK_FALSE(TagRule("*.example.org,!b.example.org").allows("b.example.org"));
  CHECK(TagRule("!api.openai.com").allows("api.anthropic.com"));
  CHECK_FALSE(TagRule("! api.openai.com").allows("api.openai.com"));
  CHECK(TagRule("API.OpenAI.com").allows("api.openai.com"));
  CHECK_FALSE(TagRule("!*.OpenAI.com").allows("api.openai.com"));
  CHECK_FALSE(TagRule("").allows("api.openai.com"));
  CHECK_FALSE(TagRule(",,").allows(""));
}

TEST_CASE("a request that carries a traceparent already gets none", "[http][tag]") {
  CHECK_FALSE(refused({"Accept: */*"}));
  CHECK(refused({"traceparent: 00-1-2-01"}));
  CHECK(refused({"Accept: */*", "TraceParent:x"}));
  CHECK(refused({"traceparent;"}));
  CHECK(refused({"traceparent:"}));
  CHECK_FALSE(refused({"x-traceparent: 1", "traceparents: 1", "traceparent"}));
}

TEST_CASE("a request that is signed in advance is left alone", "[http][tag]") {
  CHECK(refused({"Authorization: AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c"}));
  CHECK(refused({"authorization:AWS4-ECDSA-P256-SHA256 Credential=a"}));
  CHECK(refused({"Authorization: Signature keyId=\"k\""}));
  CHECK(refused({"Signature-Input: sig1=()"}));
  CHECK_FALSE(refused({"Authorization: Bearer AWS4-HMAC"}));
  CHECK(refused({}, "https://bucket.s3.amazonaws.com/key?X-Amz-Date=1&X-Amz-Signature=abc"));
  CHECK(refused({}, "https://storage.googleapis.com/b/o?X-Goog-Signature=abc"));
  CHECK(refused({}, "https://cdn.example.org/a?Expires=1&Signature=abc&Key-Pair-Id=k"));
  CHECK_FALSE(refused({}, "https://cdn.example.org/a?NoSignature=abc&x=Signature"));
}

TEST_CASE("a request that libcurl signs itself is left alone", "[http][tag]") {
  HandleOptions options;
  char provider[] = "aws:amz";
  options.note(CURLOPT_AWS_SIGV4, provider);
  CHECK(must_not_be_tagged(options, false));
  options.note(CURLOPT_AWS_SIGV4, nullptr);
  CHECK_FALSE(must_not_be_tagged(options, false));
}

TEST_CASE("the tag stands in front of the application's list, which stays as it was", "[http][tag]") {
  HeaderLines lines({"Accept: */*", "X-Last: 1"});
  TaggedHeaders tagged(kContext, {});
  CHECK(lines_of(tagged.in_front_of(lines.list(), true)) == Lines{kLine, "Accept: */*", "X-Last: 1"});
  CHECK(lines_of(lines.list()) == Lines{"Accept: */*", "X-Last: 1"});
  CHECK(lines_of(tagged.in_front_of(nullptr, true)) == Lines{kLine});
}

TEST_CASE("a tracestate goes with the tag, unless the application sends its own", "[http][tag]") {
  TaggedHeaders tagged(kContext, "vendor=1");
  CHECK(lines_of(tagged.in_front_of(nullptr, true)) == Lines{kLine, "tracestate: vendor=1"});
  CHECK(lines_of(tagged.in_front_of(nullptr, false)) == Lines{kLine});
}

TEST_CASE("a tracestate cannot smuggle in a header of its own", "[http][tag]") {
  for (const std::string& evil :
       {std::string("a=1\r\nX-Evil: 1"), std::string("a=\n"), std::string(2000, 'a')}) {
    TaggedHeaders tagged(kContext, evil);
    CHECK(lines_of(tagged.in_front_of(nullptr, true)) == Lines{kLine});
  }
}

}  // namespace
}  // namespace llmo::http
