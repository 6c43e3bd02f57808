// Bodies in whatever way they come and go: compressed, cut into single bytes, of ten megabytes, over TLS, by
// HTTP/1.0, after a redirect, by a read callback; and the errors of each provider.
#include <catch2/catch.hpp>
#include <string>

#include "tests/e2e/provider_calls.h"

namespace llmo::test {
namespace {

using List = std::vector<std::string>;

constexpr const char* kUrl = "http://api.openai.com/v1/chat/completions";
constexpr const char* kBody =
    R"({"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}],"max_tokens":50,"seed":11})";
constexpr const char* kFailed = "The mock was asked to fail.";

const Attributes kAnswered = {{"gen_ai.response.model", "gpt-4o-mini"},
                              {"gen_ai.response.finish_reasons", List{"stop"}},
                              {"gen_ai.usage.input_tokens", std::int64_t{812}},
                              {"gen_ai.usage.output_tokens", std::int64_t{96}}};

ApiCall chat(const std::string& mock, const List& options = {}) {
  return {.url = kUrl, .body = kBody, .expected = kAnswered, .mock = mock, .options = options};
}

TEST_CASE("an answer is read whoever decodes it", "[e2e][providers]") {
  ApiCall stream{.url = kUrl,
                 .body = R"({"model":"gpt-4o-mini","stream":true,"stream_options":{"include_usage":true}})",
                 .expected = kAnswered,
                 .mock = "gzip"};
  ApiCall decoded_stream = stream;
  decoded_stream.options = {"--accept-encoding"};
  check_calls({chat("gzip"), chat("deflate"), chat("gzip", {"--accept-encoding"}),
               chat("deflate", {"--accept-encoding"}), chat("gzip,pieces:1,chunked"), chat("gzip,content:1M"),
               stream, decoded_stream});
}

TEST_CASE("an answer gives the same span at every cut of its bytes", "[e2e][providers]") {
  std::vector<ApiCall> calls{chat("pieces:1,chunked"), chat("pieces:1"), chat("pieces:3,chunked,tools")};
  calls.back().expected["gen_ai.response.finish_reasons"] = List{"tool_calls"};
  for (int position = 1; position < 640; position += 9) {
    calls.push_back(chat("chunked,split-at:" + std::to_string(position)));
  }
  check_calls(calls);
}

TEST_CASE("ten megabytes of prompt or answer change nothing", "[e2e][providers]") {
  ApiCall prompt{.url = kUrl,
                 .body = "",
                 .expected = merged(kAnswered, {{"gen_ai.request.model", "gpt-4o-mini"},
                                                {"gen_ai.request.temperature", 0.5},
                                                {"gen_ai.request.max_tokens", std::int64_t{50}},
                                                {"gen_ai.request.seed", std::int64_t{11}}}),
                 .options = {"--prompt=10000000", "--header=Content-Type: application/json"}};
  ApiCall read_prompt = prompt;
  read_prompt.options.emplace_back("--read=100000");
  check_calls({prompt,
               read_prompt,
               chat("content:10M"),
               chat("content:10M,chunked,pieces:100K"),
               {.url = "https://api.anthropic.com/v1/messages",
                .body = R"({"model":"claude-sonnet-4-5","messages":[],"stream":true})",
                .expected = {{"gen_ai.usage.output_tokens", std::int64_t{64}}},
                .mock = "content:10M,chunks:500"}});
}

TEST_CASE("a body is read in whichever way it is handed over or sent back", "[e2e][providers]") {
  ApiCall old = chat("", {"--http10"});
  ApiCall old_answer = chat("http10");
  old_answer.expected["network.protocol.version"] = "1.0";
  ApiCall waiting = chat("first:30ms,pause:5ms,pieces:200");
  ApiCall secure = chat("");
  secure.url = "https://api.openai.com/v1/chat/completions";
  check_calls({chat("", {"--copy"}), chat("", {"--read=1"}), chat("", {"--read=7"}), chat("no-length"),
               chat("close"), chat("chunked"), chat("", {"--header=Expect: 100-continue"}), old, old_answer,
               waiting, secure});
}

