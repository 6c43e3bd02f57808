// The table of providers: what each of them is asked for, and what only looks like it.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "shim/genai/provider_table.h"
#include "tests/unit/genai_meaning.h"

namespace llmo::genai {
namespace {

struct Case {
  std::string_view method;
  std::string_view host;
  std::string_view path;
  std::string_view meaning;
  std::uint16_t port = 0;
};

void check(const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    INFO(each.method << " " << each.host << ":" << each.port << each.path);
    CHECK(meaning(each.method, each.host, each.path, each.port) == each.meaning);
  }
}

TEST_CASE("OpenAI's own requests are told apart", "[provider_rows]") {
  check({{"GET", "api.openai.com", "/v1/models", "openai.list_models openai list_models"},
         {"GET", "api.openai.com", "/v1/models/gpt-4o", "openai.describe_model openai describe_model"},
         {"POST", "us.api.openai.com", "/v1/batches", "openai.create_batch openai create_batch"},
         {"POST", "api.openai.com", "/v1/responses/input_tokens", "openai.count_tokens openai count_tokens"},
         {"POST", "api.openai.com", "/v1/vector_stores/vs_1/search", "openai.retrieval openai retrieval"},
         {"POST", "api.openai.com", "//v1//chat///completions/", "llm.request openai chat"}});
}

TEST_CASE("Azure's deployments, its v1 paths and its model inference are known", "[provider_rows]") {
  check(
      {{"POST", "res.openai.azure.com", "/openai/deployments/gpt-4o/chat/completions",
        "llm.request azure.ai.openai chat"},
       {"POST", "res.openai.azure.com", "/openai/deployments/ada/embeddings",
        "llm.request azure.ai.openai embeddings"},
       {"POST", "res.openai.azure.com", "/openai/v1/responses", "llm.request azure.ai.openai chat"},
       {"POST", "res.openai.azure.com", "/openai/responses", "llm.request azure.ai.openai chat"},
       {"POST", "res.openai.azure.com", "/openai/deployments/dalle/images/generations",
        "azure_openai.image_generation azure.ai.openai image_generation"},
       {"POST", "res.openai.azure.us", "/openai/deployments/gpt/chat/completions",
        "llm.request azure.ai.openai chat"},
       {"POST", "res.cognitiveservices.azure.com", "/openai/v1/chat/completions",
        "llm.request azure.ai.openai chat"},
       {"POST", "res.cognitiveservices.azure.com", "/vision/v3.2/analyze", "http http"},
       {"POST", "res.services.ai.azure.com", "/models/chat/completions",
        "llm.request azure.ai.inference chat"},
       {"POST", "res.services.ai.azure.com", "/models/embeddings",
        "llm.request azure.ai.inference embeddings"},
       {"POST", "res.services.ai.azure.com", "/openai/v1/chat/completions",
        "llm.request azure.ai.openai chat"},
       {"POST", "res.services.ai.azure.com", "/anthropic/v1/messages", "llm.request azure.ai.inference chat"},
       {"POST", "phi.eastus.models.ai.azure.com", "/chat/completions", "llm.request azure.ai.inference chat"},
       {"POST", "gateway.azure-api.net", "/llm/openai/deployments/gpt/chat/completions",
        "llm.request azure.ai.openai chat"},
       {"POST", "a.b.openai.azure.com", "/openai/files", "http http"},
       {"POST", "res.openai.azure.com.example.org", "/openai/files", "http http"}});
}

TEST_CASE("Gemini and Vertex AI are known by version, project and publisher", "[provider_rows]") {
  check({{"POST", "generativelanguage.googleapis.com", "/v1beta/models/gemini-2.5-pro:generateContent",
          "llm.request gcp.gemini generate_content"},
         {"POST", "generativelanguage.googleapis.com", "/v1/models/m:streamGenerateContent",
          "llm.request gcp.gemini generate_content"},
         {"POST", "generativelanguage.googleapis.com", "/v1beta/tunedModels/mine:generateContent",
          "llm.request gcp.gemini generate_content"},
         {"POST", "generativelanguage.googleapis.com", "/v1beta/models/gemini-embedding-001:embedContent",
          "llm.request gcp.gemini embeddings"},
         {"POST", "generativelanguage.googleapis.com", "/v1beta/models/m:batchEmbedContents",
          "llm.request gcp.gemini embeddings"},
         {"POST", "generativelanguage.googleapis.com", "/v1beta/models/m:countTokens",
          "gemini.count_tokens gcp.gemini count_tokens"},
         {"POST", "generativelanguage.googleapis.com", "/v1beta/models/imagen-4.0-generate-001:predict",
          "gemini.image_generation gcp.gemini image_generation"},
         {"POST", "generativelanguage.googleapis.com", "/v1beta/openai/chat/completions",
          "llm.request gcp.gemini chat"},
         {"GET", "generativelanguage.googleapis.com", "/v1beta/models",
          "gemini.list_models gcp.gemini list_models"},
         {"POST", "us-central1-aiplatform.googleapis.com",
          "/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-pro:generateContent",
          "llm.request gcp.vertex_ai generate_content"},
         {"POST", "aiplatform.googleapis.com",
          "/v1/projects/p/locations/global/publishers/anthropic/models/"
          "claude-sonnet-4@20250514:streamRawPredict",
          "llm.request gcp.vertex_ai chat"},
         {"POST", "aiplatform.googleapis.com",
          "/v1/projects/p/locations/global/publishers/anthropic/models/count-tokens:rawPredict",
          "vertex_ai.count_tokens gcp.vertex_ai count_tokens"},
         {"POST", "europe-west4-aiplatform.googleapis.com",
          "/v1/projects/p/locations/l/publishers/mistralai/models/mistral-medium-3:rawPredict",
          "llm.request gcp.vertex_ai chat"},
         {"POST", "aiplatform.googleapis.com",
          "/v1beta1/publishers/google/models/gemini-2.5-flash:generateContent",
          "llm.request gcp.vertex_ai generate_content"},
         {"POST", "aiplatform.eu.rep.googleapis.com",
          "/v1/projects/p/locations/eu/publishers/google/models/gemini-2.5-flash:generateContent",
          "llm.request gcp.vertex_ai generate_content"},
         {"POST", "us-central1-aiplatform.googleapis.com",
          "/v1/projects/p/locations/us-central1/endpoints/openapi/chat/completions",
          "llm.request gcp.vertex_ai chat"},
         {"POST", "us-central1-aiplatform.googleapis.com",
          "/v1/projects/p/locations/l/publishers/google/models/multimodalembedding@001:predict",
          "llm.request gcp.vertex_ai embeddings"},
         {"GET", "us-central1-aiplatform.googleapis.com", "/v1/projects/p/locations/l/customJobs",
          "http vertex_ai"},
         {"GET", "storage.googleapis.com", "/bucket/object", "http http"}});
}

TEST_CASE("Bedrock is known on every kind of its hosts, and by the model where the path does not say",
          "[provider_rows]") {
  check({{"POST", "bedrock-runtime.us-east-1.amazonaws.com", "/model/m/converse",
          "llm.request aws.bedrock chat"},
         {"POST", "bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "/model/m/converse-stream",
          "llm.request aws.bedrock chat"},
         {"POST", "bedrock-runtime.cn-north-1.amazonaws.com.cn", "/model/m/invoke",
          "llm.request aws.bedrock chat"},
         {"POST", "bedrock-runtime.eu-west-1.amazonaws.com", "/model/m/invoke-with-response-stream",
          "llm.request aws.bedrock chat"},
         {"POST", "bedrock-runtime.us-east-1.amazonaws.com", "/model/amazon.titan-embed-text-v2%3A0/invoke",
          "llm.request aws.bedrock embeddings"},
         {"POST", "bedrock-runtime.us-east-1.amazonaws.com", "/model/stability.sd3-5-large-v1:0/invoke",
          "bedrock.image_generation aws.bedrock image_generation"},
         {"POST", "bedrock-runtime.us-west-2.amazonaws.com", "/openai/v1/chat/completions",
          "llm.request aws.bedrock chat"},
         {"POST", "bedrock-agent-runtime.us-east-1.amazonaws.com", "/knowledgebases/KB/retrieve",
          "bedrock.retrieval aws.bedrock retrieval"},
         {"POST", "s3.us-east-1.amazonaws.com", "/model/m/converse", "http http"},
         {"POST", "bedrock-runtime.amazonaws.com", "/model/m/converse", "http http"}});
}

TEST_CASE("providers of models are known by their hosts", "[provider_rows]") {
  check({{"POST", "api.cohere.com", "/v2/chat", "llm.request cohere chat"},
         {"POST", "api.cohere.ai", "/v1/embed", "llm.request cohere embeddings"},
         {"POST", "api.cohere.com", "/v2/rerank", "cohere.rerank cohere rerank"},
         {"POST", "api.mistral.ai", "/v1/chat/completions", "llm.request mistral_ai chat"},
         {"POST", "api.mistral.ai", "/v1/fim/completions", "llm.request mistral_ai text_completion"},
         {"POST", "codestral.mistral.ai", "/v1/fim/completions", "llm.request mistral_ai text_completion"},
         {"POST", "api.mistral.ai", "/v1/ocr", "mistral.ocr mistral_ai ocr"},
         {"POST", "api.mistral.ai", "/v1/agents/completions", "llm.request mistral_ai chat"},
         {"POST", "api.mistral.ai", "/v1/chat/moderations", "mistral.moderation mistral_ai moderation"},
         {"POST", "api.groq.com", "/openai/v1/chat/completions", "llm.request groq chat"},
         {"POST", "api.groq.com", "/openai/v1/audio/transcriptions", "groq.transcription groq transcription"},
         {"POST", "api.together.xyz", "/v1/completions", "llm.request together text_completion"},
         {"POST", "api.together.ai", "/v1/rerank", "together.rerank together rerank"},
         {"POST", "api.deepseek.com", "/chat/completions", "llm.request deepseek chat"},
         {"POST", "api.deepseek.com", "/v1/chat/completions", "llm.request deepseek chat"},
         {"POST", "api.deepseek.com", "/beta/completions", "llm.request deepseek text_completion"},
         {"POST", "api.deepseek.com", "/anthropic/v1/messages", "llm.request deepseek chat"},
         {"POST", "api.x.ai", "/v1/chat/completions", "llm.request x_ai chat"},
         {"POST", "us-east-1.api.x.ai", "/v1/messages", "llm.request x_ai chat"},
         {"POST", "api.perplexity.ai", "/chat/completions", "llm.request perplexity chat"},
         {"POST", "api.perplexity.ai", "/search", "perplexity.search perplexity search"},
         {"POST", "api.fireworks.ai", "/inference/v1/chat/completions", "llm.request fireworks chat"},
         {"POST", "openrouter.ai", "/api/v1/chat/completions", "llm.request openrouter chat"},
         {"GET", "openrouter.ai", "/docs", "http http"},
         {"POST", "router.huggingface.co", "/v1/chat/completions", "llm.request huggingface chat"},
         {"POST", "router.huggingface.co", "/together/v1/chat/completions", "llm.request huggingface chat"},
         {"POST", "router.huggingface.co", "/hf-inference/models/BAAI/bge/pipeline/feature-extraction",
          "llm.request huggingface embeddings"},
         {"POST", "api-inference.huggingface.co", "/models/gpt2", "llm.request huggingface generate_content"},
         {"POST", "x1.us-east-1.aws.endpoints.huggingface.cloud", "/generate_stream",
          "llm.request huggingface text_completion"},
         {"POST", "x1.us-east-1.aws.endpoints.huggingface.cloud", "/v1/chat/completions",
          "llm.request huggingface chat"},
         {"POST", "x1.us-east-1.aws.endpoints.huggingface.cloud", "/",
          "llm.request huggingface generate_content"},
         {"POST", "api.voyageai.com", "/v1/multimodalembeddings", "llm.request voyage embeddings"},
         {"POST", "api.voyageai.com", "/v1/rerank", "voyage.rerank voyage rerank"},
         {"POST", "api.jina.ai", "/v1/embeddings", "llm.request jina embeddings"},
         {"POST", "api.jina.ai", "/v1/rerank", "jina.rerank jina rerank"}});
}

TEST_CASE("Ollama is known by its port or its name, and never by a path alone", "[provider_rows]") {
  check({{"POST", "localhost", "/api/chat", "llm.request ollama chat", 11434},
         {"POST", "127.0.0.1", "/api/generate", "llm.request ollama text_completion", 11434},
         {"POST", "10.0.0.7", "/api/embed", "llm.request ollama embeddings", 11434},
         {"POST", "localhost", "/v1/chat/completions", "llm.request ollama chat", 11434},
         {"POST", "ollama", "/api/chat", "llm.request ollama chat", 8080},
         {"POST", "ollama.default.svc.cluster.local", "/api/embeddings", "llm.request ollama embeddings", 80},
         {"POST", "ollama.com", "/api/chat", "llm.request ollama chat", 443},
         {"GET", "localhost", "/api/tags", "ollama.list_models ollama list_models", 11434},
         {"POST", "localhost", "/api/chat", "http http", 8080},
         {"POST", "localhost", "/api/chat", "http http", 0},
         {"POST", "myollama", "/api/chat", "http http", 80},
         {"GET", "localhost", "/", "http http", 11434}});
}

TEST_CASE("vector stores are known by host, port, name or their own paths", "[provider_rows]") {
  check({{"POST", "x.eu-central.aws.cloud.qdrant.io", "/collections/docs/points/query",
          "qdrant.query qdrant query", 6333},
         {"PUT", "localhost", "/collections/docs/points", "qdrant.upsert qdrant upsert"},
         {"POST", "gateway", "/vectors/collections/docs/points/search", "qdrant.search qdrant search"},
         {"POST", "localhost", "/collections/docs/points/search/batch", "qdrant.search qdrant search"},
         {"PUT", "localhost", "/collections/docs", "http http", 80},
         {"PUT", "localhost", "/collections/docs", "qdrant.create_collection qdrant create_collection", 6333},
         {"PUT", "qdrant", "/collections/docs", "qdrant.create_collection qdrant create_collection", 80},
         {"GET", "localhost", "/collections/docs/points/7", "http http", 80},
         {"GET", "localhost", "/collections/docs/items", "http http", 80},
         {"POST", "c1.weaviate.cloud", "/v1/graphql", "weaviate.query weaviate query"},
         {"POST", "x.weaviate.network", "/v1/objects", "weaviate.insert weaviate insert"},
         {"POST", "localhost", "/v1/batch/objects", "weaviate.insert weaviate insert"},
         {"POST", "weaviate", "/v1/graphql", "weaviate.query weaviate query", 8080},
         {"POST", "hasura.internal", "/v1/graphql", "http http"},
         {"POST", "api.trychroma.com", "/api/v2/tenants/t/databases/d/collections/c/query",
          "chroma.query chroma query", 443},
         {"POST", "localhost", "/api/v2/tenants/t/databases/d/collections/c/upsert",
          "chroma.upsert chroma upsert"},
         {"POST", "localhost", "/api/v2/tenants/t/databases/d/collections",
          "chroma.create_collection chroma create_collection"},
         {"POST", "localhost", "/api/v1/collections/c/query", "chroma.query chroma query", 8000},
         {"POST", "localhost", "/api/v1/collections/c/query", "http http", 9000},
         {"POST", "in03-1.api.gcp-us-west1.zillizcloud.com", "/v2/vectordb/entities/search",
          "milvus.search milvus search"},
         {"POST", "in03-1.serverless.aws-eu.cloud.zilliz.com", "/v2/vectordb/entities/hybrid_search",
          "milvus.hybrid_search milvus hybrid_search"},
         {"POST", "localhost", "/v2/vectordb/collections/create",
          "milvus.create_collection milvus create_collection", 19530},
         {"GET", "x.zillizcloud.com", "/", "http milvus"}});
}

TEST_CASE("vector stores hand out their collection", "[provider_rows]") {
  CHECK(match_of("PUT", "localhost", "/collections/my%20docs/points").collection.view() == "my docs");
  CHECK(match_of("DELETE", "weaviate", "/v1/objects/Article/7").collection.view() == "Article");
  CHECK(match_of("POST", "localhost", "/api/v2/tenants/t/databases/d/collections").name_space.view() ==
        "t|d");
}

// Stars and captures become words that no other row has.
std::string example(std::string_view pattern, char separator) {
  std::string text;
  while (!pattern.empty()) {
    const std::string_view label = pattern.substr(0, pattern.find(separator));
    pattern.remove_prefix(std::min(label.size() + 1, pattern.size()));
    if (label.empty()) continue;
    if (!(text.empty() && separator == '.')) text += separator;
    const std::size_t equals = label.find('=');
    const std::size_t brace = label.find('}');
    if (label.front() == '{') {
      if (equals != label.npos) text += label.substr(equals + 1, brace - equals - 1);
      text += "some";
      text += label.substr(brace + 1);
    } else if (label.front() == '*') {
      text += "some";
      text += label == "**" ? std::string_view{} : label.substr(1);
    } else {
      text += label;
    }
  }
  return text;
}

void check_reached(const Service& service, const Endpoint& endpoint) {
  const std::string host = example(service.host, '.');
  const std::string path = example(service.base, '/') + example(endpoint.path, '/');
  const std::string header{endpoint.required_header};
  INFO(endpoint.method << " " << host << " " << path);
  const ApiMatch match = match_of(endpoint.method.empty() ? "OPTIONS" : endpoint.method, host, path,
                                  service.port, header.c_str());
  CHECK(match.operation == endpoint.operation);
  CHECK(match.workflow_word == service.provider->word);
  CHECK(match.shape == endpoint.shape);
}

TEST_CASE("every row is reached by a request of its own", "[provider_rows]") {
  for (const Service& service : services_with_domain()) {
    for (const Endpoint& endpoint : service.endpoints) check_reached(service, endpoint);
  }
  for (const Service& service : services_anywhere()) {
    for (const Endpoint& endpoint : service.endpoints) check_reached(service, endpoint);
  }
}

TEST_CASE("names of spans fit", "[provider_rows]") {
  for (const auto services : {services_with_domain(), services_anywhere()}) {
    for (const Service& service : services) {
      for (const Endpoint& endpoint : service.endpoints) {
        CHECK(service.provider->word.size() + 1 + endpoint.operation.size() <= 64);
      }
    }
  }
}

}  // namespace
}  // namespace llmo::genai
