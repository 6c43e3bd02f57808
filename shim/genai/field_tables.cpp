#include "shim/genai/field_tables.h"

#include "shim/genai/field_rows.h"

namespace llmo::genai {
namespace {

constinit const JsonPaths kNothing{};

struct Tables {
  const JsonPaths* request;
  const JsonPaths* response;
};

// In the order of BodyShape.
constexpr Tables kTables[] = {
    {&kNothing, &kNothing},
    {&fields::kOpenAiRequest, &fields::kOpenAiResponse},
    {&fields::kAnthropicRequest, &fields::kAnthropicResponse},
    {&fields::kGeminiRequest, &fields::kGeminiResponse},
    {&fields::kBedrockConverseRequest, &fields::kBedrockConverseResponse},
    {&fields::kBedrockInvokeRequest, &fields::kBedrockInvokeResponse},
    {&fields::kCohereRequest, &fields::kCohereResponse},
    {&fields::kOllamaRequest, &fields::kOllamaResponse},
    {&fields::kHuggingFaceRequest, &fields::kHuggingFaceResponse},
    {&fields::kPineconeRequest, &fields::kPineconeResponse},
    {&fields::kQdrantRequest, &fields::kQdrantResponse},
    {&fields::kWeaviateRequest, &fields::kWeaviateResponse},
    {&fields::kChromaRequest, &fields::kChromaResponse},
    {&fields::kMilvusRequest, &fields::kMilvusResponse},
};
static_assert(static_cast<std::size_t>(BodyShape::kMilvus) + 1 == std::size(kTables));

const Tables& tables_of(BodyShape shape) { return kTables[static_cast<std::size_t>(shape)]; }

}  // namespace

const JsonPaths& request_paths(BodyShape shape) { return *tables_of(shape).request; }
const JsonPaths& response_paths(BodyShape shape) { return *tables_of(shape).response; }

UsageRules usage_rules(BodyShape shape) {
  const bool sums = shape == BodyShape::kAnthropic || shape == BodyShape::kBedrockConverse ||
                    shape == BodyShape::kBedrockInvoke;
  return {.input_excludes_cached = sums, .output_excludes_reasoning = shape == BodyShape::kGemini};
}

}  // namespace llmo::genai
