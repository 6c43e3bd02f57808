#include "shim/genai/field_rows.h"

namespace llmo::genai::fields {

constinit const JsonPaths kAnthropicRequest{{
    at("model", Q::kModel),
    at("stream", Q::kStream),
    at("temperature", Q::kTemperature),
    at("top_p", Q::kTopP),
    at("top_k", Q::kTopK),
    at("max_tokens", Q::kMaxTokens),
    at("max_tokens_to_sample", Q::kMaxTokens),
    at("stop_sequences[]", Q::kStopSequence),
    at("output_config.effort", Q::kReasoningLevel),
}};

// A stream has the message in `message_start`, blocks of content, and its end in `message_delta`, with
// running totals of the usage.
constinit const JsonPaths kAnthropicResponse{{
    at("id", R::kId),
    at("model", R::kModel),
    at("stop_reason", R::kStopReason),
    at("content[].name", R::kToolName),
    at("usage.input_tokens", Tokens::kInput),
    at("usage.output_tokens", Tokens::kOutput),
    at("usage.cache_read_input_tokens", Tokens::kCacheRead),
    at("usage.cache_creation_input_tokens", Tokens::kCacheWrite),
    at("type", R::kLooseType),
    at("message.id", R::kId),
    at("message.model", R::kModel),
    at("message.usage.input_tokens", Tokens::kInput),
    at("message.usage.output_tokens", Tokens::kOutput),
    at("message.usage.cache_read_input_tokens", Tokens::kCacheRead),
    at("message.usage.cache_creation_input_tokens", Tokens::kCacheWrite),
    at("content_block.name", R::kToolName),
    at("delta.stop_reason", R::kStopReason),
    content_at("completion"),  // of the old API
    content_at("delta.text"),
    content_at("delta.thinking"),
    content_at("delta.partial_json"),
    at("error.type", R::kErrorType),
    message_at("error.message", R::kErrorMessage),
    message_at("message", R::kLooseMessage),  // of proxies in front of it
}};

}  // namespace llmo::genai::fields
