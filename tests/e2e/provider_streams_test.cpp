// Streams of every format through the real libcurl: server-sent events, JSON lines, JSON arrays and Bedrock's
// binary event streams; whole, cut, dressed otherwise, and however their bytes come.
#include <catch2/catch.hpp>
#include <string>

#include "tests/e2e/provider_calls.h"

namespace llmo::test {
namespace {

using List = std::vector<std::string>;

constexpr const char* kFirstChunk = "gen_ai.response.time_to_first_chunk";
constexpr const char* kFirstToken = "llmobserve.stream.first_token_seconds";
constexpr const char* kChunks = "llmobserve.stream.chunks";

struct Stream {
  const char* url;
  const char* body;
  const char* finish;  // the reason, in the provider's word
  std::int64_t input, output;
};

constexpr const char* kOpenAiUrl = "http://api.openai.com/v1/chat/completions";
constexpr const char* kOpenAiBody =
    R"({"model":"gpt-4o-mini","messages":[],"stream":true,"stream_options":{"include_usage":true}})";
constexpr const char* kPlainBody = R"({"model":"some-model","messages":[],"stream":true})";
constexpr const char* kGeminiUrl =
    "http://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent";
constexpr const char* kGeminiEventsUrl =
    "http://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse";
constexpr const char* kBedrock = "http://bedrock-runtime.us-east-1.amazonaws.com/model/";
constexpr const char* kConverseUrl =
    "http://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-3-haiku/converse-stream";
constexpr const char* kInvokeUrl =
    "http://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-3-haiku/"
    "invoke-with-response-stream";

// One of each format, and of each place that usage can stand in.
const Stream kStreams[] = {
    {kOpenAiUrl, kOpenAiBody, "stop", 812, 96},
    {"http://api.openai.com/v1/responses", R"({"model":"gpt-4o-mini","input":"Hello","stream":true})",
     "completed", 812, 96},
    {"http://api.openai.com/v1/completions",
     R"({"model":"gpt-3.5-turbo-instruct","prompt":"Hello","stream":true,"stream_options":{"include_usage":true}})",
     "length", 812, 96},
    {"http://api.anthropic.com/v1/messages", R"({"model":"claude-sonnet-4-5","messages":[],"stream":true})",
     "end_turn", 800, 64},
    {kGeminiEventsUrl, R"({"contents":[]})", "STOP", 812, 96},
    {kGeminiUrl, R"({"contents":[]})", "STOP", 812, 96},
    {"http://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/anthropic/"
     "models/"
     "claude-sonnet-4-5:streamRawPredict",
     R"({"anthropic_version":"vertex-2023-10-16","messages":[],"stream":true})", "end_turn", 800, 64},
    {kConverseUrl, R"({"messages":[]})", "end_turn", 800, 64},
    {kInvokeUrl, R"({"anthropic_version":"bedrock-2023-05-31","messages":[]})", "end_turn", 800, 64},
    {"http://api.cohere.com/v2/chat", R"({"model":"command-a-03-2025","messages":[],"stream":true})",
     "COMPLETE", 812, 96},
    {"http://api.cohere.com/v1/chat", R"({"model":"command-r","message":"Hello","stream":true})", "COMPLETE",
     812, 96},
    {"http://localhost:11434/api/chat", R"({"model":"llama3.2","messages":[]})", "stop", 812, 96},
    {"http://localhost:11434/api/generate", R"({"model":"llama3.2","prompt":"Hello"})", "stop", 812, 96},
    {"http://abc.us-east-1.aws.endpoints.huggingface.cloud/generate_stream", R"({"inputs":"Hello"})",
     "length", 812, 96},
    {"http://api.mistral.ai/v1/chat/completions", kPlainBody, "stop", 812, 96},
    {"http://api.groq.com/openai/v1/chat/completions", kPlainBody, "stop", 812, 96},
    {"http://api.together.xyz/v1/chat/completions", kPlainBody, "stop", 812, 96},
    {"http://api.deepseek.com/chat/completions", kPlainBody, "stop", 812, 96},
    {"http://api.x.ai/v1/chat/completions", kPlainBody, "stop", 812, 96},
    {"http://api.perplexity.ai/chat/completions", kPlainBody, "stop", 812, 96},
    {"http://api.fireworks.ai/inference/v1/chat/completions", kPlainBody, "stop", 812, 96},
    {"http://openrouter.ai/api/v1/chat/completions", kPlainBody, "stop", 812, 96},
};

Attributes whole_stream(const Stream& stream) {
  return {{"gen_ai.request.stream", true},
          {"gen_ai.response.finish_reasons", List{stream.finish}},
          {"gen_ai.usage.input_tokens", stream.input},
          {"gen_ai.usage.output_tokens", stream.output}};
}

std::vector<ApiCall> calls_to_all(const std::string& mock) {
  std::vector<ApiCall> calls;
  for (const Stream& stream : kStreams)
    calls.push_back({.url = stream.url, .body = stream.body, .expected = whole_stream(stream), .mock = mock});
  return calls;
}

// A call with other things expected.
ApiCall call(const Stream& stream, const std::string& mock, const Attributes& expected) {
  return {.url = stream.url, .body = stream.body, .expected = expected, .mock = mock};
}

// What of a span's attributes is the same from call to call: not times, ports, ids.
std::string lasting(const Span& span) {
  std::string text = span.name + " " + std::to_string(span.status) + " " + span.status_message + "\n";
  for (const auto& [key, value] : span.attributes) {
    if (key.starts_with("gen_ai.") && key != kFirstChunk && key != "gen_ai.response.id")
      text += key + "=" + attribute(span, key) + "\n";
    if (key == kChunks || key == "error.type" || key.starts_with("llmobserve.tool"))
      text += key + "=" + attribute(span, key) + "\n";
  }
  return text;
}

TEST_CASE("a stream of every format says what it was asked, what it cost and how it ended",
          "[e2e][providers]") {
  check_calls(calls_to_all(""));
}

TEST_CASE("a stream has a time to its first chunk and a count of chunks", "[e2e][providers]") {
  for (const Span& span : spans_of(calls_to_all("chunks:20"))) {
    INFO(attribute(span, "url.full"));
    REQUIRE(has_attribute(span, kFirstChunk));
    REQUIRE(std::holds_alternative<double>(span.attributes.at(kFirstChunk)));
    CHECK(std::get<double>(span.attributes.at(kFirstChunk)) > 0);
    CHECK(has_attribute(span, kFirstToken));
    REQUIRE(has_attribute(span, kChunks));
    CHECK(std::get<std::int64_t>(span.attributes.at(kChunks)) >= 20);
    CHECK(std::get<std::int64_t>(span.attributes.at(kChunks)) <= 30);
  }
}

TEST_CASE("a stream gives the same span however its bytes are cut", "[e2e][providers]") {
  const std::vector<Span> whole = spans_of(calls_to_all("chunked"));
  for (const std::string cut : {"pieces:1,chunked", "pieces:7,chunked", "pieces:1000"}) {
    const std::vector<Span> cut_spans = spans_of(calls_to_all(cut));
    for (std::size_t index = 0; index < whole.size(); ++index) {
      INFO(cut << ": " << kStreams[index].url);
      CHECK(lasting(cut_spans[index]) == lasting(whole[index]));
    }
  }
}

TEST_CASE("events are read in whatever way they are written", "[e2e][providers]") {
  std::vector<ApiCall> calls;
  for (const char* const mock :
       {"crlf", "cr", "nospace", "comments", "bom", "no-final-blank", "crlf,nospace,comments,bom",
        "crlf,pieces:1,chunked", "comments,pieces:3,chunked", "no-length"}) {
    for (const int index : {0, 1, 3, 4, 9})
      calls.push_back(call(kStreams[index], mock, whole_stream(kStreams[index])));
  }
  check_calls(calls);
}

TEST_CASE("usage in the last chunk of content is read", "[e2e][providers]") {
  check_calls({call(kStreams[0], "usage-last", whole_stream(kStreams[0]))});
}

TEST_CASE("usage that a stream does not send is not invented", "[e2e][providers]") {
  const List usage{"gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "llmobserve.cost.usd"};
  const Attributes ended = {{"gen_ai.response.finish_reasons", List{"stop"}}};
  check_calls({
      {.url = kOpenAiUrl, .body = kPlainBody, .expected = ended, .absent = usage},
      {.url = kOpenAiUrl, .body = kOpenAiBody, .expected = ended, .mock = "no-usage", .absent = usage},
  });
}

TEST_CASE("tools that are called in a stream are named once", "[e2e][providers]") {
  const Attributes named = {{"llmobserve.tool_calls", List{"search_docs"}}};
  std::vector<ApiCall> calls;
  for (const int index : {0, 1, 3, 4, 5, 7, 8, 9, 11}) calls.push_back(call(kStreams[index], "tools", named));
  check_calls(calls);
}

TEST_CASE("a stream of every format that is cut short is an error", "[e2e][providers]") {
  std::vector<ApiCall> calls;
  for (const Stream& stream : kStreams) {
    calls.push_back(call(stream, "cut:300", {{"error.type", "CURLE_PARTIAL_FILE"}}));
    calls.back().fails = true;
  }
  check_calls(calls);
}

TEST_CASE("a stream that is cut short has what was seen, and no choice is taken for finished",
          "[e2e][providers]") {
  const Attributes broken = {{"error.type", "CURLE_PARTIAL_FILE"},
                             {"gen_ai.response.finish_reasons", List{"error"}}};
  ApiCall openai = call(kStreams[0], "cut:700", merged(broken, {{"gen_ai.response.model", "gpt-4o-mini"}}));
  openai.absent = {"gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"};
  ApiCall anthropic = call(kStreams[3], "cut:700",
                           merged(broken, {{"gen_ai.response.model", "claude-sonnet-4-5"},
                                           {"gen_ai.usage.input_tokens", std::int64_t{800}}}));
  ApiCall converse = call(kStreams[7], "cut:500", broken);
  converse.absent = {"gen_ai.usage.input_tokens"};
  ApiCall ollama = call(kStreams[11], "cut:300", broken);
  std::vector<ApiCall> calls{openai, anthropic, converse, ollama};
  for (ApiCall& cut : calls) cut.fails = true;
  check_calls(calls);
}

TEST_CASE("a stream that ends cleanly without its end mark has not finished", "[e2e][providers]") {
  // What cuts streams, proxies above all, closes them cleanly.
  const Attributes unfinished = {{"gen_ai.response.finish_reasons", List{"error"}}};
  check_calls({
      call(kStreams[0], "no-length,cut:700", unfinished),
      call(kStreams[3], "no-length,cut:700", unfinished),
      call(kStreams[11], "no-length,cut:300", unfinished),
  });
}

TEST_CASE("the time to the first chunk is that of the first byte of the stream", "[e2e][providers]") {
  std::vector<ApiCall> calls;
  for (const int index : {0, 3, 5, 7, 11})
    calls.push_back(call(kStreams[index], "first:150ms,pause:20ms", {}));
  for (const Span& span : spans_of(calls)) {
    INFO(attribute(span, "url.full"));
    const double seconds = std::get<double>(span.attributes.at(kFirstChunk));
    CHECK(seconds >= 0.15);
    CHECK(seconds < static_cast<double>(span.end_unix_nanos - span.start_unix_nanos) / 1e9);
  }
}

TEST_CASE("the first token is later than chunks that come before any content", "[e2e][providers]") {
  std::vector<ApiCall> calls;
  for (const int index : {0, 1, 3, 7}) calls.push_back(call(kStreams[index], "pause:30ms", {}));
  for (const Span& span : spans_of(calls)) {
    INFO(attribute(span, "url.full"));
    const double token = std::get<double>(span.attributes.at(kFirstToken));
    CHECK(token > std::get<double>(span.attributes.at(kFirstChunk)));
    CHECK(token < static_cast<double>(span.end_unix_nanos - span.start_unix_nanos) / 1e9);
  }
}

TEST_CASE("a stream that a program leaves closes with what was seen", "[e2e][providers]") {
  ApiCall left = call(kStreams[0], "chunks:100,pause:2ms",
                      {{"error.type", "CURLE_WRITE_ERROR"}, {"gen_ai.response.model", "gpt-4o-mini"}});
  left.options = {"--abort=4000"};
  left.fails = true;
  check_calls({left});
}

TEST_CASE("an error inside a stream is the span's error", "[e2e][providers]") {
  std::vector<ApiCall> calls;
  for (const Stream& stream : kStreams) {
    if (std::string(stream.url).find("cohere.com/v1") != std::string::npos) continue;  // has none
    ApiCall failing = call(stream, "error-in-stream", {});
    failing.fails = true;
    failing.message = "The mock was asked to fail.";
    calls.push_back(failing);
  }
  check_calls(calls);
}

TEST_CASE("the type of an error inside a stream is the provider's", "[e2e][providers]") {
  const auto failing = [](const Stream& stream, const std::string& type) {
    ApiCall result = call(stream, "error-in-stream", {{"error.type", type}});
    result.fails = true;
    return result;
  };
  check_calls({failing(kStreams[0], "server_error"), failing(kStreams[1], "server_error"),
               failing(kStreams[3], "overloaded_error"), failing(kStreams[4], "UNAVAILABLE"),
               failing(kStreams[5], "UNAVAILABLE"), failing(kStreams[7], "throttlingException"),
               failing(kStreams[8], "throttlingException")});
}

TEST_CASE("several choices of a stream keep their reasons apart", "[e2e][providers]") {
  check_calls({{.url = kOpenAiUrl,
                .body = R"({"model":"gpt-4o-mini","n":2,"messages":[],"stream":true})",
                .expected = {{"gen_ai.request.choice.count", std::int64_t{2}},
                             {"gen_ai.response.finish_reasons", List{"stop", "stop"}}}}});
}

TEST_CASE("Bedrock's streams of other makers are read", "[e2e][providers]") {
  const std::string base = kBedrock;
  check_calls({
      {.url = base + "meta.llama3-1-70b-instruct-v1%3A0/invoke-with-response-stream",
       .body = R"({"prompt":"Hello"})",
       .expected = {{"gen_ai.usage.input_tokens", std::int64_t{800}},
                    {"gen_ai.usage.output_tokens", std::int64_t{64}},
                    {"gen_ai.response.finish_reasons", List{"stop"}}}},
      {.url = base + "amazon.nova-pro-v1%3A0/invoke-with-response-stream",
       .body = R"({"messages":[]})",
       .expected = {{"gen_ai.usage.input_tokens", std::int64_t{800}},
                    {"gen_ai.usage.cache_write.input_tokens", std::int64_t{100}},
                    {"gen_ai.response.finish_reasons", List{"end_turn"}}}},
  });
}

TEST_CASE("a stream of a thousand chunks is counted to the last", "[e2e][providers]") {
  const std::vector<Span> spans =
      spans_of({call(kStreams[0], "chunks:1000", {}), call(kStreams[3], "chunks:1000,content:2M", {})});
  for (const Span& span : spans) {
    CHECK(std::get<std::int64_t>(span.attributes.at(kChunks)) >= 1000);
    CHECK(has_attribute(span, "gen_ai.usage.output_tokens"));
  }
}

}  // namespace
}  // namespace llmo::test
