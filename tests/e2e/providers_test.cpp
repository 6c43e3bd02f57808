// Every provider's operations through the real libcurl, under the provider's own host name: what the span of
// each says, with the types that the conventions want. Streams, errors and vector stores have files beside.
#include <catch2/catch.hpp>
#include <string>

#include "tests/e2e/provider_calls.h"

namespace llmo::test {
namespace {

using List = std::vector<std::string>;

// What every chat request below asks for; the model is the provider's.
std::string chat_body(const std::string& model) {
  return R"({"model":")" + model +
         R"(","messages":[{"role":"user","content":"Say \"max_tokens\": 7"}],"temperature":1,"top_p":0.9,)"
         R"("max_tokens":50,"stop":["END","\n"]})";
}

Attributes chat_facts(const std::string& provider, const std::string& model) {
  return {{"gen_ai.provider.name", provider},
          {"gen_ai.operation.name", "chat"},
          {"gen_ai.request.model", model},
          {"gen_ai.response.model", model},
          {"gen_ai.request.temperature", 1.0},
          {"gen_ai.request.top_p", 0.9},
          {"gen_ai.request.max_tokens", std::int64_t{50}},
          {"gen_ai.request.stop_sequences", List{"END", "\n"}},
          {"gen_ai.response.finish_reasons", List{"stop"}},
          {"gen_ai.usage.input_tokens", std::int64_t{812}},
          {"gen_ai.usage.output_tokens", std::int64_t{96}}};
}

const Attributes kCached = {{"gen_ai.usage.cache_read.input_tokens", std::int64_t{256}}};
const Attributes kReasoning = {{"gen_ai.usage.reasoning.output_tokens", std::int64_t{32}}};
const Attributes kBoth = merged(kCached, kReasoning);

Attributes operation(const std::string& provider, const std::string& name, const Attributes& more = {}) {
  return merged({{"gen_ai.provider.name", provider}, {"gen_ai.operation.name", name}}, more);
}

Attributes tokens(std::int64_t input, std::int64_t output) {
  return {{"gen_ai.usage.input_tokens", input}, {"gen_ai.usage.output_tokens", output}};
}

Attributes embedded(const std::string& provider, const std::string& model) {
  return operation(provider, "embeddings",
                   {{"gen_ai.request.model", model}, {"gen_ai.usage.input_tokens", std::int64_t{8}}});
}

// Anthropic's counts, wherever they come from: 500 + 200 + 100.
const Attributes kAnthropicUsage =
    merged(tokens(800, 64), {{"gen_ai.usage.cache_read.input_tokens", std::int64_t{200}},
                             {"gen_ai.usage.cache_write.input_tokens", std::int64_t{100}}});

