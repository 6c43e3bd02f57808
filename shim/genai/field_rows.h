// What the field tables are written with, and the list of them. Only for field_tables.cpp and the tables.
#pragma once

#include "shim/genai/field_tables.h"

namespace llmo::genai::fields {

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

// What Anthropic's models answer, at Anthropic and at Bedrock. A stream has the message in `message_start`,
// blocks of content, and its end in `message_delta`, with running totals of the usage.
inline constexpr JsonField kAnthropicAnswer[] = {
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
};

extern const JsonPaths kOpenAiRequest;
extern const JsonPaths kOpenAiResponse;
extern const JsonPaths kAnthropicRequest;
extern const JsonPaths kAnthropicResponse;
extern const JsonPaths kGeminiRequest;
extern const JsonPaths kGeminiResponse;
extern const JsonPaths kBedrockConverseRequest;
extern const JsonPaths kBedrockConverseResponse;
extern const JsonPaths kBedrockInvokeRequest;
extern const JsonPaths kBedrockInvokeResponse;
extern const JsonPaths kCohereRequest;
extern const JsonPaths kCohereResponse;
extern const JsonPaths kOllamaRequest;
extern const JsonPaths kOllamaResponse;
extern const JsonPaths kHuggingFaceRequest;
extern const JsonPaths kHuggingFaceResponse;
extern const JsonPaths kPineconeRequest;
extern const JsonPaths kPineconeResponse;
extern const JsonPaths kQdrantRequest;
extern const JsonPaths kQdrantResponse;
extern const JsonPaths kWeaviateRequest;
extern const JsonPaths kWeaviateResponse;
extern const JsonPaths kChromaRequest;
extern const JsonPaths kChromaResponse;
extern const JsonPaths kMilvusRequest;
extern const JsonPaths kMilvusResponse;

}  // namespace llmo::genai::fields
