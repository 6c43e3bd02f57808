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

constinit const JsonPaths kAnthropicResponse{
    kAnthropicAnswer,
    {
        content_at("completion"),  // of the old API
        at("error.type", R::kErrorType), message_at("error.message", R::kErrorMessage),
        message_at("message", R::kLooseMessage),  // of proxies in front of it
    }};

}  // namespace llmo::genai::fields
