// What a request is taken for: spans, names and captures. The rows of each provider stand in
// genai_provider_rows_test.cpp.
#include "shim/genai/providers.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/unit/genai_attributes.h"
#include "tests/unit/genai_meaning.h"

namespace llmo::genai {
namespace {

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
  CHECK(meaning("DELETE", "api.pinecone.io", "/indexes/docs") ==
        "pinecone.delete_index pinecone delete_index");
}

TEST_CASE("a server that speaks OpenAI's language is known by its paths", "[providers]") {
  CHECK(meaning("POST", "127.0.0.1", "/v1/chat/completions") == "llm.request openai chat");
  CHECK(meaning("POST", "127.0.0.1", "/chat/completions") == "llm.request openai chat");
  CHECK(meaning("POST", "localhost", "/proxy/openai/v1/embeddings") == "llm.request openai embeddings");
  CHECK(meaning("POST", "vllm.internal", "//v1/completions/") == "llm.request openai text_completion");
  CHECK(meaning("POST", "::1", "/v1/responses") == "llm.request openai chat");
  CHECK(meaning("POST", "localhost", "/v1/audio/transcriptions") ==
        "openai.transcription openai transcription");
}

TEST_CASE("another server that speaks Anthropic's language is known by path and header", "[providers]") {
  CHECK(meaning("POST", "localhost", "/v1/messages", 0, "anthropic-version") == "llm.request anthropic chat");
  CHECK(meaning("POST", "localhost", "/v1/messages") == "http http");
}

TEST_CASE("hosts and paths that only contain a known one are unknown", "[providers]") {
  CHECK(meaning("POST", "api.openai.com.example.org", "/v1/files") == "http http");
  CHECK(meaning("POST", "notapi.openai.com", "/v1/files") == "http http");
  CHECK(meaning("POST", "openai.com", "/v1/files") == "http http");
  CHECK(meaning("POST", "notapi.anthropic.com", "/v1/messages") == "http http");
  CHECK(meaning("POST", "evilpinecone.io", "/query") == "http http");
  CHECK(meaning("POST", "docs-a1.svc.us.pinecone.io.evil.org", "/query") == "http http");
  CHECK(meaning("POST", "localhost", "/v1/chat/completionsx") == "http http");
  CHECK(meaning("POST", "localhost", "/xv1/embeddings") == "http http");
  CHECK(meaning("POST", "localhost", "/v1/embeddings/more") == "http http");
  CHECK(meaning("GET", "localhost", "/v1/chat/completions") == "http http");
  CHECK(meaning("post", "localhost", "/v1/chat/completions") == "http http");
  CHECK(meaning("POST", "localhost", "/V1/Chat/Completions") == "http http");
  CHECK(meaning("", "", "") == "http http");
  CHECK(meaning("POST", ".", "/") == "http http");
  CHECK(meaning("POST", "com", "/v1/files") == "http http");
  CHECK(meaning("POST", "..openai.com", "/") == "http http");
}

TEST_CASE("an unknown request to a known provider keeps the provider's word", "[providers]") {
  CHECK(meaning("GET", "api.openai.com", "/v1/unheard/of") == "http openai");
  CHECK(meaning("HEAD", "api.anthropic.com", "/") == "http anthropic");
  CHECK(meaning("GET", "controller.us-east1-gcp.pinecone.io", "/databases") == "http pinecone");
  CHECK(meaning("GET", "api.groq.com", "/v1/chat/completions") == "http groq");
}

TEST_CASE("a known host is never taken for another that speaks the same language", "[providers]") {
  CHECK(meaning("POST", "api.groq.com", "/v1/chat/completions") == "http groq");
  CHECK(meaning("POST", "generativelanguage.googleapis.com", "/v1/chat/completions") == "http gemini");
  CHECK(meaning("POST", "docs-a1.svc.us.pinecone.io", "/v1/embeddings") == "http pinecone");
}

TEST_CASE("a dot that ends a host changes nothing", "[providers]") {
  CHECK(meaning("POST", "api.openai.com.", "/v1/files") == "openai.upload_file openai upload_file");
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
  CHECK(written(match_of("POST", "api.trychroma.com",
                         "/api/v2/tenants/acme/databases/main/collections/1f2e/query")) ==
        Attributes{{"db.system.name", "chroma"},
                   {"db.operation.name", "query"},
                   {"db.collection.name", "1f2e"},
                   {"db.namespace", "acme|main"}});
  CHECK(written(match_of("GET", "example.org", "/")).empty());
}

TEST_CASE("a model in the path is handed out decoded", "[providers]") {
  const auto model = [](std::string_view host, std::string_view path) {
    return std::string{match_of("POST", host, path).model.view()};
  };
  CHECK(model("generativelanguage.googleapis.com", "/v1beta/models/gemini-2.5-pro:streamGenerateContent") ==
        "gemini-2.5-pro");
  CHECK(model("bedrock-runtime.us-east-1.amazonaws.com",
              "/model/anthropic.claude-3-5-sonnet-20240620-v1%3A0/converse") ==
        "anthropic.claude-3-5-sonnet-20240620-v1:0");
  CHECK(
      model("bedrock-runtime.us-east-1.amazonaws.com",
            "/model/"
            "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.amazon.nova-pro-v1%3A0/"
            "invoke") == "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0");
  CHECK(model("res.openai.azure.com", "/openai/deployments/gpt-4o%20prod/chat/completions") == "gpt-4o prod");
  CHECK(model("api-inference.huggingface.co", "/models/google/gemma-2-2b-it") == "google/gemma-2-2b-it");
  CHECK(model("api-inference.huggingface.co", "/models/gpt2") == "gpt2");
  CHECK(model("us-central1-aiplatform.googleapis.com",
              "/v1/projects/p/locations/us-central1/publishers/google/models/text-embedding-005:predict") ==
        "text-embedding-005");
}

TEST_CASE("a path that asks for a stream says so", "[providers]") {
  CHECK(match_of("POST", "generativelanguage.googleapis.com", "/v1/models/m:streamGenerateContent").streams);
  CHECK(match_of("POST", "bedrock-runtime.us-east-1.amazonaws.com", "/model/m/converse-stream").streams);
  CHECK_FALSE(match_of("POST", "bedrock-runtime.us-east-1.amazonaws.com", "/model/m/converse").streams);
}

}  // namespace
}  // namespace llmo::genai
