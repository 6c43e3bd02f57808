#include "shim/genai/field_rows.h"

namespace llmo::genai::fields {

// OpenAI: chat, responses, completions, embeddings, images, audio. The APIs do not contradict each other, so
// one table serves them all, and servers that mix them.
constinit const JsonPaths kOpenAiRequest{{
    at("model", Q::kModel),
    at("stream", Q::kStream),
    at("temperature", Q::kTemperature),
    at("top_p", Q::kTopP),
    at("frequency_penalty", Q::kFrequencyPenalty),
    at("presence_penalty", Q::kPresencePenalty),
    at("max_tokens", Q::kMaxTokens),
    at("max_completion_tokens", Q::kMaxTokens),
    at("max_output_tokens", Q::kMaxTokens),
    at("top_k", Q::kTopK),  // vLLM and others; not `top_logprobs`, which is something else
    at("seed", Q::kSeed),
    at("n", Q::kChoiceCount),
    at("stop", Q::kStopSequence),
    at("stop[]", Q::kStopSequence),
    at("reasoning_effort", Q::kReasoningLevel),
    at("reasoning.effort", Q::kReasoningLevel),
    at("service_tier", Q::kServiceTier),
    at("previous_response_id", Q::kPreviousResponse),
    at("conversation", Q::kConversation),
    at("conversation.id", Q::kConversation),
    at("encoding_format", Q::kEncodingFormat),
    at("dimensions", Q::kDimensions),
    at("response_format.type", Q::kOutputFormat),
    at("text.format.type", Q::kOutputFormat),
}};

constinit const JsonPaths kOpenAiResponse{{
    at("id", R::kId),
    at("model", R::kModel),
    at("system_fingerprint", R::kFingerprint),
    at("service_tier", R::kServiceTier),
    at("choices[]", R::kChoice),
    at("choices[].index", R::kChoiceIndex),
    at("choices[].finish_reason", R::kFinishReason),
    at("choices[].message.tool_calls[].function.name", R::kToolName),
    at("choices[].message.tool_calls[].custom.name", R::kToolName),
    at("choices[].message.function_call.name", R::kToolName),
    at("choices[].delta.tool_calls[].function.name", R::kToolName),
    at("choices[].delta.tool_calls[].custom.name", R::kToolName),
    at("choices[].delta.function_call.name", R::kToolName),
    at("choices[].delta.tool_calls[]", R::kContent),
    content_at("choices[].delta.content"),
    content_at("choices[].delta.refusal"),
    content_at("choices[].delta.reasoning"),
    content_at("choices[].delta.reasoning_content"),
    content_at("choices[].delta.audio.data"),
    content_at("choices[].text"),
    at("usage.prompt_tokens", Tokens::kInput),
    at("usage.completion_tokens", Tokens::kOutput),
    at("usage.prompt_tokens_details.cached_tokens", Tokens::kCacheRead),
    at("usage.prompt_tokens_details.cache_write_tokens", Tokens::kCacheWrite),
    at("usage.prompt_tokens_details.audio_tokens", Tokens::kAudioInput),
    at("usage.completion_tokens_details.reasoning_tokens", Tokens::kReasoning),
    at("usage.completion_tokens_details.audio_tokens", Tokens::kAudioOutput),
    at("usage.prompt_tokens_details.image_tokens", Tokens::kImageInput),
    at("usage.prompt_tokens_details.text_tokens", Tokens::kTextInput),
    at("usage.total_tokens", Tokens::kTotal),
    at("usage.prompt_cache_hit_tokens", Tokens::kCacheRead),  // DeepSeek
    at("usage.cached_tokens", Tokens::kCacheRead),            // Moonshot
    at("usage.reasoning_tokens", Tokens::kReasoning),         // Perplexity
    at("usage.cost", R::kCost),                               // OpenRouter
    at("usage.cost.total_cost", R::kCost),                    // Perplexity
    at("usage.cost_in_usd_ticks", R::kCostTicks),             // xAI
    // Groq's streams, and servers that took over from it.
    at("x_groq.usage.prompt_tokens", Tokens::kInput),
    at("x_groq.usage.completion_tokens", Tokens::kOutput),
    at("x_groq.usage.total_tokens", Tokens::kTotal),
    at("x_groq.usage.prompt_tokens_details.cached_tokens", Tokens::kCacheRead),
    message_at("x_groq.error", R::kErrorMessage),
    // Responses, images and audio: the other words for the same counts.
    at("usage.input_tokens", Tokens::kInput),
    at("usage.output_tokens", Tokens::kOutput),
    at("usage.input_tokens_details.cached_tokens", Tokens::kCacheRead),
    at("usage.input_tokens_details.cache_write_tokens", Tokens::kCacheWrite),
    at("usage.input_tokens_details.audio_tokens", Tokens::kAudioInput),
    at("usage.input_tokens_details.image_tokens", Tokens::kImageInput),
    at("usage.input_tokens_details.text_tokens", Tokens::kTextInput),
    at("usage.output_tokens_details.reasoning_tokens", Tokens::kReasoning),
    at("usage.output_tokens_details.image_tokens", Tokens::kImageOutput),
    at("usage.output_tokens_details.text_tokens", Tokens::kTextOutput),
    at("usage.input_token_details.audio_tokens", Tokens::kAudioInput),  // transcriptions: no `s`
    at("usage.input_token_details.text_tokens", Tokens::kTextInput),
    at("status", R::kStatus),
    at("incomplete_details.reason", R::kIncompleteReason),
    at("output[].name", R::kToolName),
    // A stream of the responses API: the response as a whole stands in some of its events.
    at("type", R::kLooseType),
    at("item.name", R::kItemName),
    at("response.id", R::kId),
    at("response.model", R::kModel),
    at("response.service_tier", R::kServiceTier),
    at("response.status", R::kStatus),
    at("response.incomplete_details.reason", R::kIncompleteReason),
    at("response.usage.input_tokens", Tokens::kInput),
    at("response.usage.output_tokens", Tokens::kOutput),
    at("response.usage.input_tokens_details.cached_tokens", Tokens::kCacheRead),
    at("response.usage.input_tokens_details.cache_write_tokens", Tokens::kCacheWrite),
    at("response.usage.output_tokens_details.reasoning_tokens", Tokens::kReasoning),
    at("response.error.code", R::kErrorCode),
    message_at("response.error.message", R::kErrorMessage),
    // Errors; some servers send the bare message, or everything one level up.
    message_at("error", R::kErrorMessage),
    at("error.type", R::kErrorType),
    at("error.code", R::kErrorCode),
    message_at("error.message", R::kErrorMessage),
    at("code", R::kLooseCode),
    message_at("message", R::kLooseMessage),
    message_at("detail", R::kLooseMessage),  // FastAPI: Mistral, Voyage, Jina
    message_at("detail[].msg", R::kLooseMessage),
}};

}  // namespace llmo::genai::fields
