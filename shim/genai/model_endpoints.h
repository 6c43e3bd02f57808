// What can be asked of the models of each maker or host: the lists of provider_table.cpp, by language.
#pragma once

#include "shim/genai/provider_table.h"

namespace llmo::genai {

// clang-format off

// Whatever else is asked of a host that is its provider's alone.
inline constexpr Endpoint kAnythingElse[] = {{"", "**", ""}};

// OpenAI's language, as the many servers speak it that took it over: vLLM, llama.cpp, LiteLLM …
// https://platform.openai.com/docs/api-reference
inline constexpr Endpoint kOpenAiLanguage[] = {
    {"POST", "/chat/completions", "chat", BodyShape::kOpenAi, "chat_completions"},
    {"POST", "/responses", "chat", BodyShape::kOpenAi, "responses"},
    {"GET", "/responses/{response}", "fetch_response", BodyShape::kNone, "responses"},
    {"POST", "/completions", "text_completion", BodyShape::kOpenAi},
    {"POST", "/embeddings", "embeddings", BodyShape::kOpenAi},
    {"POST", "/moderations", "moderation", BodyShape::kOpenAi},
    {"POST", "/images/generations", "image_generation", BodyShape::kOpenAi},
    {"POST", "/images/edits", "image_edit", BodyShape::kOpenAi},
    {"POST", "/images/variations", "image_variation", BodyShape::kOpenAi},
    {"POST", "/audio/speech", "speech", BodyShape::kOpenAi},
    {"POST", "/audio/transcriptions", "transcription", BodyShape::kOpenAi},
    {"POST", "/audio/translations", "translation", BodyShape::kOpenAi},
};

// Chat alone: what of OpenAI's language is told by its path without `/v1` before it.
inline constexpr Endpoint kOpenAiChat[] = {
    {"POST", "/chat/completions", "chat", BodyShape::kOpenAi, "chat_completions"},
};

// What is common on hosts that are known to speak OpenAI's language, and too common a path elsewhere.
inline constexpr Endpoint kOpenAiUpkeep[] = {
    {"GET", "/models", "list_models"},
    {"GET", "/models/**", "describe_model"},
    {"POST", "/files", "upload_file"},
    {"GET", "/files", "list_files"},
    {"POST", "/batches", "create_batch"},
    {"GET", "/batches/*", "describe_batch"},
    {"POST", "/rerank", "rerank"},
};

inline constexpr auto kOpenAiHost = join(kOpenAiLanguage, kOpenAiUpkeep);

// What OpenAI itself adds.
inline constexpr Endpoint kOpenAiOwn[] = {
    {"POST", "/responses/input_tokens", "count_tokens", BodyShape::kOpenAi, "responses"},
    {"POST", "/responses/{response}/cancel", "cancel_response", BodyShape::kNone, "responses"},
    {"DELETE", "/responses/{response}", "delete_response", BodyShape::kNone, "responses"},
    {"POST", "/vector_stores", "create_vector_store"},
    {"POST", "/vector_stores/*/search", "retrieval"},
    {"POST", "/videos", "video_generation", BodyShape::kOpenAi},
    {"POST", "/fine_tuning/jobs", "create_fine_tuning_job"},
    {"POST", "/threads/*/runs", "invoke_agent"},
    {"POST", "/threads/runs", "invoke_agent"},
};

// Azure's preview of the responses, outside `/v1` and without a deployment in the path.
// https://learn.microsoft.com/azure/ai-foundry/openai/reference-preview
inline constexpr Endpoint kAzurePreview[] = {
    {"POST", "/responses", "chat", BodyShape::kOpenAi, "responses"},
    {"GET", "/responses/{response}", "fetch_response", BodyShape::kNone, "responses"},
    {"POST", "/deployments/{model}/extensions/chat/completions", "chat", BodyShape::kOpenAi, "chat_completions"},
};

// https://learn.microsoft.com/rest/api/aifoundry/modelinference
inline constexpr Endpoint kAzureInference[] = {
    {"POST", "/chat/completions", "chat", BodyShape::kOpenAi, "chat_completions"},
    {"POST", "/embeddings", "embeddings", BodyShape::kOpenAi},
    {"POST", "/images/embeddings", "embeddings", BodyShape::kOpenAi},
    {"GET", "/info", "describe_model"},
};

// https://docs.anthropic.com/en/api
inline constexpr Endpoint kAnthropicLanguage[] = {
    {"POST", "/messages", "chat", BodyShape::kAnthropic},
    {"POST", "/complete", "text_completion", BodyShape::kAnthropic},
    {"POST", "/messages/count_tokens", "count_tokens", BodyShape::kAnthropic},
    {"POST", "/messages/batches", "create_batch"},
    {"GET", "/messages/batches/*", "describe_batch"},
    {"GET", "/messages/batches/*/results", "fetch_batch_results"},
    {"GET", "/models", "list_models"},
    {"GET", "/models/{model}", "describe_model"},
    {"POST", "/files", "upload_file"},
    {"GET", "/files", "list_files"},
};

// The path alone is too common a word; Anthropic's API is told by the header that it demands.
inline constexpr Endpoint kAnthropicAnywhere[] = {
    {"POST", "/messages", "chat", BodyShape::kAnthropic, {}, "anthropic-version"},
    {"POST", "/messages/count_tokens", "count_tokens", BodyShape::kAnthropic, {}, "anthropic-version"},
};

// https://ai.google.dev/api; the same with another beginning on Vertex AI.
inline constexpr Endpoint kGeminiLanguage[] = {
    {"POST", "/{model}:generateContent", "generate_content", BodyShape::kGemini},
    {"POST", "/{model}:streamGenerateContent", "generate_content", BodyShape::kGemini},
    {"POST", "/{model}:embedContent", "embeddings", BodyShape::kGemini},
    {"POST", "/{model}:batchEmbedContents", "embeddings", BodyShape::kGemini},
    {"POST", "/{model}:countTokens", "count_tokens", BodyShape::kGemini},
    {"POST", "/{model=imagen-}:predict", "image_generation", BodyShape::kGemini},
    {"POST", "/{model}:predictLongRunning", "video_generation", BodyShape::kGemini},
    {"POST", "/{model}:batchGenerateContent", "create_batch", BodyShape::kGemini},
    {"POST", "/{model=text-embedding-}:predict", "embeddings", BodyShape::kGemini},
    {"POST", "/{model=gemini-embedding-}:predict", "embeddings", BodyShape::kGemini},
    {"POST", "/{model=text-multilingual-embedding-}:predict", "embeddings", BodyShape::kGemini},
    {"POST", "/{model=multimodalembedding}:predict", "embeddings", BodyShape::kGemini},
    {"POST", "/{model}:predict", "predict", BodyShape::kGemini},
};
inline constexpr Endpoint kGeminiUpkeep[] = {
    {"GET", "/models", "list_models"},
    {"GET", "/models/{model}", "describe_model"},
    {"POST", "/cachedContents", "create_cache"},
};

// https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models
inline constexpr Endpoint kVertexAnthropic[] = {
    {"POST", "/count-tokens:rawPredict", "count_tokens", BodyShape::kAnthropic},
    {"POST", "/{model}:rawPredict", "chat", BodyShape::kAnthropic},
    {"POST", "/{model}:streamRawPredict", "chat", BodyShape::kAnthropic},
};
inline constexpr Endpoint kVertexPartner[] = {
    {"POST", "/{model=mistral-ocr}:rawPredict", "ocr", BodyShape::kOpenAi},
    {"POST", "/{model}:rawPredict", "chat", BodyShape::kOpenAi},
    {"POST", "/{model}:streamRawPredict", "chat", BodyShape::kOpenAi},
};

// https://docs.aws.amazon.com/bedrock/latest/APIReference. What `invoke` means is the model's to say.
inline constexpr Endpoint kBedrockRuntime[] = {
    {"POST", "/model/{model}/converse", "chat", BodyShape::kBedrockConverse},
    {"POST", "/model/{model}/converse-stream", "chat", BodyShape::kBedrockConverse},
    {"POST", "/model/{model=amazon.titan-embed-}/invoke", "embeddings", BodyShape::kBedrockInvoke},
    {"POST", "/model/{model=amazon.nova-2-multimodal-embeddings-}/invoke", "embeddings", BodyShape::kBedrockInvoke},
    {"POST", "/model/{model=cohere.embed-}/invoke", "embeddings", BodyShape::kBedrockInvoke},
    {"POST", "/model/{model=us.cohere.embed-}/invoke", "embeddings", BodyShape::kBedrockInvoke},
    {"POST", "/model/{model=eu.cohere.embed-}/invoke", "embeddings", BodyShape::kBedrockInvoke},
    {"POST", "/model/{model=global.cohere.embed-}/invoke", "embeddings", BodyShape::kBedrockInvoke},
    {"POST", "/model/{model=cohere.rerank-}/invoke", "rerank", BodyShape::kBedrockInvoke},
    {"POST", "/model/{model=amazon.rerank-}/invoke", "rerank", BodyShape::kBedrockInvoke},
    {"POST", "/model/{model=amazon.titan-image-}/invoke", "image_generation", BodyShape::kBedrockInvoke},
    {"POST", "/model/{model=amazon.nova-canvas-}/invoke", "image_generation", BodyShape::kBedrockInvoke},
    {"POST", "/model/{model=stability.}/invoke", "image_generation", BodyShape::kBedrockInvoke},
    {"POST", "/model/{model}/invoke", "chat", BodyShape::kBedrockInvoke},
    {"POST", "/model/{model}/invoke-with-response-stream", "chat", BodyShape::kBedrockInvoke},
    {"POST", "/model/{model}/count-tokens", "count_tokens"},
    {"POST", "/async-invoke", "start_async_invoke"},
    {"POST", "/guardrail/*/version/*/apply", "apply_guardrail"},
};
inline constexpr Endpoint kBedrockAgents[] = {
    {"POST", "/agents/*/agentAliases/*/sessions/*/text", "invoke_agent"},
    {"POST", "/flows/*/aliases/*", "invoke_flow"},
    {"POST", "/knowledgebases/*/retrieve", "retrieval"},
    {"POST", "/retrieveAndGenerate", "retrieve_and_generate"},
    {"POST", "/retrieveAndGenerateStream", "retrieve_and_generate"},
    {"POST", "/rerank", "rerank"},
};

// https://docs.cohere.com/reference
inline constexpr Endpoint kCohereLanguage[] = {
    {"POST", "/v2/chat", "chat", BodyShape::kCohere},
    {"POST", "/v2/embed", "embeddings", BodyShape::kCohere},
    {"POST", "/v2/rerank", "rerank", BodyShape::kCohere},
    {"POST", "/v1/chat", "chat", BodyShape::kCohere},
    {"POST", "/v1/generate", "text_completion", BodyShape::kCohere},
    {"POST", "/v1/embed", "embeddings", BodyShape::kCohere},
    {"POST", "/v1/rerank", "rerank", BodyShape::kCohere},
    {"POST", "/v1/classify", "classify", BodyShape::kCohere},
    {"POST", "/v1/summarize", "summarize", BodyShape::kCohere},
    {"POST", "/v1/tokenize", "count_tokens", BodyShape::kCohere},
    {"POST", "/v1/detokenize", "detokenize", BodyShape::kCohere},
    {"POST", "/v1/embed-jobs", "create_batch"},
    {"GET", "/v1/models", "list_models"},
    {"GET", "/v1/models/{model}", "describe_model"},
};

// https://docs.mistral.ai/api: OpenAI's language, and these.
inline constexpr Endpoint kMistralOwn[] = {
    {"POST", "/fim/completions", "text_completion", BodyShape::kOpenAi},
    {"POST", "/agents/completions", "chat", BodyShape::kOpenAi},
    {"POST", "/conversations", "chat", BodyShape::kOpenAi},
    {"POST", "/conversations/*", "chat", BodyShape::kOpenAi},
    {"POST", "/chat/moderations", "moderation", BodyShape::kOpenAi},
    {"POST", "/classifications", "classify", BodyShape::kOpenAi},
    {"POST", "/chat/classifications", "classify", BodyShape::kOpenAi},
    {"POST", "/ocr", "ocr", BodyShape::kOpenAi},
    {"POST", "/agents", "create_agent"},
};

// https://docs.perplexity.ai/api-reference: OpenAI's language, and these.
inline constexpr Endpoint kPerplexityOwn[] = {
    {"POST", "/search", "search"},
    {"POST", "/async/chat/completions", "create_batch"},
};

// https://openrouter.ai/docs/api-reference: OpenAI's language, and these.
inline constexpr Endpoint kOpenRouterOwn[] = {
    {"GET", "/generation", "describe_generation"},
    {"POST", "/messages", "chat", BodyShape::kAnthropic},
};

// https://huggingface.co/docs/inference-providers; https://huggingface.github.io/text-generation-inference;
// https://huggingface.github.io/text-embeddings-inference. A model's own address says nothing of its task.
inline constexpr Endpoint kHuggingFaceModels[] = {
    {"POST", "/{model}/v1/chat/completions", "chat", BodyShape::kOpenAi, "chat_completions"},
    {"POST", "/{owner}/{model}/v1/chat/completions", "chat", BodyShape::kOpenAi, "chat_completions"},
    {"POST", "/{owner}/{model}/v1/completions", "text_completion", BodyShape::kOpenAi},
    {"POST", "/{model}/pipeline/feature-extraction", "embeddings", BodyShape::kHuggingFace},
    {"POST", "/{owner}/{model}/pipeline/feature-extraction", "embeddings", BodyShape::kHuggingFace},
    {"POST", "/{owner}/{model}/pipeline/*", "generate_content", BodyShape::kHuggingFace},
    {"POST", "/{model}", "generate_content", BodyShape::kHuggingFace},
    {"POST", "/{owner}/{model}", "generate_content", BodyShape::kHuggingFace},
};
inline constexpr Endpoint kHuggingFacePipelines[] = {
    {"POST", "/feature-extraction/{model}", "embeddings", BodyShape::kHuggingFace},
    {"POST", "/feature-extraction/{owner}/{model}", "embeddings", BodyShape::kHuggingFace},
};
inline constexpr Endpoint kHuggingFaceEndpoint[] = {
    {"POST", "/generate", "text_completion", BodyShape::kHuggingFace},
    {"POST", "/generate_stream", "text_completion", BodyShape::kHuggingFace},
    {"POST", "/embed", "embeddings", BodyShape::kHuggingFace},
    {"POST", "/embed_all", "embeddings", BodyShape::kHuggingFace},
    {"POST", "/embed_sparse", "embeddings", BodyShape::kHuggingFace},
    {"POST", "/rerank", "rerank", BodyShape::kHuggingFace},
    {"POST", "/tokenize", "count_tokens", BodyShape::kHuggingFace},
    {"POST", "/", "generate_content", BodyShape::kHuggingFace},
};

// https://github.com/ollama/ollama/blob/main/docs/api.md
inline constexpr Endpoint kOllamaApi[] = {
    {"POST", "/chat", "chat", BodyShape::kOllama},
    {"POST", "/generate", "text_completion", BodyShape::kOllama},
    {"POST", "/embed", "embeddings", BodyShape::kOllama},
    {"POST", "/embeddings", "embeddings", BodyShape::kOllama},
    {"GET", "/tags", "list_models"},
    {"GET", "/ps", "list_running_models"},
    {"POST", "/show", "describe_model"},
    {"POST", "/pull", "pull_model"},
    {"POST", "/create", "create_model"},
    {"DELETE", "/delete", "delete_model"},
};

// https://docs.voyageai.com/reference
inline constexpr Endpoint kVoyageApi[] = {
    {"POST", "/embeddings", "embeddings", BodyShape::kOpenAi},
    {"POST", "/multimodalembeddings", "embeddings", BodyShape::kOpenAi},
    {"POST", "/contextualizedembeddings", "embeddings", BodyShape::kOpenAi},
    {"POST", "/rerank", "rerank", BodyShape::kOpenAi},
};

// https://api.jina.ai/redoc
inline constexpr Endpoint kJinaApi[] = {
    {"POST", "/embeddings", "embeddings", BodyShape::kOpenAi},
    {"POST", "/rerank", "rerank", BodyShape::kOpenAi},
    {"POST", "/classify", "classify", BodyShape::kOpenAi},
};

// https://docs.pinecone.io/reference/api/inference. Errors look as those of the data plane.
inline constexpr Endpoint kPineconeModels[] = {
    {"POST", "/embed", "embeddings", BodyShape::kPinecone},
    {"POST", "/rerank", "rerank", BodyShape::kPinecone},
};

// clang-format on

}  // namespace llmo::genai
