#include "shim/genai/field_rows.h"

// Ollama's own API: a stream of lines, unless the request forbids it; the last line says `done`.
namespace llmo::genai::fields {

constinit const JsonPaths kOllamaRequest{{
    at("model", Q::kModel),
    at("stream", Q::kStream),
    at("format", Q::kOutputFormat),
    at("think", Q::kReasoningLevel),
    at("dimensions", Q::kDimensions),
    at("options.temperature", Q::kTemperature),
    at("options.top_p", Q::kTopP),
    at("options.top_k", Q::kTopK),
    at("options.seed", Q::kSeed),
    at("options.num_predict", Q::kMaxTokens),
    at("options.frequency_penalty", Q::kFrequencyPenalty),
    at("options.presence_penalty", Q::kPresencePenalty),
    at("options.stop", Q::kStopSequence),
    at("options.stop[]", Q::kStopSequence),
}};

constinit const JsonPaths kOllamaResponse{{
    at("model", R::kModel),
    at("done", R::kEnd),
    at("done_reason", R::kStopReason),
    at("message.tool_calls[].function.name", R::kToolName),
    content_at("message.content"),
    content_at("message.thinking"),
    content_at("response"),
    content_at("thinking"),
    at("prompt_eval_count", Tokens::kInput),
    at("eval_count", Tokens::kOutput),
    message_at("error", R::kErrorMessage),
}};

}  // namespace llmo::genai::fields