TEST_CASE("a redirected call is one span that says where it ended", "[e2e][providers]") {
  ApiCall moved = chat("", {"--follow"});
  moved.url = "http://api.openai.com/redirect-307/v1/chat/completions";
  moved.span = "POST";
  moved.expected = {{"http.request.resend_count", std::int64_t{1}}, {"llmobserve.http.effective_url", kUrl}};
  check_calls({moved});
}

TEST_CASE("a call through a proxy is a call to the host that was asked for", "[e2e][providers]") {
  ApiCall through = chat("");
  through.options = {"--connect-to=", "--proxy=http://user:proxy-secret@" + provider_server().address()};
  through.expected["network.peer.address"] = "127.0.0.1";
  check_calls({through});
}

TEST_CASE("one handle makes several calls, each with a span of its own", "[e2e][providers]") {
  MockServer server;
  const Run run = run_under_shim(
      "api_call", "gcc-O2",
      {.args = {"POST", kUrl, "--connect-to=" + server.connect_to(), std::string("--body=") + kBody,
                "--header=Content-Type: application/json", "--repeat=3"}});
  const std::vector<Span> calls = spans_named(run.spans, "llm.request");
  REQUIRE(calls.size() == 3);
  for (const Span& span : calls) CHECK(difference(chat(""), span) == "");
  for (const SeenRequest& request : server.log()) {
    CHECK(request.connection == 1);
    CHECK(request.body == kBody);
    CHECK(request.header("traceparent").size() == 1);
  }
}

// --- errors ------------------------------------------------------------------------------------------------

struct Failing {
  const char* url;
  const char* type_401;
  const char* type_429;
  const char* type_500;
  const char* span = "llm.request";
};

// The provider's own code or type; the status where it has none.
const Failing kFailing[] = {
    {kUrl, "invalid_api_key", "rate_limit_exceeded", "server_error"},
    {"http://contoso.openai.azure.com/openai/deployments/gpt-4o/chat/completions", "401", "429",
     "server_error"},
    {"http://api.anthropic.com/v1/messages", "authentication_error", "rate_limit_error", "api_error"},
    {"http://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent",
     "UNAUTHENTICATED", "RESOURCE_EXHAUSTED", "INTERNAL"},
    {"http://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent",
     "UNAUTHENTICATED", "RESOURCE_EXHAUSTED", "INTERNAL"},
    {"http://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse", "AccessDeniedException",
     "ThrottlingException", "InternalServerException"},
    {"http://api.cohere.com/v2/chat", "401", "429", "500"},
    {"http://api.mistral.ai/v1/chat/completions", "invalid_request_error", "rate_limited",
     "invalid_request_error"},
    {"http://api.x.ai/v1/chat/completions", "401", "429", "500"},
    {"http://api.groq.com/openai/v1/chat/completions", "invalid_api_key", "rate_limit_exceeded",
     "server_error"},
    {"http://openrouter.ai/api/v1/chat/completions", "401", "429", "500"},
    {"http://abc.us-east-1.aws.endpoints.huggingface.cloud/generate", "generation", "overloaded",
     "generation"},
    {"http://localhost:11434/api/chat", "401", "429", "500"},
    {"http://api.voyageai.com/v1/embeddings", "401", "429", "500"},
    {"http://api.jina.ai/v1/embeddings", "401", "429", "500"},
};

std::vector<ApiCall> failing_calls(int status, const char* Failing::*type) {
  std::vector<ApiCall> calls;
  for (const Failing& row : kFailing) {
    calls.push_back(
        {.url = row.url,
         .body = kBody,
         .expected = {{"http.response.status_code", std::int64_t{status}}, {"error.type", row.*type}},
         .mock = "status:" + std::to_string(status),
         .absent = {"gen_ai.usage.input_tokens", "gen_ai.response.finish_reasons"},
         .fails = true,
         .message = kFailed});
    if (status == 429) calls.back().expected["http.response.header.retry-after"] = List{"1"};
  }
  return calls;
}

TEST_CASE("an error has the provider's word for it and its message", "[e2e][providers]") {
  check_calls(failing_calls(401, &Failing::type_401));
  check_calls(failing_calls(500, &Failing::type_500));
}

