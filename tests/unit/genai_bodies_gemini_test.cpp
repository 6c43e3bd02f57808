#include "tests/unit/genai_bodies.h"

namespace llmo::genai {
namespace {

const ApiMatch kGenerate = model_call(BodyShape::kGemini, "generate_content");
const ApiMatch kStreamed = model_call(BodyShape::kGemini, "generate_content", true);

TEST_CASE("a Gemini request tells its generation config, under either kind of names", "[bodies][gemini]") {
  const Attributes expected{{"gen_ai.request.temperature", "0.5"},
                            {"gen_ai.request.top_p", "1.0"},
                            {"gen_ai.request.top_k", "40"},
                            {"gen_ai.request.max_tokens", "800"},
                            {"gen_ai.request.choice.count", "2"},
                            {"gen_ai.request.seed", "7"},
                            {"gen_ai.request.stop_sequences", "[a|b]"},
                            {"gen_ai.request.reasoning.level", "low"},
                            {"gen_ai.output.type", "json"}};
  CHECK(request_of(kGenerate, R"({"contents":[{"parts":[{"text":"hi"}]}],
    "generationConfig":{"temperature":0.5,"topP":1,"topK":40,"maxOutputTokens":800,"candidateCount":2,"seed":7,
    "stopSequences":["a","b"],"thinkingConfig":{"thinkingLevel":"low"},"responseMimeType":"application/json"}})") ==
        expected);
  CHECK(request_of(kGenerate, R"({"generation_config":{"temperature":0.5,"top_p":1,"top_k":40.0,
    "max_output_tokens":800,"candidate_count":2,"seed":7,"stop_sequences":["a","b"],
    "thinking_config":{"thinking_level":"low"},"response_mime_type":"application/json"}})") == expected);
}

TEST_CASE("a Gemini request streams where its path says so", "[bodies][gemini]") {
  CHECK(request_of(kStreamed, R"({"contents":[]})") == Attributes{{"gen_ai.request.stream", "true"}});
  CHECK(request_of(kGenerate, R"({"contents":[]})").empty());
}

TEST_CASE("a Gemini answer: thoughts count as output, cached tokens as input", "[bodies][gemini]") {
  CHECK(answer_of(kGenerate, R"({
  "candidates": [
    {"content": {"parts": [{"text": "Let me see."},
                           {"functionCall": {"name": "get_weather", "args": {"name": "x"}}}], "role": "model"},
     "finishReason": "STOP", "index": 0}],
  "usageMetadata": {"promptTokenCount": 264, "candidatesTokenCount": 18, "totalTokenCount": 412,
    "cachedContentTokenCount": 200, "thoughtsTokenCount": 130,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 6}, {"modality": "IMAGE", "tokenCount": 258}],
    "candidatesTokensDetails": [{"tokenCount": 18, "modality": "AUDIO"}, {"modality":"NEW", "tokenCount": 1}]},
  "modelVersion": "gemini-2.5-flash", "responseId": "r-1"})") ==
        Attributes{{"gen_ai.response.id", "r-1"},
                   {"gen_ai.response.model", "gemini-2.5-flash"},
                   {"gen_ai.response.finish_reasons", "[STOP]"},
                   {"gen_ai.usage.input_tokens", "264"},
                   {"gen_ai.usage.output_tokens", "148"},
                   {"gen_ai.usage.cache_read.input_tokens", "200"},
                   {"gen_ai.usage.reasoning.output_tokens", "130"},
                   {"gen_ai.usage.text.input_tokens", "6"},
                   {"gen_ai.usage.image.input_tokens", "258"},
                   {"gen_ai.usage.audio.output_tokens", "18"},
                   {"llmobserve.tool_calls", "[get_weather]"}});
}

constexpr std::string_view kFirst =
    R"({"candidates":[{"content":{"parts":[{"text":"Hé"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4},"modelVersion":"gemini-2.0-flash","responseId":"r"})";
constexpr std::string_view kLast =
    R"({"candidates":[{"content":{"parts":[{"text":"llo"}],"role":"model"},"finishReason":"MAX_TOKENS","index":0}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":9,"totalTokenCount":13},"modelVersion":"gemini-2.0-flash","responseId":"r"})";

const Attributes kWhole{{"gen_ai.response.id", "r"},
                        {"gen_ai.response.model", "gemini-2.0-flash"},
                        {"gen_ai.response.finish_reasons", "[MAX_TOKENS]"},
                        {"gen_ai.usage.input_tokens", "4"},
                        {"gen_ai.usage.output_tokens", "9"},
                        {"chunks", "2"},
                        {"content", "started"}};

TEST_CASE("a Gemini stream is one big array, or server-sent events", "[bodies][gemini]") {
  const std::string first{kFirst};
  const std::string last{kLast};
  CHECK(answer_of(kStreamed, "[" + first + "\n,\r\n" + last + "\n]\n") == kWhole);
  CHECK(answer_of(kStreamed, "data: " + first + "\r\n\r\ndata: " + last + "\r\n\r\n", kSse) == kWhole);
}

TEST_CASE("a Gemini stream that is cut ended in an error", "[bodies][gemini]") {
  const Attributes cut = answer_of(kStreamed, "[" + std::string{kFirst} + ",\n{\"candi", {.complete = false});
  CHECK(cut.at("gen_ai.response.finish_reasons") == "[error]");
  CHECK(cut.at("gen_ai.usage.input_tokens") == "4");
  CHECK(cut.count("gen_ai.usage.output_tokens") == 0);
}

TEST_CASE("a prompt that Gemini blocks says why", "[bodies][gemini]") {
  CHECK(
      answer_of(
          kGenerate,
          R"({"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":8,"totalTokenCount":8}})") ==
      Attributes{{"gen_ai.response.finish_reasons", "[SAFETY]"}, {"gen_ai.usage.input_tokens", "8"}});
}

TEST_CASE("Gemini errors have a name, in an array for a stream", "[bodies][gemini]") {
  constexpr std::string_view kError =
      R"({"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED","details":[{"@type":"x"}]}})";
  const Attributes expected{{"error.type", "RESOURCE_EXHAUSTED"}, {"status", "2 Quota exceeded"}};
  CHECK(answer_of(kGenerate, kError, {.status = 429}) == expected);
  Attributes streamed = answer_of(kStreamed, "[" + std::string{kError} + "]\n", {.status = 429});
  CHECK(streamed.at("chunks") == "0");
  streamed.erase("chunks");
  CHECK(streamed == expected);
  CHECK(answer_of(kGenerate, R"({"error":{"code":500,"message":"m"}})", {.status = 500}).at("error.type") ==
        "500");
}

TEST_CASE("Gemini's and Vertex AI's embeddings", "[bodies][gemini]") {
  const ApiMatch match = model_call(BodyShape::kGemini, "embeddings");
  CHECK(request_of(match, R"({"requests":[{"model":"models/x","outputDimensionality":256}]})") ==
        Attributes{{"gen_ai.embeddings.dimension.count", "256"}});
  CHECK(answer_of(match, R"({"embedding":{"values":[0.1,-0.2e-3]}})").empty());
  CHECK(answer_of(match, R"({"predictions":[
      {"embeddings":{"statistics":{"truncated":false,"token_count":6},"values":[0.1]}},
      {"embeddings":{"values":[0.1],"statistics":{"token_count":9.0}}}]})") ==
        Attributes{{"gen_ai.usage.input_tokens", "15"}});
}

}  // namespace
}  // namespace llmo::genai