TEST_CASE("what OpenAI's operations ask and answer is in their spans", "[e2e][providers]") {
  const std::string base = "http://api.openai.com/v1";
  const Attributes chat = merged(chat_facts("openai", "gpt-4o-mini"), kBoth);
  check_calls({
      {base + "/chat/completions", chat_body("gpt-4o-mini"),
       merged(chat, {{"gen_ai.response.id", "chatcmpl-mock"},
                     {"openai.api.type", "chat_completions"},
                     {"openai.response.service_tier", "default"},
                     {"openai.response.system_fingerprint", "fp_mock"},
                     {"http.response.header.x-ratelimit-remaining-requests", List{"499"}}})},
      {.url = base + "/chat/completions",
       .body =
           R"({"model":"gpt-4o-mini","n":3,"seed":7,"messages":[],"response_format":{"type":"json_object"},)"
           R"("reasoning_effort":"low","frequency_penalty":0.5,"presence_penalty":-1})",
       .expected = {{"gen_ai.request.choice.count", std::int64_t{3}},
                    {"gen_ai.request.seed", std::int64_t{7}},
                    {"gen_ai.output.type", "json"},
                    {"gen_ai.request.reasoning.level", "low"},
                    {"gen_ai.request.frequency_penalty", 0.5},
                    {"gen_ai.request.presence_penalty", -1.0},
                    {"gen_ai.response.finish_reasons", List{"stop", "stop", "stop"}}},
       .absent = {"gen_ai.request.stream", "gen_ai.response.time_to_first_chunk"}},
      {.url = base + "/chat/completions",
       .body = chat_body("gpt-4o-mini"),
       .expected = {{"gen_ai.response.finish_reasons", List{"tool_calls"}},
                    {"llmobserve.tool_calls", List{"search_docs"}}},
       .mock = "tools"},
      {base + "/responses",
       R"({"model":"gpt-4o-mini","input":"Hello","max_output_tokens":50,"previous_response_id":"resp_0"})",
       merged(operation("openai", "chat", merged(tokens(812, 96), kBoth)),
              {{"openai.api.type", "responses"},
               {"gen_ai.response.id", "resp_mock"},
               {"gen_ai.request.max_tokens", std::int64_t{50}},
               {"gen_ai.request.previous_response.id", "resp_0"}})},
      {.url = base + "/responses/resp_7",
       .body = "",
       .expected = operation("openai", "fetch_response", {{"gen_ai.response.id", "resp_7"}}),
       .span = "openai.fetch_response",
       .method = "GET",
       .absent = {"gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"}},
      {base + "/completions", R"({"model":"gpt-3.5-turbo-instruct","prompt":"Hello","max_tokens":50})",
       operation("openai", "text_completion",
                 merged(tokens(812, 96), {{"gen_ai.response.finish_reasons", List{"length"}}}))},
      {.url = base + "/embeddings",
       .body =
           R"({"model":"text-embedding-3-small","input":"Hello","dimensions":256,"encoding_format":"float"})",
       .expected = merged(embedded("openai", "text-embedding-3-small"),
                          {{"gen_ai.embeddings.dimension.count", std::int64_t{256}},
                           {"gen_ai.request.encoding_formats", List{"float"}}}),
       .absent = {"gen_ai.usage.output_tokens", "gen_ai.response.finish_reasons"}},
  });
}

TEST_CASE("pictures, sound and moderation are operations of their own", "[e2e][providers]") {
  const std::string base = "http://api.openai.com/v1";
  const std::string form = "--form=model=whisper-1";
  check_calls({
      {.url = base + "/images/generations",
       .body = R"({"model":"gpt-image-1","prompt":"A span"})",
       .expected = operation("openai", "image_generation",
                             merged(tokens(50, 50), {{"gen_ai.request.model", "gpt-image-1"},
                                                     {"gen_ai.usage.image.input_tokens", std::int64_t{40}},
                                                     {"gen_ai.usage.text.input_tokens", std::int64_t{10}}})),
       .span = "openai.image_generation"},
      {.url = base + "/audio/speech",
       .body = R"({"model":"tts-1","input":"A span","voice":"alloy"})",
       .expected = operation("openai", "speech", {{"gen_ai.request.model", "tts-1"}}),
       .span = "openai.speech",
       .absent = {"gen_ai.response.model", "gen_ai.usage.input_tokens"}},
      {.url = base + "/audio/transcriptions",
       .body = "",
       .expected = operation("openai", "transcription",
                             merged(tokens(14, 45), {{"gen_ai.usage.audio.input_tokens", std::int64_t{14}}})),
       .span = "openai.transcription",
       .options = {form, "--form=file=RIFF"}},
      {.url = base + "/moderations",
       .body = R"({"model":"omni-moderation-latest","input":"A span"})",
       .expected = operation("openai", "moderation", {{"gen_ai.request.model", "omni-moderation-latest"}}),
       .span = "openai.moderation"},
  });
}

TEST_CASE("Azure is told by its host and its paths", "[e2e][providers]") {
  const Attributes chat = merged(chat_facts("azure.ai.openai", "gpt-4o"), kBoth);
  const std::string version = "?api-version=2024-10-21";
  check_calls({
      {"http://contoso.openai.azure.com/openai/deployments/gpt-4o/chat/completions" + version,
       chat_body("gpt-4o"), chat},
      // The deployment stands in for the model that the body leaves out.
      {"http://contoso.openai.azure.com/openai/deployments/my-model/chat/completions" + version,
       R"({"messages":[]})", merged(tokens(812, 96), {{"gen_ai.request.model", "my-model"}})},
      {"http://contoso.openai.azure.com/openai/v1/responses", R"({"model":"gpt-4o","input":"Hello"})",
       operation("azure.ai.openai", "chat", {{"openai.api.type", "responses"}})},
      {"http://contoso.services.ai.azure.com/models/chat/completions" + version, chat_body("Phi-4"),
       merged(chat_facts("azure.ai.inference", "Phi-4"),
              {{"azure.resource_provider.namespace", "Microsoft.CognitiveServices"}})},
  });
}

