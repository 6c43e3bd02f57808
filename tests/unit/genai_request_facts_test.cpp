#include <catch2/catch.hpp>
#include <string>

#include "shim/genai/body_facts.h"
#include "tests/unit/genai_attributes.h"

namespace llmo::genai {
namespace {

constexpr std::string_view kOpenAi = "api.openai.com";
constexpr std::string_view kAnthropic = "api.anthropic.com";
constexpr std::string_view kPinecone = "docs-a1.svc.us.pinecone.io";

ApiMatch post(std::string_view host, std::string_view path) {
  return match_api({.method = "POST", .host = host, .path = path, .query = {}, .headers = {}});
}

// The attributes of a request body, the same for every cut of it.
Attributes facts_of(const ApiMatch& match, std::string_view body, std::string_view query = {}) {
  Attributes whole;
  std::size_t different = 0;
  for (const auto& pieces : cuts_of(body)) {
    RequestFacts facts;
    facts.begin(match, query);
    for (const std::string_view piece : pieces) facts.feed(piece);
    journal::SpanDraft draft;
    facts.write(&draft);
    Attributes found = attributes_of(draft);
    if (pieces.size() == 1) whole = found;
    different += found != whole ? 1 : 0;
  }
  CHECK(different == 0);
  return whole;
}

TEST_CASE("an OpenAI chat request tells model and sampling, and no content", "[request_facts]") {
  CHECK(facts_of(post(kOpenAi, "/v1/chat/completions"), R"({
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content": "my \"secret\" prompt with model: x"}],
    "temperature": 1, "top_p": 0.9, "frequency_penalty": 0, "presence_penalty": -0.5,
    "max_completion_tokens": 256, "n": 2, "seed": 42, "stop": ["END", "\n\n"], "stream": true,
    "stream_options": {"include_usage": true}, "reasoning_effort": "low", "service_tier": "flex",
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}},
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"model": "no"}}}]})") ==
        Attributes{{"gen_ai.request.model", "gpt-4o-mini"},
                   {"gen_ai.request.temperature", "1.0"},
                   {"gen_ai.request.top_p", "0.9"},
                   {"gen_ai.request.frequency_penalty", "0.0"},
                   {"gen_ai.request.presence_penalty", "-0.5"},
                   {"gen_ai.request.max_tokens", "256"},
                   {"gen_ai.request.choice.count", "2"},
                   {"gen_ai.request.seed", "42"},
                   {"gen_ai.request.stop_sequences", "[END|\n\n]"},
                   {"gen_ai.request.stream", "true"},
                   {"gen_ai.request.reasoning.level", "low"},
                   {"gen_ai.output.type", "json"},
                   {"openai.request.service_tier", "flex"}});
}

TEST_CASE("defaults that say nothing are left out", "[request_facts]") {
  CHECK(facts_of(
            post(kOpenAi, "/v1/chat/completions"),
            R"({"model":"m","n":1,"stream":false,"service_tier":"auto","stop":null,"temperature":null})") ==
        Attributes{{"gen_ai.request.model", "m"}});
}

TEST_CASE("one stop sequence need not stand in a list", "[request_facts]") {
  CHECK(facts_of(post("localhost", "/v1/completions"), R"({"stop":"END","prompt":"x"})") ==
        Attributes{{"gen_ai.request.stop_sequences", "[END]"}});
}

TEST_CASE("an OpenAI responses request", "[request_facts]") {
  CHECK(facts_of(post(kOpenAi, "/v1/responses"),
                 R"({"model":"o4-mini","input":"hi","max_output_tokens":99,"reasoning":{"effort":"high"},
                     "previous_response_id":"resp_1","conversation":{"id":"conv_1"},"text":{"format":{"type":"text"}}})") ==
        Attributes{{"gen_ai.request.model", "o4-mini"},
                   {"gen_ai.request.max_tokens", "99"},
                   {"gen_ai.request.reasoning.level", "high"},
                   {"gen_ai.request.previous_response.id", "resp_1"},
                   {"gen_ai.conversation.id", "conv_1"},
                   {"gen_ai.output.type", "text"}});
}

