#include "shim/genai/providers.h"

#include <catch2/catch.hpp>
#include <string>

#include "shim/genai/label_pattern.h"
#include "shim/genai/provider_table.h"
#include "tests/unit/genai_attributes.h"

namespace llmo::genai {
namespace {

bool carries(const void* context, std::string_view name) { return name == static_cast<const char*>(context); }

// `span provider operation`, or `http <workflow word>`.
std::string meaning(std::string_view method, std::string_view host, std::string_view path,
                    const char* header = "") {
  const ApiMatch match = match_api({.method = method,
                                    .host = host,
                                    .path = path,
                                    .query = {},
                                    .headers = {.has = carries, .context = header}});
  if (match.kind == ApiKind::kHttp) return "http " + std::string{match.workflow_word};
  return std::string{match.span_name.view()} + " " + std::string{match.provider} + " " +
         std::string{match.operation};
}

ApiMatch match_of(std::string_view method, std::string_view host, std::string_view path) {
  return match_api({.method = method, .host = host, .path = path, .query = {}, .headers = {}});
}

Attributes written(const ApiMatch& match) {
  journal::SpanDraft draft;
  write_attributes(match, &draft);
  return attributes_of(draft);
}

TEST_CASE("inference and embeddings are llm.request", "[providers]") {
  CHECK(meaning("POST", "api.openai.com", "/v1/chat/completions") == "llm.request openai chat");
  CHECK(meaning("POST", "api.openai.com", "/v1/responses") == "llm.request openai chat");
  CHECK(meaning("POST", "api.openai.com", "/v1/completions") == "llm.request openai text_completion");
  CHECK(meaning("POST", "eu.api.openai.com", "/v1/embeddings") == "llm.request openai embeddings");
  CHECK(meaning("POST", "api.anthropic.com", "/v1/messages") == "llm.request anthropic chat");
  CHECK(meaning("POST", "api.pinecone.io", "/embed") == "llm.request pinecone embeddings");
}

TEST_CASE("everything else is named after provider and operation", "[providers]") {
  CHECK(meaning("POST", "api.openai.com", "/v1/images/generations") ==
        "openai.image_generation openai image_generation");
  CHECK(meaning("POST", "api.openai.com", "/v1/audio/speech") == "openai.speech openai speech");
  CHECK(meaning("POST", "api.openai.com", "/v1/moderations") == "openai.moderation openai moderation");
  CHECK(meaning("GET", "api.openai.com", "/v1/responses/resp_1") ==
        "openai.fetch_response openai fetch_response");
  CHECK(meaning("POST", "api.anthropic.com", "/v1/messages/count_tokens") ==
        "anthropic.count_tokens anthropic count_tokens");
  CHECK(meaning("POST", "docs-a1b2c3d.svc.us-east1-gcp.pinecone.io", "/query") ==
        "pinecone.query pinecone query");
  CHECK(meaning("POST", "docs-a1b2c3d.svc.aped-4627-b74a.pinecone.io", "/vectors/upsert") ==
        "pinecone.upsert pinecone upsert");
  CHECK(meaning("GET", "docs-a1.svc.private.aped-4627-b74a.pinecone.io", "/vectors/fetch") ==
        "pinecone.fetch pinecone fetch");
  CHECK(meaning("GET", "api.pinecone.io", "/indexes") == "pinecone.list_indexes pinecone list_indexes");
  CHECK(meaning("DELETE", "api.pinecone.io", "/indexes/docs") ==
        "pinecone.delete_index pinecone delete_index");
}

TEST_CASE("a server that speaks OpenAI's language is known by its paths", "[providers]") {
  CHECK(meaning("POST", "127.0.0.1", "/v1/chat/completions") == "llm.request openai chat");
  CHECK(meaning("POST", "localhost", "/proxy/openai/v1/embeddings") == "llm.request openai embeddings");
  CHECK(meaning("POST", "vllm.internal", "//v1/completions/") == "llm.request openai text_completion");
  CHECK(meaning("POST", "::1", "/v1/responses") == "llm.request openai chat");
}

TEST_CASE("another server that speaks Anthropic's language is known by path and header", "[providers]") {
  CHECK(meaning("POST", "localhost", "/v1/messages", "anthropic-version") == "llm.request anthropic chat");
  CHECK(meaning("POST", "localhost", "/v1/messages") == "http http");
}

TEST_CASE("hosts and paths that only contain a known one are unknown", "[providers]") {
  CHECK(meaning("POST", "api.openai.com.example.org", "/v1/files") == "http http");
  CHECK(meaning("POST", "notapi.anthropic.com", "/v1/messages") == "http http");
  CHECK(meaning("POST", "evilpinecone.io", "/query") == "http http");
  CHECK(meaning("POST", "docs-a1.svc.us.pinecone.io.evil.org", "/query") == "http http");
  CHECK(meaning("POST", "localhost", "/v1/chat/completionsx") == "http http");
  CHECK(meaning("POST", "localhost", "/xv1/embeddings") == "http http");
  CHECK(meaning("POST", "localhost", "/v1/embeddings/more") == "http http");
  CHECK(meaning("GET", "localhost", "/v1/chat/completions") == "http http");
  CHECK(meaning("post", "localhost", "/v1/chat/completions") == "http http");
  CHECK(meaning("", "", "") == "http http");
}

TEST_CASE("an unknown request to a known provider keeps the provider's word", "[providers]") {
  CHECK(meaning("GET", "api.openai.com", "/v1/unheard/of") == "http openai");
  CHECK(meaning("HEAD", "api.anthropic.com", "/") == "http anthropic");
  CHECK(meaning("GET", "controller.us-east1-gcp.pinecone.io", "/databases") == "http pinecone");
}

TEST_CASE("a Pinecone index is its host label without the project", "[providers]") {
  CHECK(match_of("POST", "my-docs-a1b2c3d.svc.us.pinecone.io", "/query").collection.view() == "my-docs");
  CHECK(match_of("POST", "docs.svc.us.pinecone.io", "/query").collection.view() == "docs");
  CHECK(match_of("PATCH", "api.pinecone.io", "/indexes/my%2Ddocs").collection.view() == "my-docs");
  CHECK(match_of("GET", "api.pinecone.io", "/indexes").collection.empty());
}

TEST_CASE("a match writes what it knows", "[providers]") {
  CHECK(written(match_of("POST", "api.openai.com", "/v1/responses")) ==
        Attributes{{"gen_ai.operation.name", "chat"},
                   {"gen_ai.provider.name", "openai"},
                   {"openai.api.type", "responses"}});
  CHECK(written(match_of("POST", "docs-a1.svc.us.pinecone.io", "/records/namespaces/ns%201/search")) ==
        Attributes{{"db.system.name", "pinecone"},
                   {"db.operation.name", "search"},
                   {"db.collection.name", "docs"},
                   {"db.namespace", "ns 1"}});
  CHECK(written(match_of("GET", "api.openai.com", "/v1/responses/resp_7")) ==
        Attributes{{"gen_ai.operation.name", "fetch_response"},
                   {"gen_ai.provider.name", "openai"},
                   {"gen_ai.response.id", "resp_7"},
                   {"openai.api.type", "responses"}});
  CHECK(written(match_of("GET", "example.org", "/")).empty());
}

TEST_CASE("every rule is reached by a request of its own", "[providers]") {
  for (const ApiRule& rule : api_rules()) {
    // Stars and captures become words that no other rule has.
    const auto example = [](std::string_view pattern, char separator) {
      std::string text;
      while (!pattern.empty()) {
        const std::string_view label = pattern.substr(0, pattern.find(separator));
        pattern.remove_prefix(std::min(label.size() + 1, pattern.size()));
        if (label.empty()) continue;
        const bool free = label.find_first_of("*{") != label.npos;
        text += (text.empty() && separator == '.' ? "" : std::string{separator}) +
                (free ? "some" : std::string{label});
      }
      return text;
    };
    const std::string host = example(rule.host, '.');
    const std::string path = example(rule.path, '/');
    const std::string header{rule.required_header};
    INFO(rule.method << " " << host << path);
    const ApiMatch match = match_api({.method = rule.method.empty() ? "PUT" : rule.method,
                                      .host = host,
                                      .path = path,
                                      .query = {},
                                      .headers = {.has = carries, .context = header.c_str()}});
    CHECK(match.operation == rule.operation);
    CHECK(match.workflow_word == rule.provider->word);
  }
}

TEST_CASE("label patterns match label by label", "[providers]") {
  const auto fits = [](std::string_view pattern, std::string_view text) {
    LabelCaptures captures;
    return labels_match(pattern, text, '/', &captures);
  };
  CHECK(fits("a/b", "/a/b/"));
  CHECK(fits("/a/*", "a/x"));
  CHECK_FALSE(fits("a/*", "a"));
  CHECK_FALSE(fits("a/*", "a/x/y"));
  CHECK(fits("**", ""));
  CHECK(fits("**/b", "a/b/a/b"));
  CHECK(fits("a/**/b", "a/b"));
  CHECK(fits("a/**/b/c", "a/b/x/b/c"));
  CHECK_FALSE(fits("a/**/b", "a/b/c"));
  CHECK_FALSE(fits("**/b", "xb"));
  CHECK_FALSE(fits("", "a"));
  CHECK(fits("", "/"));
  CHECK_FALSE(fits("**/x/y", std::string(100000, '/') + "x"));
}

TEST_CASE("label captures take what stands before their ending", "[providers]") {
  LabelCaptures captures;
  CHECK(labels_match("/v1/models/{model}:generate", "/v1/models/m:1:generate", '/', &captures));
  CHECK(captures.get("model") == "m:1");
  CHECK_FALSE(labels_match("/{model}:generate", "/:generate", '/', &captures));
  CHECK_FALSE(labels_match("/{model}:generate", "/m:stream", '/', &captures));
  LabelCaptures retried;
  CHECK(labels_match("**/{a}/x", "1/2/3/x", '/', &retried));
  CHECK(retried.get("a") == "3");
  CHECK(retried.get("b").empty());
}

}  // namespace
}  // namespace llmo::genai