TEST_CASE("Anthropic's input tokens are the sum of all three", "[e2e][providers]") {
  const std::string body =
      R"({"model":"claude-sonnet-4-5","max_tokens":50,"top_k":40,"stop_sequences":["END"],)"
      R"("messages":[{"role":"user","content":"Hello"}]})";
  const Attributes message = merged(operation("anthropic", "chat", kAnthropicUsage),
                                    {{"gen_ai.request.model", "claude-sonnet-4-5"},
                                     {"gen_ai.response.model", "claude-sonnet-4-5"},
                                     {"gen_ai.response.id", "msg_mock"},
                                     {"gen_ai.request.max_tokens", std::int64_t{50}},
                                     {"gen_ai.request.top_k", std::int64_t{40}},
                                     {"gen_ai.request.stop_sequences", List{"END"}}});
  const List version{"--header=anthropic-version: 2023-06-01"};
  check_calls({
      {.url = "https://api.anthropic.com/v1/messages",
       .body = body,
       .expected =
           merged(message, {{"gen_ai.response.finish_reasons", List{"end_turn"}},
                            {"http.response.header.anthropic-ratelimit-requests-remaining", List{"49"}}}),
       .options = version},
      {.url = "http://api.anthropic.com/v1/messages",
       .body = body,
       .expected = merged(message, {{"gen_ai.response.finish_reasons", List{"tool_use"}},
                                    {"llmobserve.tool_calls", List{"search_docs"}}}),
       .mock = "tools"},
      // A gateway: known by the header that Anthropic's API demands.
      {.url = "http://gateway.example/v1/messages", .body = body, .expected = message, .options = version},
  });
}

TEST_CASE("Gemini's output tokens are candidates and thoughts", "[e2e][providers]") {
  const std::string gemini = "http://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash";
  const std::string redacted = gemini + ":generateContent?key=REDACTED";
  const std::string vertex =
      "http://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/";
  const std::string body =
      R"({"contents":[{"parts":[{"text":"Hello"}]}],"generationConfig":{"temperature":0.5,"topK":40,)"
      R"("maxOutputTokens":50,"stopSequences":["END"],"responseMimeType":"application/json"}})";
  const Attributes usage = merged(tokens(812, 96), kBoth);
  const Attributes asked = {{"gen_ai.request.model", "gemini-2.5-flash"},
                            {"gen_ai.response.model", "gemini-2.5-flash"},
                            {"gen_ai.response.id", "resp-mock"},
                            {"gen_ai.request.temperature", 0.5},
                            {"gen_ai.request.top_k", std::int64_t{40}},
                            {"gen_ai.request.max_tokens", std::int64_t{50}},
                            {"gen_ai.request.stop_sequences", List{"END"}},
                            {"gen_ai.output.type", "json"},
                            {"gen_ai.response.finish_reasons", List{"STOP"}}};
  check_calls({
      {gemini + ":generateContent?key=very-secret", body,
       merged(operation("gcp.gemini", "generate_content", usage), merged(asked, {{"url.full", redacted}}))},
      {.url = gemini + ":generateContent",
       .body = body,
       .expected = {{"llmobserve.tool_calls", List{"search_docs"}}},
       .mock = "tools"},
      {"http://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001:embedContent",
       R"({"content":{"parts":[{"text":"Hello"}]},"outputDimensionality":256})",
       operation("gcp.gemini", "embeddings",
                 {{"gen_ai.request.model", "gemini-embedding-001"},
                  {"gen_ai.embeddings.dimension.count", std::int64_t{256}}})},
      {vertex + "google/models/gemini-2.5-flash:generateContent", body,
       merged(operation("gcp.vertex_ai", "generate_content", usage), asked)},
      {vertex + "google/models/text-embedding-005:predict", R"({"instances":[{"content":"Hello"}]})",
       embedded("gcp.vertex_ai", "text-embedding-005")},
      {vertex + "anthropic/models/claude-sonnet-4-5:rawPredict",
       R"({"anthropic_version":"vertex-2023-10-16","messages":[],"max_tokens":50})",
       operation("gcp.vertex_ai", "chat",
                 merged(kAnthropicUsage, {{"gen_ai.request.model", "claude-sonnet-4-5"},
                                          {"gen_ai.response.finish_reasons", List{"end_turn"}}}))},
  });
}

