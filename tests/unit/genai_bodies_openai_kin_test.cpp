// Those who speak OpenAI's language, each with words of its own.
#include "tests/unit/genai_bodies.h"

namespace llmo::genai {
namespace {

const ApiMatch kChat = model_call(BodyShape::kOpenAi);

TEST_CASE("DeepSeek has other names for what is cached", "[bodies][openai_kin]") {
  CHECK(answer_of(kChat,
                  R"({"id":"d","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant",
      "content":"x","reasoning_content":"y"}}],"model":"deepseek-reasoner","usage":{"prompt_tokens":30,
      "completion_tokens":45,"total_tokens":75,"prompt_cache_hit_tokens":20,"prompt_cache_miss_tokens":10,
      "completion_tokens_details":{"reasoning_tokens":40}}})") ==
        Attributes{{"gen_ai.response.id", "d"},
                   {"gen_ai.response.model", "deepseek-reasoner"},
                   {"gen_ai.response.finish_reasons", "[stop]"},
                   {"gen_ai.usage.input_tokens", "30"},
                   {"gen_ai.usage.output_tokens", "45"},
                   {"gen_ai.usage.cache_read.input_tokens", "20"},
                   {"gen_ai.usage.reasoning.output_tokens", "40"}});
}

TEST_CASE("reasoning that stands beside the output is counted in", "[bodies][openai_kin]") {
  const Attributes xai = answer_of(kChat, R"({"usage":{"prompt_tokens":32,"completion_tokens":9,
      "total_tokens":135,"prompt_tokens_details":{"text_tokens":32,"audio_tokens":0,"image_tokens":0,
      "cached_tokens":6},"completion_tokens_details":{"reasoning_tokens":94},"cost_in_usd_ticks":15000000}})");
  CHECK(xai.at("gen_ai.usage.output_tokens") == "103");
  CHECK(xai.at("gen_ai.usage.reasoning.output_tokens") == "94");
  CHECK(xai.at("llmobserve.cost.reported_usd") == "0.0015");
  const Attributes perplexity = answer_of(kChat, R"({"usage":{"prompt_tokens":7,"completion_tokens":100,
      "total_tokens":107,"reasoning_tokens":900,"cost":{"total_cost":0.25}}})");
  CHECK(perplexity.at("gen_ai.usage.output_tokens") == "1000");
  CHECK(perplexity.at("llmobserve.cost.reported_usd") == "0.25");
  const Attributes openai = answer_of(kChat, R"({"usage":{"prompt_tokens":10,"completion_tokens":50,
      "total_tokens":60,"completion_tokens_details":{"reasoning_tokens":40}}})");
  CHECK(openai.at("gen_ai.usage.output_tokens") == "50");
}

TEST_CASE("Groq's streams have usage under a name of its own", "[bodies][openai_kin]") {
  CHECK(
      answer_of(
          kChat,
          R"(data: {"id":"g","model":"llama","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}],"x_groq":{"id":"req_1"}}

data: {"id":"g","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"req_1","usage":{"queue_time":0.1,"prompt_tokens":18,"completion_tokens":5,"total_tokens":23}}}

data: [DONE]

)",
          kSse) == Attributes{{"gen_ai.response.id", "g"},
                              {"gen_ai.response.model", "llama"},
                              {"gen_ai.response.finish_reasons", "[stop]"},
                              {"gen_ai.usage.input_tokens", "18"},
                              {"gen_ai.usage.output_tokens", "5"},
                              {"chunks", "2"},
                              {"content", "started"}});
}

TEST_CASE("OpenRouter tells the cost, keeps streams alive and puts errors into them",
          "[bodies][openai_kin]") {
  const Attributes found = answer_of(kChat, R"(: OPENROUTER PROCESSING

data: {"id":"gen-1","provider":"X","model":"x/y","choices":[{"index":0,"delta":{"role":"assistant","content":"a"}}]}

data: {"id":"gen-1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,"cost":0.00014,"cost_details":{"upstream_inference_cost":null}}}

data: [DONE]
)",
                                     kSse);
  CHECK(found.at("llmobserve.cost.reported_usd") == "0.00014");
  CHECK(found.at("chunks") == "2");
  const Attributes failed = answer_of(
      kChat,
      R"(data: {"id":"gen-2","error":{"code":502,"message":"Upstream gone"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]})",
      kSse);
  CHECK(failed.at("error.type") == "502");
  CHECK(failed.at("status") == "2 Upstream gone");
  CHECK(failed.at("gen_ai.response.finish_reasons") == "[error]");
}

TEST_CASE("Voyage and Jina count a total that is the input", "[bodies][openai_kin]") {
  const ApiMatch embed = model_call(BodyShape::kOpenAi, "embeddings");
  constexpr std::string_view kAnswer =
      R"({"object":"list","data":[{"object":"embedding","embedding":[0.1],"index":0}],"model":"voyage-3.5","usage":{"total_tokens":10}})";
  CHECK(answer_of(embed, kAnswer) ==
        Attributes{{"gen_ai.response.model", "voyage-3.5"}, {"gen_ai.usage.input_tokens", "10"}});
  CHECK(answer_of(kChat, kAnswer).count("gen_ai.usage.input_tokens") == 0);
  CHECK(answer_of(embed, R"({"detail":"Provided API key is invalid."})", {.status = 401}) ==
        Attributes{{"status", "2 Provided API key is invalid."}});
}

