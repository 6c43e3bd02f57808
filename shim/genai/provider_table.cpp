#include "shim/genai/provider_table.h"

namespace llmo::genai {
namespace {

constexpr Provider kOpenAi{"openai", "openai", ApiKind::kGenAi};
constexpr Provider kAnthropic{"anthropic", "anthropic", ApiKind::kGenAi};
constexpr Provider kPinecone{"pinecone", "pinecone", ApiKind::kDatabase};
constexpr Provider kPineconeInference{"pinecone", "pinecone", ApiKind::kGenAi};

constexpr std::string_view kAnyHost = "**";
constexpr std::string_view kOpenAiHost = "**.api.openai.com";  // with regions in front: eu.api.openai.com
constexpr std::string_view kAnthropicHost = "api.anthropic.com";
constexpr std::string_view kPineconeIndexHost = "{index}.svc.**.pinecone.io";
constexpr std::string_view kPineconeHost = "api.pinecone.io";

// clang-format off
constexpr ApiRule kRules[] = {
    // Anthropic: https://docs.anthropic.com/en/api
    {&kAnthropic, kAnthropicHost, "POST", "/v1/messages", "chat", BodyShape::kAnthropic},
    {&kAnthropic, kAnthropicHost, "POST", "/v1/complete", "text_completion", BodyShape::kAnthropic},
    {&kAnthropic, kAnthropicHost, "POST", "/v1/messages/count_tokens", "count_tokens", BodyShape::kAnthropic},
    {&kAnthropic, kAnthropicHost, "POST", "/v1/messages/batches", "create_batch"},
    {&kAnthropic, kAnthropicHost, "GET", "/v1/models", "list_models"},

    // Pinecone, data plane: https://docs.pinecone.io/reference/api
    {&kPinecone, kPineconeIndexHost, "POST", "/query", "query", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "POST", "/vectors/upsert", "upsert", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "GET", "/vectors/fetch", "fetch", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "POST", "/vectors/fetch_by_metadata", "fetch", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "POST", "/vectors/delete", "delete", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "DELETE", "/vectors/delete", "delete", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "POST", "/vectors/update", "update", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "GET", "/vectors/list", "list", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "", "/describe_index_stats", "describe_index_stats", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "POST", "/records/namespaces/{namespace}/upsert", "upsert", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "POST", "/records/namespaces/{namespace}/search", "search", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "GET", "/namespaces", "list_namespaces", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "GET", "/namespaces/{namespace}", "describe_namespace", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "DELETE", "/namespaces/{namespace}", "delete_namespace", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "POST", "/bulk/imports", "start_import", BodyShape::kPinecone},
    {&kPinecone, kPineconeIndexHost, "GET", "/bulk/imports", "list_imports", BodyShape::kPinecone},

    // Pinecone, control plane and inference. Some of these bodies have other things under the names of the data
    // plane, but errors look the same.
    {&kPinecone, kPineconeHost, "GET", "/indexes", "list_indexes", BodyShape::kPinecone},
    {&kPinecone, kPineconeHost, "POST", "/indexes", "create_index", BodyShape::kPinecone},
    {&kPinecone, kPineconeHost, "POST", "/indexes/create-for-model", "create_index", BodyShape::kPinecone},
    {&kPinecone, kPineconeHost, "GET", "/indexes/{collection}", "describe_index", BodyShape::kPinecone},
    {&kPinecone, kPineconeHost, "PATCH", "/indexes/{collection}", "configure_index", BodyShape::kPinecone},
    {&kPinecone, kPineconeHost, "DELETE", "/indexes/{collection}", "delete_index", BodyShape::kPinecone},
    {&kPineconeInference, kPineconeHost, "POST", "/embed", "embeddings", BodyShape::kPinecone},
    {&kPineconeInference, kPineconeHost, "POST", "/rerank", "rerank", BodyShape::kPinecone},

    // OpenAI: https://platform.openai.com/docs/api-reference. Only what no other server is asked for.
    {&kOpenAi, kOpenAiHost, "GET", "/v1/models", "list_models"},
    {&kOpenAi, kOpenAiHost, "POST", "/v1/files", "upload_file"},
    {&kOpenAi, kOpenAiHost, "POST", "/v1/batches", "create_batch"},

    // The same on any host: vLLM, llama.cpp, LiteLLM and the many others that speak OpenAI's language. The
    // provider is the one whose language it is, as the conventions say.
    {&kOpenAi, kAnyHost, "POST", "**/chat/completions", "chat", BodyShape::kOpenAi, "chat_completions"},
    {&kOpenAi, kAnyHost, "POST", "**/v1/responses", "chat", BodyShape::kOpenAi, "responses"},
    {&kOpenAi, kAnyHost, "GET", "**/v1/responses/{response}", "fetch_response", BodyShape::kNone, "responses"},
    {&kOpenAi, kAnyHost, "POST", "**/v1/completions", "text_completion", BodyShape::kOpenAi},
    {&kOpenAi, kAnyHost, "POST", "**/v1/embeddings", "embeddings", BodyShape::kOpenAi},
    {&kOpenAi, kAnyHost, "POST", "**/v1/moderations", "moderation", BodyShape::kOpenAi},
    {&kOpenAi, kAnyHost, "POST", "**/v1/images/generations", "image_generation", BodyShape::kOpenAi},
    {&kOpenAi, kAnyHost, "POST", "**/v1/images/edits", "image_edit", BodyShape::kOpenAi},
    {&kOpenAi, kAnyHost, "POST", "**/v1/images/variations", "image_variation", BodyShape::kOpenAi},
    {&kOpenAi, kAnyHost, "POST", "**/v1/audio/speech", "speech", BodyShape::kOpenAi},
    {&kOpenAi, kAnyHost, "POST", "**/v1/audio/transcriptions", "transcription", BodyShape::kOpenAi},
    {&kOpenAi, kAnyHost, "POST", "**/v1/audio/translations", "translation", BodyShape::kOpenAi},
    // The path alone is too common a word; Anthropic's API is told by the header that it demands.
    {&kAnthropic, kAnyHost, "POST", "**/v1/messages", "chat", BodyShape::kAnthropic, {}, "anthropic-version"},

    // Hosts of a known provider, whatever else is asked of them.
    {&kOpenAi, kOpenAiHost, "", "**", ""},
    {&kAnthropic, kAnthropicHost, "", "**", ""},
    {&kPinecone, "**.pinecone.io", "", "**", ""},
};
// clang-format on

}  // namespace

std::span<const ApiRule> api_rules() { return kRules; }

}  // namespace llmo::genai