TEST_CASE("Bedrock is read in its own layout and in those of the models' makers", "[e2e][providers]") {
  const std::string base = "https://bedrock-runtime.us-east-1.amazonaws.com/model/";
  const std::string claude = "anthropic.claude-3-5-sonnet-20240620-v1:0";
  const std::string in_path = base + "anthropic.claude-3-5-sonnet-20240620-v1%3A0";
  const Attributes model = {{"gen_ai.request.model", claude}};
  const Attributes ended = {{"gen_ai.response.finish_reasons", List{"end_turn"}}};
  check_calls({
      {in_path + "/converse",
       R"({"messages":[],"inferenceConfig":{"maxTokens":50,"temperature":0.5,"topP":0.9,"stopSequences":["END"]}})",
       merged(operation("aws.bedrock", "chat", merged(kAnthropicUsage, merged(model, ended))),
              {{"gen_ai.request.max_tokens", std::int64_t{50}},
               {"gen_ai.request.temperature", 0.5},
               {"gen_ai.request.top_p", 0.9},
               {"gen_ai.request.stop_sequences", List{"END"}}})},
      {.url = in_path + "/converse",
       .body = R"({"messages":[]})",
       .expected = {{"llmobserve.tool_calls", List{"search_docs"}},
                    {"gen_ai.response.finish_reasons", List{"tool_use"}}},
       .mock = "tools"},
      {in_path + "/invoke", R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":50,"messages":[]})",
       merged(kAnthropicUsage,
              merged(model, merged(ended, {{"gen_ai.provider.name", "aws.bedrock"},
                                           {"gen_ai.request.max_tokens", std::int64_t{50}}})))},
      {base + "amazon.nova-pro-v1%3A0/invoke", R"({"messages":[],"inferenceConfig":{"maxTokens":50}})",
       merged(kAnthropicUsage, ended)},
      {base + "meta.llama3-1-70b-instruct-v1%3A0/invoke", R"({"prompt":"Hello","max_gen_len":50})",
       merged(tokens(800, 64), {{"gen_ai.request.max_tokens", std::int64_t{50}},
                                {"gen_ai.response.finish_reasons", List{"stop"}}})},
      {base + "amazon.titan-text-express-v1/invoke", R"({"inputText":"Hello"})",
       merged(tokens(800, 64), {{"gen_ai.response.finish_reasons", List{"FINISH"}}})},
  });
}

TEST_CASE("Cohere's tokens are those that it bills", "[e2e][providers]") {
  const std::string base = "http://api.cohere.com";
  const Attributes asked = merged(tokens(812, 96), {{"gen_ai.provider.name", "cohere"},
                                                    {"gen_ai.response.finish_reasons", List{"COMPLETE"}}});
  check_calls({
      {base + "/v2/chat", R"({"model":"command-a-03-2025","messages":[],"k":40,"p":0.9})",
       merged(merged(asked, kCached), {{"gen_ai.operation.name", "chat"},
                                       {"gen_ai.request.model", "command-a-03-2025"},
                                       {"gen_ai.request.top_k", std::int64_t{40}},
                                       {"gen_ai.request.top_p", 0.9}})},
      {.url = base + "/v2/chat",
       .body = R"({"model":"command-a-03-2025","messages":[]})",
       .expected = {{"llmobserve.tool_calls", List{"search_docs"}},
                    {"gen_ai.response.finish_reasons", List{"TOOL_CALL"}}},
       .mock = "tools"},
      {base + "/v1/chat", R"({"model":"command-r","message":"Hello"})", asked},
      {base + "/v2/embed", R"({"model":"embed-v4.0","texts":["Hello"],"input_type":"search_query"})",
       embedded("cohere", "embed-v4.0")},
      {.url = base + "/v2/rerank",
       .body = R"({"model":"rerank-v3.5","query":"Hello","documents":["a","b"]})",
       .expected = operation("cohere", "rerank", {{"gen_ai.request.model", "rerank-v3.5"}}),
       .span = "cohere.rerank",
       .absent = {"gen_ai.usage.input_tokens"}},
  });
}

