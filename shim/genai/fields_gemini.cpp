#include "shim/genai/field_rows.h"

// Gemini's API and Vertex AI. Both are protocol buffers written as JSON, which may name a field in either of
// two ways; the names of nested ones are as a rule not mixed.
namespace llmo::genai::fields {

constinit const JsonPaths kGeminiRequest{{
    at("model", Q::kModel), at("generationConfig.temperature", Q::kTemperature),
    at("generationConfig.topP", Q::kTopP), at("generationConfig.topK", Q::kTopK),
    at("generationConfig.maxOutputTokens", Q::kMaxTokens),
    at("generationConfig.candidateCount", Q::kChoiceCount), at("generationConfig.seed", Q::kSeed),
    at("generationConfig.frequencyPenalty", Q::kFrequencyPenalty),
    at("generationConfig.presencePenalty", Q::kPresencePenalty),
    at("generationConfig.stopSequences[]", Q::kStopSequence),
    at("generationConfig.responseMimeType", Q::kOutputFormat),
    at("generationConfig.thinkingConfig.thinkingLevel", Q::kReasoningLevel),
    at("generation_config.temperature", Q::kTemperature), at("generation_config.top_p", Q::kTopP),
    at("generation_config.top_k", Q::kTopK), at("generation_config.max_output_tokens", Q::kMaxTokens),
    at("generation_config.candidate_count", Q::kChoiceCount), at("generation_config.seed", Q::kSeed),
    at("generation_config.frequency_penalty", Q::kFrequencyPenalty),
    at("generation_config.presence_penalty", Q::kPresencePenalty),
    at("generation_config.stop_sequences[]", Q::kStopSequence),
    at("generation_config.response_mime_type", Q::kOutputFormat),
    at("generation_config.thinking_config.thinking_level", Q::kReasoningLevel),
    // Embeddings.
    at("outputDimensionality", Q::kDimensions), at("output_dimensionality", Q::kDimensions),
    at("requests[].outputDimensionality", Q::kDimensions),
    at("embedContentConfig.outputDimensionality", Q::kDimensions),
    at("parameters.outputDimensionality", Q::kDimensions),
    at("parameters.sampleCount", Q::kChoiceCount),  // of pictures
}};

constinit const JsonPaths kGeminiResponse{{
    at("responseId", R::kId),
    at("modelVersion", R::kModel),
    at("candidates[]", R::kChoice),
    at("candidates[].index", R::kChoiceIndex),
    at("candidates[].finishReason", R::kFinishReason),
    at("candidates[].content.parts[].functionCall.name", R::kToolName),
    at("candidates[].content.parts[].functionCall", R::kContent),
    at("candidates[].content.parts[].inlineData", R::kContent),
    content_at("candidates[].content.parts[].text"),
    at("promptFeedback.blockReason", R::kStopReason),  // then there is no candidate
    at("usageMetadata.promptTokenCount", Tokens::kInput),
    at("usageMetadata.cachedContentTokenCount", Tokens::kCacheRead),
    at("usageMetadata.candidatesTokenCount", Tokens::kOutput),
    at("usageMetadata.thoughtsTokenCount", Tokens::kReasoning),
    at("usageMetadata.promptTokensDetails[]", R::kInputDetail),
    at("usageMetadata.promptTokensDetails[].modality", R::kModality),
    at("usageMetadata.promptTokensDetails[].tokenCount", R::kModalityTokens),
    at("usageMetadata.candidatesTokensDetails[]", R::kOutputDetail),
    at("usageMetadata.candidatesTokensDetails[].modality", R::kModality),
    at("usageMetadata.candidatesTokensDetails[].tokenCount", R::kModalityTokens),
    // Vertex AI's embeddings: a count for each text.
    at("predictions[].embeddings.statistics.token_count", R::kAddedInput),
    at("error.status", R::kErrorCode),
    at("error.code", R::kErrorNumber),
    message_at("error.message", R::kErrorMessage),
}};

}  // namespace llmo::genai::fields