TEST_CASE("Mistral's errors have three layouts", "[bodies][openai_kin]") {
  CHECK(
      answer_of(
          kChat,
          R"({"object":"error","message":"Invalid model: x","type":"invalid_model","param":null,"code":"1500"})",
          {.status = 400}) == Attributes{{"error.type", "invalid_model"}, {"status", "2 Invalid model: x"}});
  CHECK(answer_of(kChat, R"({"message":"Unauthorized","request_id":"1"})", {.status = 401}) ==
        Attributes{{"status", "2 Unauthorized"}});
  CHECK(answer_of(kChat, R"({"detail":[{"type":"missing","loc":["body","model"],"msg":"Field required"}]})",
                  {.status = 422}) == Attributes{{"status", "2 Field required"}});
}

TEST_CASE("a sentence is no type of error", "[bodies][openai_kin]") {
  // xAI.
  constexpr std::string_view kDenied =
      R"({"code":"The caller does not have permission to execute the specified operation","error":"No credits"})";
  CHECK(answer_of(kChat, kDenied, {.status = 403}) == Attributes{{"status", "2 No credits"}});
  CHECK(answer_of(kChat, R"({"error":{"message":"m","type":"Not a word","code":"server_error"}})",
                  {.status = 500}) == Attributes{{"error.type", "server_error"}, {"status", "2 m"}});
  CHECK(answer_of(kChat, R"({"error":{"message":"m","type":"Not a word"}})") ==
        Attributes{{"error.type", "_OTHER"}, {"status", "2 m"}});
  CHECK(answer_of(kChat, R"({"error":{"message":"m","code":"1234"}})", {.status = 500}) ==
        Attributes{{"error.type", "1234"}, {"status", "2 m"}});
}

TEST_CASE("errors in streams that do not call themselves so", "[bodies][openai_kin]") {
  const Attributes vllm = answer_of(
      kChat,
      R"(data: {"object":"error","message":"Too long","type":"BadRequestError","param":null,"code":400})"
      "\n\ndata: [DONE]\n\n",
      kSse);
  CHECK(vllm.at("error.type") == "BadRequestError");
  CHECK(vllm.at("status") == "2 Too long");
  CHECK(answer_of(kChat, R"({"code":0,"message":"Success","sid":"x","choices":[]})").empty());
}

TEST_CASE("an Azure error names what its filter found", "[bodies][openai_kin]") {
  CHECK(answer_of(kChat,
                  R"({"error":{"message":"Filtered","type":null,"param":"prompt","code":"content_filter",
      "status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}})",
                  {.status = 400}) == Attributes{{"error.type", "content_filter"}, {"status", "2 Filtered"}});
}

TEST_CASE("pictures and sounds have tokens too", "[bodies][openai_kin]") {
  CHECK(answer_of(model_call(BodyShape::kOpenAi, "image_generation"),
                  R"({"created":1,"data":[{"b64_json":"iVBORw0KGgo="}],"usage":{"total_tokens":100,
      "input_tokens":50,"output_tokens":50,"input_tokens_details":{"text_tokens":10,"image_tokens":40}}})") ==
        Attributes{{"gen_ai.usage.input_tokens", "50"},
                   {"gen_ai.usage.output_tokens", "50"},
                   {"gen_ai.usage.text.input_tokens", "10"},
                   {"gen_ai.usage.image.input_tokens", "40"}});
  CHECK(answer_of(model_call(BodyShape::kOpenAi, "transcription"),
                  R"({"text":"x","usage":{"type":"tokens","input_tokens":14,
      "input_token_details":{"text_tokens":0,"audio_tokens":14},"output_tokens":45,"total_tokens":59}})") ==
        Attributes{{"gen_ai.usage.input_tokens", "14"},
                   {"gen_ai.usage.output_tokens", "45"},
                   {"gen_ai.usage.audio.input_tokens", "14"}});
  CHECK(
      answer_of(model_call(BodyShape::kOpenAi, "speech"), "data: {\"id\":\"no\"}\n\n", {.type = "audio/mpeg"})
          .empty());
}

TEST_CASE("moderations and completions", "[bodies][openai_kin]") {
  CHECK(answer_of(model_call(BodyShape::kOpenAi, "moderation"),
                  R"({"id":"modr-1","model":"omni-moderation-latest","results":[{"flagged":true}]})") ==
        Attributes{{"gen_ai.response.id", "modr-1"}, {"gen_ai.response.model", "omni-moderation-latest"}});
  CHECK(answer_of(
            model_call(BodyShape::kOpenAi, "text_completion"),
            R"(data: {"id":"cmpl-1","choices":[{"text":"x","index":0,"finish_reason":"length"}],"model":"m"})"
            "\n\ndata: [DONE]\n\n",
            kSse) == Attributes{{"gen_ai.response.id", "cmpl-1"},
                                {"gen_ai.response.model", "m"},
                                {"gen_ai.response.finish_reasons", "[length]"},
                                {"chunks", "1"},
                                {"content", "started"}});
}

}  // namespace
}  // namespace llmo::genai
