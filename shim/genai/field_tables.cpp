#include "shim/genai/field_tables.h"

namespace llmo::genai {
namespace {

using Q = RequestField;
using R = ResponseField;

constexpr JsonField at(std::string_view path, Q field) { return {path, static_cast<std::uint8_t>(field)}; }
constexpr JsonField at(std::string_view path, R field) { return {path, static_cast<std::uint8_t>(field)}; }
constexpr JsonField at(std::string_view path, Tokens tokens) {
  return {path, static_cast<std::uint8_t>(static_cast<int>(R::kFirstToken) + static_cast<int>(tokens))};
}
constexpr JsonField message_at(std::string_view path, R field) {
  return {path, static_cast<std::uint8_t>(field), kMaxJsonText};
}
// Of content not more than one character is looked at: that there is some is all there is to know.
constexpr JsonField content_at(std::string_view path) {
  return {path, static_cast<std::uint8_t>(R::kContent), 4};
}

// OpenAI: chat, responses, completions, embeddings, images, audio. The APIs do not contradict each other, so
// one table serves them all, and servers that mix them.
constexpr JsonPaths kOpenAiRequest{{
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

constexpr JsonPaths kOpenAiResponse{{
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
    content_at("choices[].text"),
    at("usage.prompt_tokens", Tokens::kInput),
    at("usage.completion_tokens", Tokens::kOutput),
    at("usage.prompt_tokens_details.cached_tokens", Tokens::kCacheRead),
    at("usage.prompt_tokens_details.cache_write_tokens", Tokens::kCacheWrite),
    at("usage.prompt_tokens_details.audio_tokens", Tokens::kAudioInput),
    at("usage.completion_tokens_details.reasoning_tokens", Tokens::kReasoning),
    at("usage.completion_tokens_details.audio_tokens", Tokens::kAudioOutput),
    // Responses, images and audio: the other words for the same counts.
    at("usage.input_tokens", Tokens::kInput),
    at("usage.output_tokens", Tokens::kOutput),
    at("usage.input_tokens_details.cached_tokens", Tokens::kCacheRead),
    at("usage.input_tokens_details.cache_write_tokens", Tokens::kCacheWrite),
    at("usage.input_tokens_details.audio_tokens", Tokens::kAudioInput),
    at("usage.input_tokens_details.image_tokens", Tokens::kImageInput),
    at("usage.input_tokens_details.text_tokens", Tokens::kTextInput),
    at("usage.output_tokens_details.reasoning_tokens", Tokens::kReasoning),
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
}};

constexpr JsonPaths kAnthropicRequest{{
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
constexpr JsonPaths kAnthropicResponse{{
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
    content_at("delta.text"),
    content_at("delta.thinking"),
    content_at("delta.partial_json"),
    at("error.type", R::kErrorType),
    message_at("error.message", R::kErrorMessage),
}};

constexpr JsonPaths kPineconeRequest{{
    at("model", Q::kModel),
    at("namespace", Q::kNamespace),
    at("topK", Q::kDatabaseTopK),
    at("top_k", Q::kDatabaseTopK),
    at("query.top_k", Q::kDatabaseTopK),
    at("vectors[]", Q::kVector),
}};

constexpr JsonPaths kPineconeResponse{{
    at("model", R::kModel),
    at("namespace", R::kNamespace),
    at("matches", R::kRows),
    at("matches[]", R::kRow),
    at("result.hits", R::kRows),
    at("result.hits[]", R::kRow),
    at("vectors", R::kRows),
    at("vectors[]", R::kRow),
    at("upsertedCount", R::kUpserted),
    at("usage.readUnits", R::kReadUnits),
    at("usage.read_units", R::kReadUnits),
    at("usage.total_tokens", Tokens::kInput),
    // Errors: the control plane has an object, the data plane the status of gRPC.
    at("error.code", R::kErrorCode),
    message_at("error.message", R::kErrorMessage),
    at("code", R::kLooseCode),
    message_at("message", R::kLooseMessage),
}};

constexpr JsonPaths kNothing{};

}  // namespace

const JsonPaths& request_paths(BodyShape shape) {
  switch (shape) {
    case BodyShape::kOpenAi:
      return kOpenAiRequest;
    case BodyShape::kAnthropic:
      return kAnthropicRequest;
    case BodyShape::kPinecone:
      return kPineconeRequest;
    default:
      break;
  }
  return kNothing;
}

const JsonPaths& response_paths(BodyShape shape) {
  switch (shape) {
    case BodyShape::kOpenAi:
      return kOpenAiResponse;
    case BodyShape::kAnthropic:
      return kAnthropicResponse;
    case BodyShape::kPinecone:
      return kPineconeResponse;
    default:
      break;
  }
  return kNothing;
}

InputRule input_rule(BodyShape shape) {
  return shape == BodyShape::kAnthropic ? InputRule::kExcludesCached : InputRule::kIncludesCached;
}

}  // namespace llmo::genai
