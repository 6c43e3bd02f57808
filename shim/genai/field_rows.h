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
