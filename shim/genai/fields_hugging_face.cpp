#include "shim/genai/field_rows.h"

// Text-generation-inference's own API, and what Hugging Face's hosts have taken over from it. Where all is
// asked of `/`, the answer stands in an array.
namespace llmo::genai::fields {

constinit const JsonPaths kHuggingFaceRequest{{
    at("model", Q::kModel),
    at("stream", Q::kStream),
    at("parameters.temperature", Q::kTemperature),
    at("parameters.top_p", Q::kTopP),
    at("parameters.top_k", Q::kTopK),
    at("parameters.seed", Q::kSeed),
    at("parameters.max_new_tokens", Q::kMaxTokens),
    at("parameters.frequency_penalty", Q::kFrequencyPenalty),
    at("parameters.stop[]", Q::kStopSequence),
    at("parameters.stop_sequences[]", Q::kStopSequence),
    at("parameters.num_return_sequences", Q::kChoiceCount),
    at("dimensions", Q::kDimensions),
}};

constinit const JsonPaths kHuggingFaceResponse{{
    at("details.finish_reason", R::kStopReason),
    at("details.generated_tokens", Tokens::kOutput),
    at("details.input_length", Tokens::kInput),
    at("[].details.finish_reason", R::kStopReason),
    at("[].details.generated_tokens", Tokens::kOutput),
    at("[].details.input_length", Tokens::kInput),
    content_at("token.text"),
    message_at("error", R::kErrorMessage),
    message_at("error[]", R::kErrorMessage),
    message_at("error.message", R::kErrorMessage),
    at("error.type", R::kErrorType),
    at("error.code", R::kErrorCode),
    at("error_type", R::kErrorType),
    message_at("message", R::kLooseMessage),
}};

}  // namespace llmo::genai::fields