TEST_CASE("the providers that speak OpenAI's language keep their own names", "[e2e][providers]") {
  const auto call = [](const std::string& url, const std::string& provider, const std::string& model,
                       const Attributes& more = {}) {
    return ApiCall{url, chat_body(model), merged(chat_facts(provider, model), more)};
  };
  check_calls({
      call("http://api.mistral.ai/v1/chat/completions", "mistral_ai", "mistral-large-latest"),
      call("http://api.groq.com/openai/v1/chat/completions", "groq", "llama-3.3-70b-versatile",
           {{"gen_ai.response.id", "chatcmpl-mock"}}),
      call("http://api.together.xyz/v1/chat/completions", "together",
           "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
      call("http://api.deepseek.com/chat/completions", "deepseek", "deepseek-chat", kBoth),
      call("http://api.x.ai/v1/chat/completions", "x_ai", "grok-4", kBoth),
      call("http://api.perplexity.ai/chat/completions", "perplexity", "sonar"),
      call("http://api.fireworks.ai/inference/v1/chat/completions", "fireworks",
           "accounts/fireworks/models/deepseek-v3", kCached),
      call("http://openrouter.ai/api/v1/chat/completions", "openrouter", "openai/gpt-4o-mini", kBoth),
      call("http://router.huggingface.co/v1/chat/completions", "huggingface", "openai/gpt-oss-120b", kBoth),
      // A server that nobody knows: the provider whose language it is.
      call("http://vllm.internal.example:8000/v1/chat/completions", "openai", "local-model", kBoth),
      {"http://api.mistral.ai/v1/embeddings", R"({"model":"mistral-embed","input":["Hello"]})",
       embedded("mistral_ai", "mistral-embed")},
  });
}

TEST_CASE("Ollama, Hugging Face, Voyage and Jina are read in their own words", "[e2e][providers]") {
  check_calls({
      {.url = "http://localhost:11434/api/chat",
       .body =
           R"({"model":"llama3.2","messages":[],"stream":false,"options":{"temperature":0.5,"num_predict":50}})",
       .expected = operation("ollama", "chat",
                             merged(tokens(812, 96), {{"gen_ai.request.model", "llama3.2"},
                                                      {"gen_ai.request.temperature", 0.5},
                                                      {"gen_ai.request.max_tokens", std::int64_t{50}},
                                                      {"gen_ai.response.finish_reasons", List{"stop"}}})),
       .absent = {"gen_ai.request.stream"}},
      {"http://localhost:11434/api/embed", R"({"model":"all-minilm","input":"Hello"})",
       embedded("ollama", "all-minilm")},
      {"http://abc.us-east-1.aws.endpoints.huggingface.cloud/generate",
       R"({"inputs":"Hello","parameters":{"max_new_tokens":50,"temperature":0.5}})",
       merged(tokens(812, 96), {{"gen_ai.provider.name", "huggingface"},
                                {"gen_ai.request.max_tokens", std::int64_t{50}},
                                {"gen_ai.response.finish_reasons", List{"length"}}})},
      {"http://api.voyageai.com/v1/embeddings", R"({"model":"voyage-3.5","input":["Hello"]})",
       embedded("voyage", "voyage-3.5")},
      {.url = "http://api.voyageai.com/v1/rerank",
       .body = R"({"model":"rerank-2.5","query":"Hello","documents":["a"]})",
       .expected = operation("voyage", "rerank", {{"gen_ai.request.model", "rerank-2.5"}}),
       .span = "voyage.rerank"},
      {"http://api.jina.ai/v1/embeddings", R"({"model":"jina-embeddings-v3","input":["Hello"]})",
       embedded("jina", "jina-embeddings-v3")},
  });
}

TEST_CASE("a host that only looks like a provider's is a host like any other", "[e2e][providers]") {
  const List none{"gen_ai.provider.name", "gen_ai.operation.name", "db.system.name"};
  check_calls({
      {.url = "http://api.anthropic.com.example.org/echo", .body = "{}", .span = "POST", .absent = none},
      {.url = "http://notapi.openai.com.evil.example/echo",
       .body = "",
       .span = "GET",
       .method = "GET",
       .absent = none},
      {.url = "http://example.org/echo?u=api.openai.com/v1/chat/completions",
       .body = "",
       .expected = {{"url.full", "http://example.org/echo?u=api.openai.com/v1/chat/completions"}},
       .span = "GET",
       .method = "GET",
       .absent = none},
  });
}

}  // namespace
}  // namespace llmo::test
