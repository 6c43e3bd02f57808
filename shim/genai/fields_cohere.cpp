#include "shim/genai/field_rows.h"

// Cohere, version 2 of its API and what version 1 had other names for. A stream of version 2 has events with
// a `type`, of version 1 lines with an `event_type`.
namespace llmo::genai::fields {

constinit const JsonPaths kCohereRequest{{
    at("model", Q::kModel),
    at("stream", Q::kStream),
    at("temperature", Q::kTemperature),
    at("p", Q::kTopP),
    at("k", Q::kTopK),
    at("seed", Q::kSeed),
    at("max_tokens", Q::kMaxTokens),
    at("num_generations", Q::kChoiceCount),
    at("frequency_penalty", Q::kFrequencyPenalty),
    at("presence_penalty", Q::kPresencePenalty),
    at("stop_sequences[]", Q::kStopSequence),
    at("response_format.type", Q::kOutputFormat),
    at("conversation_id", Q::kConversation),
    at("output_dimension", Q::kDimensions),
    at("embedding_types[]", Q::kEncodingFormat),
}};

constinit const JsonPaths kCohereResponse{{
    at("id", R::kId),
    at("finish_reason", R::kStopReason),
    at("message.tool_calls[].function.name", R::kToolName),
    // Billed units are what is paid; tokens count what Cohere itself has added to the prompt as well.
    at("usage.billed_units.input_tokens", Tokens::kInput),
    at("usage.billed_units.output_tokens", Tokens::kOutput),
    at("usage.tokens.input_tokens", Tokens::kUnbilledInput),
    at("usage.tokens.output_tokens", Tokens::kUnbilledOutput),
    at("usage.cached_tokens", Tokens::kCacheRead),
    at("type", R::kLooseType),
    at("delta.finish_reason", R::kStopReason),
    at("delta.usage.billed_units.input_tokens", Tokens::kInput),
    at("delta.usage.billed_units.output_tokens", Tokens::kOutput),
    at("delta.usage.tokens.input_tokens", Tokens::kUnbilledInput),
    at("delta.usage.tokens.output_tokens", Tokens::kUnbilledOutput),
    at("delta.usage.cached_tokens", Tokens::kCacheRead),
    message_at("delta.error", R::kErrorMessage),
    at("delta.message.tool_calls.function.name", R::kToolName),
    content_at("delta.message.content.text"),
    content_at("delta.message.content.thinking"),
    content_at("delta.message.tool_plan"),
    content_at("delta.message.tool_calls.function.arguments"),
    // Version 1, embeddings and reranking of both.
    at("response_id", R::kId),
    at("tool_calls[].name", R::kToolName),
    at("generations[].finish_reason", R::kStopReason),
    at("meta.billed_units.input_tokens", Tokens::kInput),
    at("meta.billed_units.output_tokens", Tokens::kOutput),
    at("meta.tokens.input_tokens", Tokens::kUnbilledInput),
    at("meta.tokens.output_tokens", Tokens::kUnbilledOutput),
    at("meta.cached_tokens", Tokens::kCacheRead),
    at("event_type", R::kLooseType),
    at("is_finished", R::kEnd),
    content_at("text"),
    at("response.response_id", R::kId),
    at("response.id", R::kId),
    at("response.meta.billed_units.input_tokens", Tokens::kInput),
    at("response.meta.billed_units.output_tokens", Tokens::kOutput),
    at("response.meta.tokens.input_tokens", Tokens::kUnbilledInput),
    at("response.meta.tokens.output_tokens", Tokens::kUnbilledOutput),
    at("response.tool_calls[].name", R::kToolName),
    message_at("message", R::kLooseMessage),
}};

}  // namespace llmo::genai::fields