TEST_CASE("an embeddings request tells dimensions and encoding", "[request_facts]") {
  CHECK(
      facts_of(
          post(kOpenAi, "/v1/embeddings"),
          R"({"input":["a","b"],"model":"text-embedding-3-small","dimensions":512,"encoding_format":"base64"})") ==
      Attributes{{"gen_ai.request.model", "text-embedding-3-small"},
                 {"gen_ai.embeddings.dimension.count", "512"},
                 {"gen_ai.request.encoding_formats", "[base64]"}});
}

TEST_CASE("an Anthropic request", "[request_facts]") {
  CHECK(facts_of(post(kAnthropic, "/v1/messages"),
                 R"({"model":"claude-sonnet-4-5","max_tokens":1024,"top_k":5,"temperature":0.0,
                     "stop_sequences":["a","b"],"stream":true,"system":"s","output_config":{"effort":"medium"},
                     "messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]})") ==
        Attributes{{"gen_ai.request.model", "claude-sonnet-4-5"},
                   {"gen_ai.request.max_tokens", "1024"},
                   {"gen_ai.request.top_k", "5"},
                   {"gen_ai.request.temperature", "0.0"},
                   {"gen_ai.request.stop_sequences", "[a|b]"},
                   {"gen_ai.request.stream", "true"},
                   {"gen_ai.request.reasoning.level", "medium"}});
}

TEST_CASE("Pinecone requests tell namespace, top_k and how many vectors go", "[request_facts]") {
  CHECK(facts_of(post(kPinecone, "/query"),
                 R"({"vector":[0.1,0.2,0.3],"topK":5,"namespace":"ns","filter":{"topK":{"$eq":1}}})") ==
        Attributes{{"llmobserve.db.top_k", "5"}, {"db.namespace", "ns"}});
  CHECK(facts_of(post(kPinecone, "/vectors/upsert"),
                 R"({"vectors":[{"id":"1","values":[1,2]},{"id":"2","values":[3,4]}],"namespace":""})") ==
        Attributes{{"llmobserve.db.vectors", "2"}});
  CHECK(facts_of(post(kPinecone, "/records/namespaces/ns/search"),
                 R"({"query":{"top_k":3,"inputs":{"text":"x"}}})") ==
        Attributes{{"llmobserve.db.top_k", "3"}});
}

TEST_CASE("a Pinecone namespace may stand in the query", "[request_facts]") {
  const ApiMatch match =
      match_api({.method = "GET", .host = kPinecone, .path = "/vectors/fetch", .query = {}, .headers = {}});
  CHECK(facts_of(match, "", "ids=1&ids=2&namespace=my%20ns") == Attributes{{"db.namespace", "my ns"}});
}

TEST_CASE("values of the wrong type are not taken", "[request_facts]") {
  CHECK(
      facts_of(post(kOpenAi, "/v1/chat/completions"),
               R"({"model":["m"],"max_tokens":"100","temperature":"hot","seed":1.5,"stream":"true","n":{}})")
          .empty());
}

TEST_CASE("bodies that are no JSON tell nothing", "[request_facts]") {
  CHECK(facts_of(post(kOpenAi, "/v1/audio/transcriptions"), "--boundary\r\nContent-Disposition: form-data")
            .empty());
  CHECK(facts_of(post("example.org", "/"), R"({"model":"m"})").empty());
}

TEST_CASE("the last of a key that stands twice counts", "[request_facts]") {
  CHECK(facts_of(post(kOpenAi, "/v1/chat/completions"), R"({"model":"a","model":"b"})") ==
        Attributes{{"gen_ai.request.model", "b"}});
}

TEST_CASE("fields before and after a prompt of ten megabytes are seen", "[request_facts]") {
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":")" +
                           std::string(10U << 20, 'x') + R"("}],"temperature":0.5})";
  RequestFacts facts;
  facts.begin(post(kOpenAi, "/v1/chat/completions"));
  for (std::size_t at = 0; at < body.size(); at += 16384)
    facts.feed(std::string_view{body}.substr(at, 16384));
  journal::SpanDraft draft;
  facts.write(&draft);
  CHECK(attributes_of(draft) ==
        Attributes{{"gen_ai.request.model", "m"}, {"gen_ai.request.temperature", "0.5"}});
}

TEST_CASE("facts that were never begun do nothing", "[request_facts]") {
  RequestFacts facts;
  facts.feed(R"({"model":"m"})");
  journal::SpanDraft draft;
  facts.write(&draft);
  CHECK(attributes_of(draft).empty());
  CHECK(facts.model().empty());
}

}  // namespace
}  // namespace llmo::genai