TEST_CASE("a refusal for too many requests says how long to wait", "[e2e][providers]") {
  std::vector<ApiCall> calls = failing_calls(429, &Failing::type_429);
  const auto limited = [](const char* url, const char* header, const char* value) {
    return ApiCall{.url = url,
                   .body = kBody,
                   .expected = {{"http.response.status_code", std::int64_t{429}},
                                {std::string("http.response.header.") + header, List{value}}},
                   .mock = "status:429",
                   .fails = true};
  };
  calls.push_back(limited(kUrl, "x-ratelimit-remaining-tokens", "199000"));
  calls.push_back(
      limited("http://api.anthropic.com/v1/messages", "anthropic-ratelimit-tokens-limit", "50000"));
  calls.push_back(
      limited("http://api.mistral.ai/v1/chat/completions", "x-ratelimit-remaining-tokens-minute", "499000"));
  calls.push_back(limited("http://openrouter.ai/api/v1/chat/completions", "x-ratelimit-remaining", "19"));
  calls.push_back(limited("http://api.together.xyz/v1/chat/completions", "x-ratelimit-reset", "1"));
  check_calls(calls);
}

TEST_CASE("an overloaded Anthropic is an error of its own", "[e2e][providers]") {
  check_calls(
      {{.url = "http://api.anthropic.com/v1/messages",
        .body = kBody,
        .expected = {{"http.response.status_code", std::int64_t{529}}, {"error.type", "overloaded_error"}},
        .mock = "status:529",
        .fails = true,
        .message = kFailed}});
}

TEST_CASE("words of an error count, whatever the status says", "[e2e][providers]") {
  std::vector<ApiCall> calls;
  for (const char* const url :
       {kUrl, "http://openrouter.ai/api/v1/chat/completions",
        "http://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent",
        "http://localhost:11434/api/chat", "http://api.anthropic.com/v1/messages"}) {
    calls.push_back({.url = url, .body = kBody, .mock = "error-in-200", .fails = true, .message = kFailed});
  }
  check_calls(calls);
}

TEST_CASE("a call that the application tries again is two spans, each with its own end", "[e2e][providers]") {
  const Run run =
      run_under_shim("api_call", "gcc-O2",
                     {.args = {"POST", kUrl, "--connect-to=" + provider_server().connect_to(),
                               std::string("--body=") + kBody, "--header=Content-Type: application/json",
                               "--header=X-Mock: fail-429-once:again", "--repeat=2"}});
  const std::vector<Span> calls = spans_named(run.spans, "llm.request");
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].status == 2);
  CHECK(attribute(calls[0], "error.type") == "rate_limit_exceeded");
  CHECK(difference(chat(""), calls[1]) == "");
  CHECK(only_span(run.spans, "workflow.call_workflow").status == 0);
}

TEST_CASE("what goes wrong below HTTP has libcurl's name", "[e2e][providers]") {
  const auto broken = [](const std::string& mock, const std::string& type, std::int64_t status) {
    ApiCall call{.url = kUrl, .body = kBody, .expected = {{"error.type", type}}, .mock = mock, .fails = true};
    if (status != 0) call.expected["http.response.status_code"] = status;
    return call;
  };
  std::vector<ApiCall> calls{broken("cut:100", "CURLE_PARTIAL_FILE", 200),
                             broken("rst,cut:100", "CURLE_RECV_ERROR", 200)};
  ApiCall late = broken("first:2000ms", "timeout", 200);
  late.options = {"--timeout=200"};
  calls.push_back(late);
  ApiCall untrusted = broken("", "CURLE_PEER_FAILED_VERIFICATION", 0);
  untrusted.url = "https://api.openai.com/v1/chat/completions";
  untrusted.options = {"--cacert=/etc/ssl/certs/ca-certificates.crt"};
  const Span refused = spans_of({untrusted}).at(0);
  CHECK(attribute(refused, "error.type") == "CURLE_PEER_FAILED_VERIFICATION");
  CHECK_FALSE(has_attribute(refused, "http.response.status_code"));
  check_calls(calls);
}

}  // namespace
}  // namespace llmo::test
