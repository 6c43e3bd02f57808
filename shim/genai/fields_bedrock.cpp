#include "shim/genai/field_rows.h"

namespace llmo::genai::fields {

// Converse: one layout for all models. A stream has it in pieces, each an event whose name stands in the
// frame.
constinit const JsonPaths kBedrockConverseRequest{{
    at("inferenceConfig.temperature", Q::kTemperature),
    at("inferenceConfig.topP", Q::kTopP),
    at("inferenceConfig.maxTokens", Q::kMaxTokens),
    at("inferenceConfig.stopSequences[]", Q::kStopSequence),
    at("guardrailConfig.guardrailIdentifier", Q::kGuardrail),
    at("additionalModelRequestFields.top_k", Q::kTopK),
    at("additionalModelRequestFields.inferenceConfig.topK", Q::kTopK),
    at("additionalModelRequestFields.reasoning_effort", Q::kReasoningLevel),
    at("additionalModelRequestFields.output_config.effort", Q::kReasoningLevel),
}};

constinit const JsonPaths kBedrockConverseResponse{{
    at("stopReason", R::kStopReason),
    at("output.message.content[].toolUse.name", R::kToolName),
    at("start.toolUse.name", R::kToolName),
    content_at("delta.text"),
    content_at("delta.toolUse.input"),
    content_at("delta.reasoningContent.text"),
    at("usage.inputTokens", Tokens::kInput),
    at("usage.outputTokens", Tokens::kOutput),
    at("usage.cacheReadInputTokens", Tokens::kCacheRead),
    at("usage.cacheWriteInputTokens", Tokens::kCacheWrite),
    at("__type", R::kErrorName),
    message_at("message", R::kLooseMessage),
    message_at("Message", R::kLooseMessage),
}};

// InvokeModel: what the model's maker has laid down. The layouts do not contradict each other.
constinit const JsonPaths kBedrockInvokeRequest{{
    at("temperature", Q::kTemperature),
    at("top_p", Q::kTopP),
    at("p", Q::kTopP),
    at("top_k", Q::kTopK),
    at("k", Q::kTopK),
    at("seed", Q::kSeed),
    at("max_tokens", Q::kMaxTokens),
    at("max_completion_tokens", Q::kMaxTokens),
    at("max_tokens_to_sample", Q::kMaxTokens),
    at("max_gen_len", Q::kMaxTokens),  // Llama
    at("stop_sequences[]", Q::kStopSequence),
    at("stop[]", Q::kStopSequence),
    at("frequency_penalty", Q::kFrequencyPenalty),
    at("presence_penalty", Q::kPresencePenalty),
    at("reasoning_effort", Q::kReasoningLevel),
    at("output_config.effort", Q::kReasoningLevel),
    // Titan.
    at("textGenerationConfig.temperature", Q::kTemperature),
    at("textGenerationConfig.topP", Q::kTopP),
    at("textGenerationConfig.maxTokenCount", Q::kMaxTokens),
    at("textGenerationConfig.stopSequences[]", Q::kStopSequence),
    at("dimensions", Q::kDimensions),
    at("embeddingConfig.outputEmbeddingLength", Q::kDimensions),
    at("imageGenerationConfig.numberOfImages", Q::kChoiceCount),
    at("imageGenerationConfig.seed", Q::kSeed),
    // Nova.
    at("inferenceConfig.temperature", Q::kTemperature),
    at("inferenceConfig.topP", Q::kTopP),
    at("inferenceConfig.topK", Q::kTopK),
    at("inferenceConfig.maxTokens", Q::kMaxTokens),
    at("inferenceConfig.max_new_tokens", Q::kMaxTokens),
    at("inferenceConfig.stopSequences[]", Q::kStopSequence),
    // Cohere's embeddings.
    at("output_dimension", Q::kDimensions),
    at("embedding_types[]", Q::kEncodingFormat),
}};

constinit const JsonPaths kBedrockInvokeResponse{
    kAnthropicAnswer,
    {
        // Titan.
        at("inputTextTokenCount", Tokens::kInput),
        at("results[].tokenCount", Tokens::kOutput),
        at("results[].completionReason", R::kStopReason),
        at("totalOutputTextTokenCount", Tokens::kOutput),
        at("completionReason", R::kStopReason),
        content_at("outputText"),
        // Llama.
        at("prompt_token_count", Tokens::kInput),
        at("generation_token_count", Tokens::kOutput),
        content_at("generation"),
        // Mistral, and the models that speak OpenAI's language.
        at("outputs[].stop_reason", R::kStopReason),
        content_at("outputs[].text"),
        at("choices[]", R::kChoice),
        at("choices[].index", R::kChoiceIndex),
        at("choices[].finish_reason", R::kFinishReason),
        at("choices[].stop_reason", R::kFinishReason),
        at("choices[].message.tool_calls[].function.name", R::kToolName),
        content_at("choices[].delta.content"),
        at("usage.prompt_tokens", Tokens::kInput),
        at("usage.completion_tokens", Tokens::kOutput),
        // Cohere.
        at("response_id", R::kId),
        at("finish_reason", R::kStopReason),
        at("generations[].finish_reason", R::kStopReason),
        at("tool_calls[].name", R::kToolName),
        content_at("text"),
        content_at("generations[].text"),
        // Nova: what a stream has, stands under the name of the event.
        at("stopReason", R::kStopReason),
        at("output.message.content[].toolUse.name", R::kToolName),
        at("usage.inputTokens", Tokens::kInput),
        at("usage.outputTokens", Tokens::kOutput),
        at("usage.cacheReadInputTokenCount", Tokens::kCacheRead),
        at("usage.cacheWriteInputTokenCount", Tokens::kCacheWrite),
        at("contentBlockStart.start.toolUse.name", R::kToolName),
        content_at("contentBlockDelta.delta.text"),
        content_at("contentBlockDelta.delta.toolUse.input"),
        at("messageStop.stopReason", R::kStopReason),
        at("metadata.usage.inputTokens", Tokens::kInput),
        at("metadata.usage.outputTokens", Tokens::kOutput),
        at("metadata.usage.cacheReadInputTokenCount", Tokens::kCacheRead),
        at("metadata.usage.cacheWriteInputTokenCount", Tokens::kCacheWrite),
        // What Bedrock itself adds to the last event of every stream.
        at("amazon-bedrock-invocationMetrics.inputTokenCount", Tokens::kInput),
        at("amazon-bedrock-invocationMetrics.outputTokenCount", Tokens::kOutput),
        at("amazon-bedrock-invocationMetrics.cacheReadInputTokenCount", Tokens::kCacheRead),
        at("amazon-bedrock-invocationMetrics.cacheWriteInputTokenCount", Tokens::kCacheWrite),
        at("error.type", R::kErrorType),
        message_at("error.message", R::kErrorMessage),
        at("__type", R::kErrorName),
        message_at("message", R::kLooseMessage),
        message_at("Message", R::kLooseMessage),
    }};

}  // namespace llmo::genai::fields
