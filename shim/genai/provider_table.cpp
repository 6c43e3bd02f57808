#include "shim/genai/provider_table.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

#include "shim/genai/model_endpoints.h"
#include "shim/genai/vector_endpoints.h"

namespace llmo::genai {
namespace {

// Names of models' providers: OpenTelemetry's conventions for generative AI, `gen_ai.provider.name`; where
// they have none, the provider's own name. Vector stores have no well-known names there: what others use.
constexpr Provider kOpenAi{"openai", "openai", ApiKind::kGenAi};
constexpr Provider kAzureOpenAi{"azure.ai.openai", "azure_openai", ApiKind::kGenAi};
constexpr Provider kAzureInferenceApi{"azure.ai.inference", "azure_ai", ApiKind::kGenAi};
constexpr Provider kAnthropic{"anthropic", "anthropic", ApiKind::kGenAi};
constexpr Provider kGemini{"gcp.gemini", "gemini", ApiKind::kGenAi};
constexpr Provider kVertex{"gcp.vertex_ai", "vertex_ai", ApiKind::kGenAi};
constexpr Provider kBedrock{"aws.bedrock", "bedrock", ApiKind::kGenAi};
constexpr Provider kCohere{"cohere", "cohere", ApiKind::kGenAi};
constexpr Provider kMistral{"mistral_ai", "mistral", ApiKind::kGenAi};
constexpr Provider kGroq{"groq", "groq", ApiKind::kGenAi};
constexpr Provider kTogether{"together", "together", ApiKind::kGenAi};
constexpr Provider kDeepSeek{"deepseek", "deepseek", ApiKind::kGenAi};
constexpr Provider kXAi{"x_ai", "x_ai", ApiKind::kGenAi};
constexpr Provider kPerplexity{"perplexity", "perplexity", ApiKind::kGenAi};
constexpr Provider kFireworks{"fireworks", "fireworks", ApiKind::kGenAi};
constexpr Provider kOpenRouter{"openrouter", "openrouter", ApiKind::kGenAi};
constexpr Provider kHuggingFace{"huggingface", "huggingface", ApiKind::kGenAi};
constexpr Provider kOllama{"ollama", "ollama", ApiKind::kGenAi};
constexpr Provider kVoyage{"voyage", "voyage", ApiKind::kGenAi};
constexpr Provider kJina{"jina", "jina", ApiKind::kGenAi};
constexpr Provider kPineconeInference{"pinecone", "pinecone", ApiKind::kGenAi};

constexpr Provider kPinecone{"pinecone", "pinecone", ApiKind::kDatabase};
constexpr Provider kQdrant{"qdrant", "qdrant", ApiKind::kDatabase};
constexpr Provider kWeaviate{"weaviate", "weaviate", ApiKind::kDatabase};
constexpr Provider kChroma{"chroma", "chroma", ApiKind::kDatabase};
constexpr Provider kMilvus{"milvus", "milvus", ApiKind::kDatabase};

constexpr std::string_view kAnyHost = "**";
constexpr std::string_view kOpenAiHosts = "**.api.openai.com";  // with regions in front: eu.api.openai.com
constexpr std::string_view kAzureOpenAiHost = "*.openai.azure.com";
constexpr std::string_view kAzureCognitiveHost = "*.cognitiveservices.azure.com";
constexpr std::string_view kAzureServicesHost = "*.services.ai.azure.com";
constexpr std::string_view kAzureModelsHost = "**.models.ai.azure.com";
constexpr std::string_view kAzureGovernmentHost = "*.openai.azure.us";
constexpr std::string_view kGeminiHost = "generativelanguage.googleapis.com";
constexpr std::string_view kVertexHost = "aiplatform.googleapis.com";
constexpr std::string_view kVertexRegionHost = "*-aiplatform.googleapis.com";
constexpr std::string_view kVertexJurisdictionHost = "aiplatform.*.rep.googleapis.com";
constexpr std::string_view kBedrockHost = "bedrock-runtime.*.amazonaws.com";
constexpr std::string_view kBedrockFipsHost = "bedrock-runtime-fips.*.amazonaws.com";
constexpr std::string_view kBedrockAgentHost = "bedrock-agent-runtime.*.amazonaws.com";
constexpr std::string_view kBedrockChinaHost = "bedrock-runtime.*.amazonaws.com.cn";
constexpr std::string_view kHuggingFaceRouter = "router.huggingface.co";
constexpr std::string_view kHuggingFaceApi = "api-inference.huggingface.co";
constexpr std::string_view kHuggingFaceEndpoints = "**.endpoints.huggingface.cloud";
constexpr std::string_view kPineconeIndexHost = "{index}.svc.**.pinecone.io";
constexpr std::string_view kQdrantCloudHost = "**.cloud.qdrant.io";

// Where providers are known by their hosts. All services of a domain (the last two labels) stand together.
// clang-format off
constexpr Service kWithDomain[] = {
    {&kOpenAi, kOpenAiHosts, "/v1", kOpenAiHost},
    {&kOpenAi, kOpenAiHosts, "/v1", kOpenAiOwn},
    {&kOpenAi, kOpenAiHosts, "", kAnythingElse},

    // https://docs.anthropic.com/en/api; its OpenAI-compatible endpoint is /v1/chat/completions.
    {&kAnthropic, "api.anthropic.com", "/v1", kAnthropicLanguage},
    {&kAnthropic, "api.anthropic.com", "/v1", kOpenAiChat},
    {&kAnthropic, "api.anthropic.com", "", kAnythingElse},

    // https://learn.microsoft.com/azure/ai-foundry/openai/reference, …/foundry-models/concepts/endpoints. The
    // hosts of Azure's AI services answer for vision and speech as well, which are none of this.
    {&kAzureOpenAi, kAzureOpenAiHost, "/openai/deployments/{model}", kOpenAiLanguage},
    {&kAzureOpenAi, kAzureOpenAiHost, "/openai/v1", kOpenAiHost},
    {&kAzureOpenAi, kAzureOpenAiHost, "/openai/v1", kOpenAiOwn},
    {&kAzureOpenAi, kAzureOpenAiHost, "/openai", kAzurePreview},
    {&kAzureOpenAi, kAzureOpenAiHost, "/openai", kOpenAiUpkeep},
    {&kAzureOpenAi, kAzureOpenAiHost, "", kAnythingElse},
    {&kAzureOpenAi, kAzureCognitiveHost, "/openai/deployments/{model}", kOpenAiLanguage},
    {&kAzureOpenAi, kAzureCognitiveHost, "/openai/v1", kOpenAiHost},
    {&kAzureOpenAi, kAzureCognitiveHost, "/openai", kAzurePreview},
    {&kAzureOpenAi, kAzureServicesHost, "/openai/deployments/{model}", kOpenAiLanguage},
    {&kAzureOpenAi, kAzureServicesHost, "/openai/v1", kOpenAiHost},
    {&kAzureOpenAi, kAzureServicesHost, "/openai", kAzurePreview},
    {&kAzureInferenceApi, kAzureServicesHost, "/models", kAzureInference},
    {&kAzureInferenceApi, kAzureServicesHost, "/anthropic/v1", kAnthropicLanguage},
    {&kAzureInferenceApi, kAzureModelsHost, "", kAzureInference},
    {&kAzureInferenceApi, kAzureModelsHost, "/v1", kAzureInference},
    {&kAzureInferenceApi, kAzureModelsHost, "", kAnythingElse},
    {&kAzureInferenceApi, "models.inference.ai.azure.com", "", kAzureInference},

    {&kAzureOpenAi, kAzureGovernmentHost, "/openai/deployments/{model}", kOpenAiLanguage},
    {&kAzureOpenAi, kAzureGovernmentHost, "/openai/v1", kOpenAiHost},
    {&kAzureOpenAi, kAzureGovernmentHost, "/openai", kAzurePreview},
    {&kAzureOpenAi, kAzureGovernmentHost, "", kAnythingElse},

    // The first label of a path is the version: v1, v1beta, v1alpha. https://ai.google.dev/api
    {&kGemini, kGeminiHost, "/*/models", kGeminiLanguage},
    {&kGemini, kGeminiHost, "/*/tunedModels", kGeminiLanguage},
    {&kGemini, kGeminiHost, "/*/openai", kOpenAiHost},
    {&kGemini, kGeminiHost, "/*", kGeminiUpkeep},
    {&kGemini, kGeminiHost, "", kAnythingElse},

    // https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest. Without a project it is the express
    // mode.
    {&kVertex, kVertexRegionHost, "/*/projects/*/locations/*/publishers/google/models", kGeminiLanguage},
    {&kVertex, kVertexRegionHost, "/*/projects/*/locations/*/publishers/anthropic/models", kVertexAnthropic},
    {&kVertex, kVertexRegionHost, "/*/projects/*/locations/*/publishers/*/models", kVertexPartner},
    {&kVertex, kVertexRegionHost, "/*/projects/*/locations/*/endpoints/*", kOpenAiLanguage},
    {&kVertex, kVertexRegionHost, "/*/projects/*/locations/*/endpoints", kGeminiLanguage},
    {&kVertex, kVertexRegionHost, "", kAnythingElse},
    {&kVertex, kVertexHost, "/*/projects/*/locations/*/publishers/google/models", kGeminiLanguage},
    {&kVertex, kVertexHost, "/*/publishers/google/models", kGeminiLanguage},
    {&kVertex, kVertexHost, "/*/projects/*/locations/*/publishers/anthropic/models", kVertexAnthropic},
    {&kVertex, kVertexHost, "/*/projects/*/locations/*/publishers/*/models", kVertexPartner},
    {&kVertex, kVertexHost, "/*/projects/*/locations/*/endpoints/*", kOpenAiLanguage},
    {&kVertex, kVertexHost, "/*/projects/*/locations/*/endpoints", kGeminiLanguage},
    {&kVertex, kVertexHost, "", kAnythingElse},
    {&kVertex, kVertexJurisdictionHost, "/*/projects/*/locations/*/publishers/google/models", kGeminiLanguage},
    {&kVertex, kVertexJurisdictionHost, "/*/projects/*/locations/*/publishers/anthropic/models", kVertexAnthropic},
    {&kVertex, kVertexJurisdictionHost, "", kAnythingElse},

    // https://docs.aws.amazon.com/general/latest/gr/bedrock.html
    {&kBedrock, kBedrockHost, "", kBedrockRuntime},
    {&kBedrock, kBedrockHost, "/openai/v1", kOpenAiLanguage},
    {&kBedrock, kBedrockHost, "", kAnythingElse},
    {&kBedrock, kBedrockFipsHost, "", kBedrockRuntime},
    {&kBedrock, kBedrockFipsHost, "/openai/v1", kOpenAiLanguage},
    {&kBedrock, kBedrockFipsHost, "", kAnythingElse},
    {&kBedrock, kBedrockAgentHost, "", kBedrockAgents},
    {&kBedrock, kBedrockAgentHost, "", kAnythingElse},
    {&kBedrock, kBedrockChinaHost, "", kBedrockRuntime},
    {&kBedrock, kBedrockChinaHost, "", kAnythingElse},
    {&kBedrock, "bedrock-mantle.*.api.aws", "/v1", kOpenAiHost},
    {&kBedrock, "bedrock-mantle.*.api.aws", "/anthropic/v1", kAnthropicLanguage},
    {&kBedrock, "bedrock-mantle.*.api.aws", "", kAnythingElse},

    // https://docs.cohere.com/reference; OpenAI's language: https://docs.cohere.com/docs/compatibility-api
    {&kCohere, "api.cohere.com", "", kCohereLanguage},
    {&kCohere, "api.cohere.com", "/compatibility/v1", kOpenAiLanguage},
    {&kCohere, "api.cohere.com", "", kAnythingElse},
    {&kCohere, "api.cohere.ai", "", kCohereLanguage},
    {&kCohere, "api.cohere.ai", "/compatibility/v1", kOpenAiLanguage},
    {&kCohere, "api.cohere.ai", "", kAnythingElse},

    {&kMistral, "api.mistral.ai", "/v1", kOpenAiHost},
    {&kMistral, "api.mistral.ai", "/v1", kMistralOwn},
    {&kMistral, "api.mistral.ai", "", kAnythingElse},
    {&kMistral, "codestral.mistral.ai", "/v1", kOpenAiLanguage},
    {&kMistral, "codestral.mistral.ai", "/v1", kMistralOwn},
    {&kMistral, "codestral.mistral.ai", "", kAnythingElse},

    // https://console.groq.com/docs/api-reference
    {&kGroq, "api.groq.com", "/openai/v1", kOpenAiHost},
    {&kGroq, "api.groq.com", "", kAnythingElse},

    // https://docs.together.ai/reference
    {&kTogether, "api.together.xyz", "/v1", kOpenAiHost},
    {&kTogether, "api.together.xyz", "", kAnythingElse},
    {&kTogether, "api.together.ai", "/v1", kOpenAiHost},
    {&kTogether, "api.together.ai", "", kAnythingElse},

    // https://api-docs.deepseek.com: the version may be left out
    {&kDeepSeek, "api.deepseek.com", "", kOpenAiHost},
    {&kDeepSeek, "api.deepseek.com", "/v1", kOpenAiHost},
    {&kDeepSeek, "api.deepseek.com", "/beta", kOpenAiLanguage},
    {&kDeepSeek, "api.deepseek.com", "/anthropic/v1", kAnthropicLanguage},
    {&kDeepSeek, "api.deepseek.com", "", kAnythingElse},

    // https://docs.x.ai/docs/api-reference: regions stand in front
    {&kXAi, "**.api.x.ai", "/v1", kOpenAiHost},
    {&kXAi, "**.api.x.ai", "/v1", kAnthropicLanguage},
    {&kXAi, "**.api.x.ai", "", kAnythingElse},

    {&kPerplexity, "api.perplexity.ai", "", kOpenAiLanguage},
    {&kPerplexity, "api.perplexity.ai", "/v1", kOpenAiLanguage},
    {&kPerplexity, "api.perplexity.ai", "", kPerplexityOwn},
    {&kPerplexity, "api.perplexity.ai", "", kAnythingElse},

    // https://docs.fireworks.ai/api-reference
    {&kFireworks, "api.fireworks.ai", "/inference/v1", kOpenAiHost},
    {&kFireworks, "api.fireworks.ai", "/inference/v1", kAnthropicLanguage},
    {&kFireworks, "api.fireworks.ai", "", kAnythingElse},

    {&kOpenRouter, "openrouter.ai", "/api/v1", kOpenAiHost},
    {&kOpenRouter, "openrouter.ai", "/api/v1", kOpenRouterOwn},
    {&kOpenRouter, "openrouter.ai", "/api", kAnythingElse},

    // The router goes on to other providers, named by the first label.
    {&kHuggingFace, kHuggingFaceRouter, "/v1", kOpenAiHost},
    {&kHuggingFace, kHuggingFaceRouter, "/hf-inference/models", kHuggingFaceModels},
    {&kHuggingFace, kHuggingFaceRouter, "/*/v1", kOpenAiLanguage},
    {&kHuggingFace, kHuggingFaceRouter, "/*/*/v1", kOpenAiLanguage},
    {&kHuggingFace, kHuggingFaceRouter, "", kAnythingElse},
    {&kHuggingFace, kHuggingFaceApi, "/models", kHuggingFaceModels},
    {&kHuggingFace, kHuggingFaceApi, "/pipeline", kHuggingFacePipelines},
    {&kHuggingFace, kHuggingFaceApi, "/v1", kOpenAiLanguage},
    {&kHuggingFace, kHuggingFaceApi, "", kAnythingElse},
    {&kHuggingFace, kHuggingFaceEndpoints, "/v1", kOpenAiLanguage},
    {&kHuggingFace, kHuggingFaceEndpoints, "", kHuggingFaceEndpoint},
    {&kHuggingFace, kHuggingFaceEndpoints, "", kAnythingElse},

    {&kOllama, "ollama.com", "/api", kOllamaApi},
    {&kOllama, "ollama.com", "/v1", kOpenAiHost},

    {&kVoyage, "api.voyageai.com", "/v1", kVoyageApi},
    {&kVoyage, "api.voyageai.com", "", kAnythingElse},

    {&kJina, "api.jina.ai", "/v1", kJinaApi},
    {&kJina, "api.jina.ai", "", kAnythingElse},
    {&kJina, "deepsearch.jina.ai", "/v1", kOpenAiLanguage},

    {&kPinecone, kPineconeIndexHost, "", kPineconeIndex},
    {&kPinecone, "api.pinecone.io", "", kPineconeControl},
    {&kPineconeInference, "api.pinecone.io", "", kPineconeModels},
    {&kPinecone, "**.pinecone.io", "", kAnythingElse},

    {&kQdrant, kQdrantCloudHost, "/collections/{collection}", kQdrantPoints},
    {&kQdrant, kQdrantCloudHost, "", kQdrantServer},
    {&kQdrant, kQdrantCloudHost, "/collections/{collection}", kQdrantCollection},
    {&kQdrant, kQdrantCloudHost, "", kAnythingElse},

    {&kWeaviate, "**.weaviate.network", "/v1", kWeaviateApi},
    {&kWeaviate, "**.weaviate.network", "/v1", kWeaviateBatch},
    {&kWeaviate, "**.weaviate.network", "", kAnythingElse},
    {&kWeaviate, "**.weaviate.cloud", "/v1", kWeaviateApi},
    {&kWeaviate, "**.weaviate.cloud", "/v1", kWeaviateBatch},
    {&kWeaviate, "**.weaviate.cloud", "", kAnythingElse},

    {&kChroma, "**.api.trychroma.com", "/api/v2/tenants/{tenant}/databases/{database}/collections/{collection}", kChromaRecords},
    {&kChroma, "**.api.trychroma.com", "/api/v2/tenants/{tenant}/databases/{database}", kChromaCollections},
    {&kChroma, "**.api.trychroma.com", "", kAnythingElse},

    {&kMilvus, "**.zillizcloud.com", "/v2/vectordb", kMilvusApi},
    {&kMilvus, "**.zillizcloud.com", "/v1", kMilvusFirst},
    {&kMilvus, "**.zillizcloud.com", "", kAnythingElse},
    {&kMilvus, "**.cloud.zilliz.com", "/v2/vectordb", kMilvusApi},
    {&kMilvus, "**.cloud.zilliz.com", "", kAnythingElse},
};

// Where only a port, the name that a server has among its containers, or paths of its own tell what it is.
constexpr Service kAnywhere[] = {
    // The ports are those that the servers take by themselves: Ollama 11434, Qdrant 6333, Chroma 8000, Milvus
    // 19530.
    {&kOllama, kAnyHost, "/api", kOllamaApi, 11434},
    {&kOllama, kAnyHost, "/v1", kOpenAiHost, 11434},
    {&kOllama, "ollama.**", "/api", kOllamaApi},
    {&kOllama, "ollama.**", "/v1", kOpenAiHost},
    {&kQdrant, kAnyHost, "", kQdrantServer, 6333},
    {&kQdrant, kAnyHost, "/collections/{collection}", kQdrantPoints, 6333},
    {&kQdrant, kAnyHost, "/collections/{collection}", kQdrantCollection, 6333},
    {&kQdrant, "qdrant.**", "", kQdrantServer},
    {&kQdrant, "qdrant.**", "/collections/{collection}", kQdrantPoints},
    {&kQdrant, "qdrant.**", "/collections/{collection}", kQdrantCollection},
    {&kWeaviate, "weaviate.**", "/v1", kWeaviateApi},
    {&kChroma, kAnyHost, "/api/v1/collections/{collection}", kChromaRecords, 8000},
    {&kChroma, "chroma.**", "/api/v1/collections/{collection}", kChromaRecords},
    {&kChroma, "chromadb.**", "/api/v1/collections/{collection}", kChromaRecords},
    {&kMilvus, kAnyHost, "/v1", kMilvusFirst, 19530},

    // A provider that speaks OpenAI's language and is not known is, as the conventions have it, the one whose
    // language it is. Gateways put something in front of the path.
    {&kAzureOpenAi, kAnyHost, "**/openai/deployments/{model}", kOpenAiLanguage},
    {&kOpenAi, kAnyHost, "**/v1", kOpenAiLanguage},
    {&kOpenAi, kAnyHost, "**", kOpenAiChat},
    {&kAnthropic, kAnyHost, "**/v1", kAnthropicAnywhere},
    {&kQdrant, kAnyHost, "**/collections/{collection}", kQdrantPoints},
    {&kWeaviate, kAnyHost, "**/v1", kWeaviateBatch},
    {&kChroma, kAnyHost, "**/api/v2/tenants/{tenant}/databases/{database}/collections/{collection}", kChromaRecords},
    {&kChroma, kAnyHost, "**/api/v2/tenants/{tenant}/databases/{database}", kChromaCollections},
    {&kMilvus, kAnyHost, "**/v2/vectordb", kMilvusApi},
};
// clang-format on

constexpr std::string_view last_labels(std::string_view host) {
  while (host.ends_with('.')) host.remove_suffix(1);
  const std::size_t dot = host.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return host;
  const std::size_t before = host.rfind('.', dot - 1);
  return before == std::string_view::npos ? host : host.substr(before + 1);
}

struct Domain {
  std::string_view name;
  std::size_t first = 0;  // of kWithDomain
  std::size_t count = 0;
};

constexpr std::size_t count_domains() {
  std::size_t count = 0;
  std::string_view last;
  for (const Service& service : kWithDomain) {
    if (last_labels(service.host) != last) ++count;
    last = last_labels(service.host);
  }
  return count;
}

constexpr auto kDomains = [] {
  std::array<Domain, count_domains()> domains;
  std::size_t at = domains.size();  // before the first
  for (std::size_t row = 0; row < std::size(kWithDomain); ++row) {
    const std::string_view name = last_labels(kWithDomain[row].host);
    if (at == domains.size() || domains[at].name != name) {
      at = at == domains.size() ? 0 : at + 1;
      domains[at] = {name, row, 0};
    }
    ++domains[at].count;
  }
  std::sort(domains.begin(), domains.end(), [](const Domain& a, const Domain& b) { return a.name < b.name; });
  return domains;
}();

constexpr bool stand_together() {
  for (std::size_t at = 1; at < kDomains.size(); ++at) {
    if (kDomains[at].name == kDomains[at - 1].name) return false;
  }
  return true;
}
static_assert(stand_together(), "the services of a domain have to stand next to each other");

constexpr bool are_plain() {
  return std::all_of(kDomains.begin(), kDomains.end(), [](const Domain& domain) {
    return domain.name.find_first_of("*{") == std::string_view::npos &&
           domain.name.find('.') != domain.name.npos;
  });
}
static_assert(are_plain(), "the last two labels of a service's host have to be plain words");

}  // namespace

std::string_view domain_of(std::string_view host) { return last_labels(host); }

std::span<const Service> services_in_domain_of(std::string_view host) {
  const std::string_view name = last_labels(host);
  const auto found =
      std::lower_bound(kDomains.begin(), kDomains.end(), name,
                       [](const Domain& domain, std::string_view text) { return domain.name < text; });
  if (found == kDomains.end() || found->name != name) return {};
  return std::span(kWithDomain).subspan(found->first, found->count);
}

std::span<const Service> services_anywhere() { return kAnywhere; }

std::span<const Service> services_with_domain() { return kWithDomain; }

}  // namespace llmo::genai
