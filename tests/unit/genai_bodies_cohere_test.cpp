#include "tests/unit/genai_bodies.h"

namespace llmo::genai {
namespace {

const ApiMatch kChat = model_call(BodyShape::kCohere);

TEST_CASE("a Cohere request has one letter for two parameters", "[bodies][cohere]") {
  CHECK(request_of(kChat, R"({"model":"command-a-03-2025","messages":[],"temperature":0.3,"p":0.75,"k":10,
      "max_tokens":50,"seed":1,"stop_sequences":["x"],"stream":true,"response_format":{"type":"json_object"}})") ==
        Attributes{{"gen_ai.request.model", "command-a-03-2025"},
                   {"gen_ai.request.temperature", "0.3"},
                   {"gen_ai.request.top_p", "0.75"},
                   {"gen_ai.request.top_k", "10"},
                   {"gen_ai.request.max_tokens", "50"},
                   {"gen_ai.request.seed", "1"},
                   {"gen_ai.request.stop_sequences", "[x]"},
                   {"gen_ai.request.stream", "true"},
                   {"gen_ai.output.type", "json"}});
}

TEST_CASE("a Cohere answer counts what is billed", "[bodies][cohere]") {
  CHECK(
      answer_of(kChat, R"({"id":"c14c","finish_reason":"TOOL_CALL","message":{"role":"assistant","content":[],
      "tool_calls":[{"id":"t","type":"function","function":{"name":"query_db","arguments":"{}"}}]},
      "usage":{"billed_units":{"input_tokens":5,"output_tokens":418},
               "tokens":{"input_tokens":71,"output_tokens":418},"cached_tokens":2}})") ==
      Attributes{{"gen_ai.response.id", "c14c"},
                 {"gen_ai.response.finish_reasons", "[TOOL_CALL]"},
                 {"gen_ai.usage.input_tokens", "5"},
                 {"gen_ai.usage.output_tokens", "418"},
                 {"gen_ai.usage.cache_read.input_tokens", "2"},
                 {"llmobserve.tool_calls", "[query_db]"}});
  CHECK(answer_of(kChat, R"({"usage":{"tokens":{"input_tokens":71,"output_tokens":8}}})") ==
        Attributes{{"gen_ai.usage.input_tokens", "71"}, {"gen_ai.usage.output_tokens", "8"}});
}

constexpr std::string_view kStart = R"(event: message-start
data: {"type":"message-start","id":"29f1","delta":{"message":{"role":"assistant","content":[],"tool_calls":[]}}}

event: content-delta
data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Hé"}}}}

event: tool-call-start
data: {"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"t","type":"function","function":{"name":"find","arguments":""}}}}}

)";

TEST_CASE("a Cohere stream has reason and usage at its end", "[bodies][cohere]") {
  CHECK(answer_of(kChat, std::string{kStart} + R"(event: message-end
data: {"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":3,"output_tokens":4},"tokens":{"input_tokens":9,"output_tokens":5}}}}

data: [DONE]

)",
                  kSse) == Attributes{{"gen_ai.response.id", "29f1"},
                                      {"gen_ai.response.finish_reasons", "[COMPLETE]"},
                                      {"gen_ai.usage.input_tokens", "3"},
                                      {"gen_ai.usage.output_tokens", "4"},
                                      {"llmobserve.tool_calls", "[find]"},
                                      {"chunks", "4"},
                                      {"content", "started"}});
  CHECK(answer_of(kChat, kStart, kSse).at("gen_ai.response.finish_reasons") == "[error]");
}

TEST_CASE("a Cohere stream may end with an error", "[bodies][cohere]") {
  const Attributes found =
      answer_of(kChat,
                std::string{kStart} +
                    R"(data: {"type":"message-end","delta":{"finish_reason":"ERROR","error":"It broke"}})"
                    "\n\n",
                kSse);
  CHECK(found.at("status") == "2 It broke");
  CHECK(found.at("gen_ai.response.finish_reasons") == "[ERROR]");
}

TEST_CASE("Cohere's first version answers, and streams lines", "[bodies][cohere]") {
  CHECK(answer_of(kChat, R"({"response_id":"r","text":"x","generation_id":"g","finish_reason":"COMPLETE",
      "tool_calls":[{"name":"f","parameters":{}}],"meta":{"api_version":{"version":"1"},
      "billed_units":{"input_tokens":3,"output_tokens":7},"tokens":{"input_tokens":68,"output_tokens":7}}})") ==
        Attributes{{"gen_ai.response.id", "r"},
                   {"gen_ai.response.finish_reasons", "[COMPLETE]"},
                   {"gen_ai.usage.input_tokens", "3"},
                   {"gen_ai.usage.output_tokens", "7"},
                   {"llmobserve.tool_calls", "[f]"}});
  CHECK(answer_of(kChat, R"({"is_finished":false,"event_type":"stream-start","generation_id":"g"}
{"is_finished":false,"event_type":"text-generation","text":"Hé"}
{"is_finished":true,"event_type":"stream-end","response":{"response_id":"r","text":"Hé","meta":{"billed_units":{"input_tokens":3,"output_tokens":1}}},"finish_reason":"COMPLETE"}
)",
                  {.type = "application/stream+json"}) ==
        Attributes{{"gen_ai.response.id", "r"},
                   {"gen_ai.response.finish_reasons", "[COMPLETE]"},
                   {"gen_ai.usage.input_tokens", "3"},
                   {"gen_ai.usage.output_tokens", "1"},
                   {"chunks", "3"},
                   {"content", "started"}});
}

TEST_CASE("Cohere's embeddings and reranking", "[bodies][cohere]") {
  const ApiMatch embed = model_call(BodyShape::kCohere, "embeddings");
  CHECK(request_of(embed, R"({"model":"embed-v4.0","texts":["a"],"embedding_types":["float","int8"],
      "output_dimension":256})") == Attributes{{"gen_ai.request.model", "embed-v4.0"},
                                               {"gen_ai.request.encoding_formats", "[float|int8]"},
                                               {"gen_ai.embeddings.dimension.count", "256"}});
  CHECK(
      answer_of(embed,
                R"({"id":"e","embeddings":{"float":[[0.1]]},"meta":{"billed_units":{"input_tokens":2}}})") ==
      Attributes{{"gen_ai.response.id", "e"}, {"gen_ai.usage.input_tokens", "2"}});
  CHECK(
      answer_of(
          model_call(BodyShape::kCohere, "rerank"),
          R"({"id":"x","results":[{"index":3,"relevance_score":0.9}],"meta":{"billed_units":{"search_units":1}}})") ==
      Attributes{{"gen_ai.response.id", "x"}});
}

TEST_CASE("a Cohere error", "[bodies][cohere]") {
  CHECK(answer_of(kChat, R"({"id":"1","message":"invalid api token"})", {.status = 401}).at("status") ==
        "2 invalid api token");
}

}  // namespace
}  // namespace llmo::genai
