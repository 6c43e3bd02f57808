#include "shim/genai/own_rules.h"

#include <catch2/catch.hpp>
#include <string>

namespace llmo::genai {
namespace {

// `span provider operation` of a request to llm.corp.example, or `http <workflow word>`.
std::string meaning(std::string_view rules, std::string_view method, std::string_view path,
                    std::string_view host = "llm.corp.example") {
  config::ApiRuleFile file = config::parse_api_rules(rules, "rules.txt");
  REQUIRE(file.errors.empty());
  const OwnRules own(std::move(file.rules));
  const ApiMatch match =
      match_api({.method = method, .host = host, .path = path, .query = {}, .headers = {}, .port = 8080},
                own.services());
  if (match.kind == ApiKind::kHttp) return "http " + std::string{match.workflow_word};
  return std::string{match.span_name.view()} + " " + std::string{match.provider} + " " +
         std::string{match.operation};
}

TEST_CASE("rules of one's own are tried before those that are built in", "[own_rules]") {
  CHECK(meaning("", "POST", "/v1/chat/completions") == "llm.request openai chat");
  CHECK(meaning("corp genai llm.corp.example POST /v1/chat/completions chat openai", "POST",
                "/v1/chat/completions") == "llm.request corp chat");
  CHECK(meaning("corp genai api.openai.com * /v1/files upload", "GET", "/v1/files", "api.openai.com") ==
        "corp.upload corp upload");
}

TEST_CASE("what no rule of one's own fits goes on to the built-in ones", "[own_rules]") {
  CHECK(meaning("corp genai llm.corp.example POST /ask chat", "POST", "/v1/embeddings") ==
        "llm.request openai embeddings");
  CHECK(meaning("corp genai llm.corp.example:9090 POST ** chat", "POST", "/v1/embeddings") ==
        "llm.request openai embeddings");
  CHECK(meaning("corp genai **.llm.corp.example GET ** chat", "POST", "/x") == "http http");
}

TEST_CASE("the first rule that fits wins", "[own_rules]") {
  CHECK(meaning("a genai ** POST /x chat\nb genai ** POST /x chat", "POST", "/x") == "llm.request a chat");
}

TEST_CASE("a rule without an operation leaves a plain span with the provider's word", "[own_rules]") {
  CHECK(meaning("corp genai llm.corp.example * ** -", "GET", "/health") == "http corp");
  CHECK(meaning("corp genai llm.corp.example * ** - - workflow=our-llm", "GET", "/health") == "http our-llm");
}

TEST_CASE("a host that is no API is none, even on paths that are known", "[own_rules]") {
  CHECK(meaning("- http llm.corp.example", "POST", "/v1/chat/completions") == "http http");
  CHECK(meaning("- http llm.corp.example POST /v1/**", "POST", "/v1/chat/completions") == "http http");
  CHECK(meaning("- http llm.corp.example POST /v2/**", "POST", "/v1/chat/completions") ==
        "llm.request openai chat");
}

TEST_CASE("shape, captures and names of a rule are those of the match", "[own_rules]") {
  config::ApiRuleFile file = config::parse_api_rules(
      "docs db **.vec.example PUT /c/{collection}/add insert qdrant workflow=vec", "rules.txt");
  const OwnRules own(std::move(file.rules));
  const ApiMatch match = match_api(
      {.method = "PUT", .host = "eu.vec.example", .path = "/c/my%20docs/add", .query = {}, .headers = {}},
      own.services());
  CHECK(match.kind == ApiKind::kDatabase);
  CHECK(match.shape == BodyShape::kQdrant);
  CHECK(match.span_name.view() == "vec.insert");
  CHECK(match.workflow_word == "vec");
  CHECK(match.collection.view() == "my docs");
}

TEST_CASE("every shape's name stands for the shape", "[own_rules]") {
  const auto shape_of = [](std::string_view name) {
    for (std::size_t at = 0; at < std::size(config::kApiShapes); ++at) {
      if (config::kApiShapes[at] == name) return static_cast<BodyShape>(at);
    }
    return BodyShape::kNone;
  };
  CHECK(shape_of("openai") == BodyShape::kOpenAi);
  CHECK(shape_of("anthropic") == BodyShape::kAnthropic);
  CHECK(shape_of("gemini") == BodyShape::kGemini);
  CHECK(shape_of("bedrock-converse") == BodyShape::kBedrockConverse);
  CHECK(shape_of("bedrock-invoke") == BodyShape::kBedrockInvoke);
  CHECK(shape_of("cohere") == BodyShape::kCohere);
  CHECK(shape_of("ollama") == BodyShape::kOllama);
  CHECK(shape_of("huggingface") == BodyShape::kHuggingFace);
  CHECK(shape_of("pinecone") == BodyShape::kPinecone);
  CHECK(shape_of("qdrant") == BodyShape::kQdrant);
  CHECK(shape_of("weaviate") == BodyShape::kWeaviate);
  CHECK(shape_of("chroma") == BodyShape::kChroma);
  CHECK(shape_of("milvus") == BodyShape::kMilvus);
}

}  // namespace
}  // namespace llmo::genai
